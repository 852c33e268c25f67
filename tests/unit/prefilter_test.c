/* SPDX-License-Identifier: MIT */
/* The automaton against a naive search on random bytes, whole and cut. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/prefilter.h"

enum { RULES = 12, LEN = 4000 };

struct hits {
	uint8_t seen[LEN + 1][RULES];
	size_t base;
};

static void on_hit(const uint16_t *rules, size_t count, size_t end, void *context)
{
	struct hits *hits = context;
	for (size_t i = 0; i < count; i++)
		hits->seen[hits->base + end][rules[i]]++;
}

/* Few letters, so that keywords overlap and hide in each other. */
static char random_letter(void)
{
	return "aabbcABC-"[rand() % 9];
}

static void random_rules(struct rules *rules)
{
	*rules = (struct rules){0};
	for (size_t i = 0; i < RULES; i++) {
		struct secret_rule *rule = vec_add(&rules->secrets);
		rule->name = mem_printf("rule-%zu", i);
		for (int k = 0; k < 2; k++) {
			char *word = mem_alloc(10);
			size_t len = 3 + (size_t)(rand() % 5);
			for (size_t c = 0; c < len; c++)
				word[c] = (char)tolower(random_letter());
			*vec_add(&rule->keywords) = word;
		}
	}
}

static void free_rules(struct rules *rules)
{
	vec_each(&rules->secrets, rule) {
		vec_each(&rule->keywords, word)
			free(*word);
		vec_free(&rule->keywords);
		free(rule->name);
	}
	vec_free(&rules->secrets);
}

static void naive(const struct rules *rules, const char *text, struct hits *hits)
{
	for (size_t r = 0; r < rules->secrets.n; r++)
		vec_each(&rules->secrets.v[r].keywords, word) {
			size_t len = strlen(*word);
			for (size_t i = 0; i + len <= LEN; i++)
				if (!strncasecmp(text + i, *word, len))
					hits->seen[i + len][r] = 1;
		}
}

static void scan_cut(const struct prefilter *pf, const char *text, struct hits *hits,
		     size_t most)
{
	uint32_t state = 0;
	for (size_t at = 0; at < LEN;) {
		size_t n = 1 + (size_t)rand() % most;
		n = n > LEN - at ? LEN - at : n;
		hits->base = at;
		state = prefilter_scan(pf, state, (const uint8_t *)text + at, n, on_hit, hits);
		at += n;
	}
}

static void same_as_naive(void **unused)
{
	(void)unused;
	static struct hits want, got;
	for (unsigned seed = 1; seed <= 40; seed++) {
		struct rules rules;
		struct buf fault = {0};
		struct prefilter *pf;
		static char text[LEN + 1];
		srand(seed);
		random_rules(&rules);
		for (size_t i = 0; i < LEN; i++)
			text[i] = random_letter();
		for (size_t i = 0; i < LEN; i += 1 + (size_t)rand() % 90)
			text[i] = (char)(rand() % 256);
		memset(&want, 0, sizeof want);
		naive(&rules, text, &want);
		assert_int_equal(prefilter_new(&rules, &pf, &fault), 0);
		size_t most[] = {1, 7, LEN};
		for (size_t i = 0; i < 3; i++) {
			memset(&got, 0, sizeof got);
			scan_cut(pf, text, &got, most[i]);
			assert_memory_equal(got.seen, want.seen, sizeof want.seen);
		}
		prefilter_free(pf);
		free_rules(&rules);
	}
}

static void refuses_bad_keywords(void **unused)
{
	(void)unused;
	struct rules rules = {0};
	struct buf fault = {0};
	struct prefilter *pf = NULL;
	struct secret_rule *rule = vec_add(&rules.secrets);
	rule->name = mem_strdup("bare");
	assert_int_equal(prefilter_new(&rules, &pf, &fault), -EINVAL);
	assert_non_null(strstr(buf_text(&fault), "bare"));
	*vec_add(&rule->keywords) = mem_strdup("ab");
	assert_int_equal(prefilter_new(&rules, &pf, &fault), -EINVAL);
	assert_null(pf);
	free_rules(&rules);
	buf_free(&fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_naive),
		cmocka_unit_test(refuses_bad_keywords),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
