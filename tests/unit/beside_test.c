/* SPDX-License-Identifier: MIT */
/* Rules that are asked only near the matches of another. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "finds.h"

enum { WINDOW = 256 << 10 };

/* Its keyword counts near a match of the other rule, on this side of a border or
 * that, and nowhere else. */
static void beside_another_rule(void **unused)
{
	(void)unused;
	struct rules both = {0};
	struct patterns *p = NULL;
	struct buf fault = {0};
	own_rule(&both, "key", "key", "key[=](?<secret>[a-z0-9_]{20,})")->confidence =
		CONFIDENCE_LOW;
	struct secret_rule *named = own_rule(&both, "acme-key", "acme",
					     "acme[a-z_ ]{0,80}[:=](?<secret>[a-z0-9_]{20,})");
	*vec_add(&named->beside) = mem_strdup("key");
	assert_int_equal(patterns_new(&both, &p, &fault), 0);
	size_t len = 2 * WINDOW;
	_cleanup_free_ char *text = mem_alloc(len);
	memset(text, '.', len);
	for (size_t at = WINDOW - 20480 - 40; at < WINDOW - 20480 + 8; at++) {
		struct seen seen = {0};
		char token[TOKEN + 1];
		token_make(token);
		memcpy(text + at, "acme my key=", 12);
		memcpy(text + at + 12, token, TOKEN);
		samples_examine(p, 1, text, len, finds_on_found, finds_on_trouble, &seen);
		assert_int_equal(seen.count, 2);
		assert_int_equal(seen.last.offset, at + 12);
		memcpy(text + at, "acme my kex=", 12);
		samples_examine(p, 1, text, len, finds_on_found, finds_on_trouble, &seen);
		assert_int_equal(seen.count, 2);
		memset(text + at, '.', 12 + TOKEN);
	}
	patterns_free(p);
	*vec_add(&named->beside) = mem_strdup("no-such-rule");
	assert_int_equal(patterns_new(&both, &p, &fault), -EINVAL);
	assert_non_null(strstr(buf_text(&fault), "no-such-rule"));
	buf_free(&fault);
	own_rules_clear(&both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_another_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
