/* SPDX-License-Identifier: MIT */
/* The prefilter in every way that this processor has against a naive search, on
 * random bytes: each length, each place in memory, whole and cut. What is scanned
 * ends where its allocation does, so that the sanitizer sees a byte read too many. */
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
#include "own_rules.h"

enum { RULES = 12, SMALL = 300, LARGE = 20000 };

struct hits {
	uint8_t seen[LARGE + 1][RULES];
	size_t base, last_end;
};

static void on_hit(uint16_t rule, size_t end, void *context)
{
	struct hits *hits = context;
	assert_true(hits->base + end >= hits->last_end);
	hits->last_end = hits->base + end;
	hits->seen[hits->base + end][rule]++;
}

/* Few letters, so that keywords overlap and hide in each other. */
static char random_letter(void)
{
	return "aabbcABC-@[{\xe1\xc2"[rand() % 14]; /* the last as if they were a and B */
}

static void random_rules(struct rules *rules, size_t longest)
{
	*rules = (struct rules){0};
	for (size_t i = 0; i < RULES; i++) {
		char name[32];
		snprintf(name, sizeof name, "rule-%zu", i);
		struct secret_rule *rule = own_rule(rules, name, NULL, NULL);
		for (int k = 0; k < 3; k++) {
			size_t len = 3 + (size_t)rand() % (longest - 2);
			char *word = mem_alloc(len + 1);
			for (size_t c = 0; c < len; c++)
				word[c] = k ? (char)tolower((uint8_t)random_letter())
					    : random_letter();
			*vec_add(&rule->keywords) = word;
		}
	}
}

/* A word with a capital letter stands only for itself. */
static bool starts_with(const uint8_t *at, const char *word)
{
	bool exact = false;
	for (const char *c = word; *c; c++)
		exact |= *c >= 'A' && *c <= 'Z';
	for (; *word; word++, at++)
		if (*at != (uint8_t)*word && (exact || *at != (uint8_t)toupper(*word)))
			return false;
	return true;
}

static void clear(struct hits *hits, size_t text_len)
{
	memset(hits->seen, 0, (text_len + 1) * sizeof *hits->seen);
	hits->base = hits->last_end = 0;
}

static void naive(const struct rules *rules, const uint8_t *text, size_t text_len,
		  struct hits *hits)
{
	clear(hits, text_len);
	for (size_t r = 0; r < rules->secrets.n; r++)
		vec_each(&rules->secrets.v[r].keywords, word) {
			size_t len = strlen(*word);
			for (size_t i = 0; i + len <= text_len; i++)
				if (starts_with(text + i, *word))
					hits->seen[i + len][r] = 1;
		}
}

/* Dense, or thin enough that whole vectors are passed over; with whole keywords. */
static void random_text(const struct rules *rules, uint8_t *text, size_t len)
{
	int other = rand() % 3;
	for (size_t i = 0; i < len; i++)
		text[i] = (uint8_t)(other && rand() % (8 * other) ? 'x' : random_letter());
	for (size_t i = 0; i < len; i += 1 + (size_t)rand() % 90)
		text[i] = (uint8_t)(rand() % 256);
	for (size_t i = (size_t)rand() % 50; i < len; i += 1 + (size_t)rand() % 400) {
		const char *word =
			rules->secrets.v[rand() % RULES].keywords.v[(unsigned)rand() % 3];
		for (size_t at = i; *word && at < len; word++, at++)
			text[at] = (uint8_t)(rand() % 2 ? *word : toupper(*word));
	}
}

/* In pieces of at most `most` bytes; each call sees no more than it needs before
 * them, in a block of its own that begins `shift` bytes behind an aligned place. */
static void scan_cut(const struct prefilter *pf, const uint8_t *text, size_t len, size_t most,
		     struct hits *hits)
{
	clear(hits, len);
	for (size_t at = 0; at < len;) {
		size_t n = 1 + (size_t)rand() % most, shift = (size_t)rand() % 64;
		n = n > len - at ? len - at : n;
		size_t before = at < KEYWORD_MAX ? at : KEYWORD_MAX;
		uint8_t *block = mem_alloc(shift + before + n);
		memcpy(block + shift, text + at - before, before + n);
		hits->base = at - before;
		prefilter_scan(pf, block + shift, before, before + n, on_hit, hits);
		free(block);
		at += n;
	}
}

static void scan_whole(const struct prefilter *pf, const uint8_t *text, size_t len,
		       size_t shift, struct hits *hits)
{
	uint8_t *block = mem_alloc(shift + len ? shift + len : 1);
	clear(hits, len);
	memcpy(block + shift, text, len);
	prefilter_scan(pf, block + shift, 0, len, on_hit, hits);
	free(block);
}

static void check(const struct rules *rules, struct prefilter *pf, size_t len)
{
	static struct hits want, got;
	static const size_t most[] = {1, 7, 70, LARGE};
	static uint8_t text[LARGE];
	random_text(rules, text, len);
	naive(rules, text, len, &want);
	for (const char *const *way = prefilter_ways(); *way; way++) {
		assert_true(prefilter_force(pf, *way));
		scan_whole(pf, text, len, (size_t)rand() % 64, &got);
		assert_memory_equal(got.seen, want.seen, (len + 1) * sizeof *want.seen);
		size_t i = len > SMALL ? 3 : (size_t)rand() % 4;
		scan_cut(pf, text, len, most[i], &got);
		assert_memory_equal(got.seen, want.seen, (len + 1) * sizeof *want.seen);
	}
}

