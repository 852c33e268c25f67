/* SPDX-License-Identifier: MIT */
/* When a rule is asked: behind a keyword, near the match of another, everywhere; and what
 * two of them say of each other. */
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

static struct patterns *compiled(const struct rules *rules)
{
	struct patterns *p = NULL;
	struct buf fault = {0};
	assert_int_equal(patterns_new(rules, &p, &fault), 0);
	return p;
}

/* Round the border up to which keywords of the first window are looked for: `count`
 * finds, the last so far `into` the text, with a token behind `good`, none behind `bad`. */
static void round_a_border(const struct rules *rules, long only, const char *good,
			   const char *bad, size_t count, size_t into)
{
	struct patterns *p = compiled(rules);
	size_t len = 2 * WINDOW, before = strlen(good);
	_cleanup_free_ char *text = mem_alloc(len);
	memset(text, '.', len);
	for (size_t at = WINDOW - 20480 - 40; at < WINDOW - 20480 + 8; at++) {
		struct seen seen = {0};
		char token[TOKEN + 1];
		token_make(token);
		memcpy(text + at, good, before);
		memcpy(text + at + before, token, TOKEN);
		samples_examine(p, only, text, len, finds_on_found, finds_on_trouble, &seen);
		assert_int_equal(seen.count, count);
		assert_int_equal(seen.last.offset, at + into);
		memcpy(text + at, bad, before);
		samples_examine(p, only, text, len, finds_on_found, finds_on_trouble, &seen);
		assert_int_equal(seen.count, count);
		memset(text + at, '.', before + TOKEN);
	}
	patterns_free(p);
}

static void what_follows_decides(void **unused)
{
	(void)unused;
	struct rules bare = {0};
	struct secret_rule *rule = own_rule(&bare, "bare", "key",
					    "key[a-z]*(?<secret>[=:][a-z0-9_]{20,})");
	rule->before = 3;
	rule->then = mem_strdup("[a-z]{0,9}=");
	round_a_border(&bare, -1, "key keyword=", "key keyword:", 1, 11);
	own_rules_clear(&bare);
}

static void beside_another_rule(void **unused)
{
	(void)unused;
	struct rules both = {0};
	struct patterns *p = NULL;
	struct buf fault = {0};
	own_rule(&both, "key", "key", "key[=](?<secret>[a-z0-9_]{20,})");
	struct secret_rule *named = own_rule(&both, "acme-key", "acme",
					     "acme[a-z_ ]{0,80}[:=](?<secret>[a-z0-9_]{20,})");
	*vec_add(&named->beside) = mem_strdup("key");
	round_a_border(&both, 1, "acme my key=", "acme my kex=", 2, 12);
	*vec_add(&named->beside) = mem_strdup("no-such-rule");
	assert_int_equal(patterns_new(&both, &p, &fault), -EINVAL);
	assert_non_null(strstr(buf_text(&fault), "no-such-rule"));
	buf_free(&fault);
	own_rules_clear(&both);
}

/* An id and a secret of one provider, few lines apart. */
static void pairs_are_noted(void **unused)
{
	(void)unused;
	static const struct {
		const char *kinds[2], *providers[2];
		unsigned lines;
		bool pair;
	} cases[] = {
		{{"access key ID", "secret access key"}, {"Acme", "Acme"}, 1, true},
		{{"access key ID", "secret access key"}, {"Acme", "Acme"}, 5, true},
		{{"access key ID", "secret access key"}, {"Acme", "Acme"}, 6, false},
		{{"access key ID", "secret access key"}, {"Acme", "Other"}, 1, false},
		{{"access key ID", "secret access key"}, {NULL, NULL}, 1, false},
		{{"API token", "secret access key"}, {"Acme", "Acme"}, 1, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rules both = {0};
		struct patterns *p = NULL;
		struct buf fault = {0}, text = {0};
		struct seen seen = {0};
		own_rule(&both, "id", "aid_", "aid_(?<secret>[a-z0-9_]{24})");
		own_rule(&both, "key", "key_", "key_(?<secret>[a-z0-9_]{24})");
		both.weights.of[REASON_PAIR] = -1;
		for (size_t k = 0; k < 2; k++) {
			char token[TOKEN + 1];
			token_make(token);
			buf_printf(&text, "%s%s\n", k ? "key_" : "aid_", token);
			for (unsigned line = 1; !k && line < cases[i].lines; line++)
				buf_puts(&text, "\n");
			struct secret_rule *rule = &both.secrets.v[k];
			rule->kind = (char *)(uintptr_t)cases[i].kinds[k];
			rule->provider = (char *)(uintptr_t)cases[i].providers[k];
		}
		assert_int_equal(patterns_new(&both, &p, &fault), 0);
		samples_examine(p, -1, text.data, text.len, finds_on_found, finds_on_trouble,
				&seen);
		assert_int_equal(seen.count, 2);
		assert_int_equal(seen.last.because >> REASON_PAIR & 1, cases[i].pair);
		assert_int_equal(seen.last.confidence == CONFIDENCE_LOW, cases[i].pair);
		buf_free(&text);
		patterns_free(p);
		own_rules_clear(&both);
	}
}

static bool give_up(void *context)
{
	size_t *left = context;
	return (*left)-- == 0;
}

/* A rule without keyword is tried at every byte once: at the borders of its own
 * steps (4096), of the prefilter's and of the windows; and it can be stopped. */
static void expensive_is_tried_everywhere(void **unused)
{
	(void)unused;
	static const size_t borders[] = {40,	 4096,		 64 << 10,
					 WINDOW, WINDOW - 20480, 2 * WINDOW - 20480 - 1664};
	struct rules bare = {0};
	struct patterns *p = NULL;
	struct buf fault = {0};
	own_rule(&bare, "bare", NULL, "(?<![a-z0-9])(?<secret>[a-z0-9]{3}_[a-z0-9]{20})(?!\\w)")
		->expensive = true;
	assert_int_equal(patterns_new(&bare, &p, &fault), 0);
	size_t len = 3 * WINDOW;
	_cleanup_free_ char *text = mem_alloc(len);
	memset(text, '.', len);
	for (size_t b = 0; b < sizeof borders / sizeof *borders; b++)
		for (size_t at = borders[b] - 26; at < borders[b] + 3; at++) {
			struct seen seen = {0};
			char token[TOKEN + 1];
			token_make(token);
			memcpy(text + at, token, 24);
			samples_examine(p, -1, text, len, finds_on_found, finds_on_trouble,
					&seen);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.troubles, 0);
			assert_int_equal(seen.last.offset, at);
			memset(text + at, '.', 24);
		}
	uint8_t enabled[MASK_SIZE] = {1};
	size_t ticks = 20; /* more than reading takes, fewer than matching */
	struct match m = {
		.patterns = p,
		.enabled = enabled,
		.most = 9,
		.tick = give_up,
		.tick_context = &ticks,
	};
	struct source source;
	source_memory(&source, text, len);
	assert_int_equal(match_stream(&m, &source), 0);
	assert_true(m.stopped);
	source_clear(&source);
	match_free(&m);
	patterns_free(p);
	own_rules_clear(&bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_follows_decides),
		cmocka_unit_test(beside_another_rule),
		cmocka_unit_test(pairs_are_noted),
		cmocka_unit_test(expensive_is_tried_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