static struct prefilter *prefilter_of(const struct rules *rules)
{
	struct prefilter *pf = NULL;
	struct buf fault = {0};
	assert_int_equal(prefilter_new(rules, NULL, &pf, &fault), 0);
	return pf;
}

static void same_as_naive(void **unused)
{
	(void)unused;
	for (unsigned seed = 1; seed <= 5; seed++) {
		struct rules rules;
		srand(seed);
		random_rules(&rules, seed % 2 ? 5 : 40);
		struct prefilter *pf = prefilter_of(&rules);
		for (size_t len = 0; len <= SMALL; len++)
			check(&rules, pf, len);
		check(&rules, pf, LARGE);
		check(&rules, pf, LARGE - 1 - (size_t)rand() % 5000);
		prefilter_free(pf);
		own_rules_clear(&rules);
	}
}

/* A keyword cut at each of its bytes is found by the second call, once; also if
 * another keyword of the rule ends with it. */
static void found_at_every_cut(void **unused)
{
	(void)unused;
	static struct hits got;
	struct rules rules = {0};
	struct secret_rule *rule = own_rule(&rules, "cut", "made-up-keyword", NULL);
	*vec_add(&rule->keywords) = mem_strdup("ord");
	struct prefilter *pf = prefilter_of(&rules);
	static const char text[] = "....Made-Up-Keyword....................................";
	for (const char *const *way = prefilter_ways(); *way; way++)
		for (size_t cut = 0; cut < sizeof text; cut++) {
			assert_true(prefilter_force(pf, *way));
			memset(&got, 0, sizeof got);
			const uint8_t *bytes = (const uint8_t *)text;
			prefilter_scan(pf, bytes, 0, cut, on_hit, &got);
			assert_int_equal(got.last_end, cut >= 19 ? 19 : 0);
			prefilter_scan(pf, bytes, cut, sizeof text - 1, on_hit, &got);
			assert_int_equal(got.last_end, 19);
			assert_int_equal(got.seen[19][0], 1);
		}
	prefilter_free(pf);
	own_rules_clear(&rules);
}

static void ways_end_with_portable(void **unused)
{
	(void)unused;
	struct rules rules;
	random_rules(&rules, 5);
	struct prefilter *pf = prefilter_of(&rules);
	const char *const *way = prefilter_ways();
	while (way[1]) {
		print_message("way: %s\n", *way);
		way++;
	}
	assert_string_equal(*way, "portable");
	assert_false(prefilter_force(pf, "abacus"));
	prefilter_free(pf);
	own_rules_clear(&rules);
}

static bool is_second(const struct secret_rule *rule)
{
	return strcmp(rule->name, "second") == 0;
}

static void only_wanted_rules(void **unused)
{
	(void)unused;
	static struct hits got;
	struct rules rules = {0};
	struct buf fault = {0};
	struct prefilter *pf;
	own_rule(&rules, "first", "word", NULL);
	own_rule(&rules, "second", "word", NULL);
	assert_int_equal(prefilter_new(&rules, is_second, &pf, &fault), 0);
	prefilter_scan(pf, (const uint8_t *)"a word", 0, 6, on_hit, &got);
	assert_int_equal(got.seen[6][0], 0);
	assert_int_equal(got.seen[6][1], 1);
	prefilter_free(pf);
	own_rules_clear(&rules);
}

static void refuses_bad_keywords(void **unused)
{
	(void)unused;
	struct rules rules = {0};
	struct buf fault = {0};
	struct prefilter *pf = NULL;
	struct secret_rule *rule = own_rule(&rules, "bare", NULL, NULL);
	assert_int_equal(prefilter_new(&rules, NULL, &pf, &fault), -EINVAL);
	assert_non_null(strstr(buf_text(&fault), "bare"));
	*vec_add(&rule->keywords) = mem_strdup("ab");
	assert_int_equal(prefilter_new(&rules, NULL, &pf, &fault), -EINVAL);
	free(rule->keywords.v[0]);
	rule->keywords.v[0] = mem_printf("%0*d", KEYWORD_MAX + 1, 0);
	assert_int_equal(prefilter_new(&rules, NULL, &pf, &fault), -EINVAL);
	assert_null(pf);
	own_rules_clear(&rules);
	buf_free(&fault);
}

static void expensive_needs_no_keyword(void **unused)
{
	(void)unused;
	static struct hits got;
	struct rules rules = {0};
	own_rule(&rules, "bare", NULL, NULL)->expensive = true;
	struct prefilter *pf = prefilter_of(&rules);
	prefilter_scan(pf, (const uint8_t *)"abcdefgh", 0, 8, on_hit, &got);
	assert_int_equal(got.last_end, 0);
	prefilter_free(pf);
	own_rules_clear(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_naive),
		cmocka_unit_test(found_at_every_cut),
		cmocka_unit_test(ways_end_with_portable),
		cmocka_unit_test(only_wanted_rules),
		cmocka_unit_test(refuses_bad_keywords),
		cmocka_unit_test(expensive_needs_no_keyword),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
