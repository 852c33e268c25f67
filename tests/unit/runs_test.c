/* SPDX-License-Identifier: MIT */
/* Where long runs begin, against a look at every byte; and tokens at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/runs.h"
#include "finds.h"

enum { LEN = 3000 };

static bool told[LEN];

static void on_word(size_t at, void *unused)
{
	(void)unused;
	assert_true(at < LEN);
	told[at] = true;
}

static bool is_word(uint8_t c)
{
	return c && strchr("abcxyzABCXYZ0189-_", c);
}

/* A word's begin, from which dots and words lead to a run that is long enough. */
static bool is_wanted(const uint8_t *bytes, size_t at)
{
	if (!is_word(bytes[at]) || (at && is_word(bytes[at - 1])))
		return false;
	size_t run = 0;
	for (size_t i = at; i < LEN && (is_word(bytes[i]) || bytes[i] == '.'); i++) {
		run = bytes[i] == '.' ? 0 : run + 1;
		if (run == RUNS_SURE)
			return i + 1 - run <= at + RUNS_BACK;
	}
	return false;
}

static void every_long_run(void **unused)
{
	(void)unused;
	static const char letters[] = "abcxyzABCXYZ0189-_abcxyzABCXYZ0189-_.... /+=\n\1";
	for (unsigned seed = 0; seed < 300; seed++) {
		static struct sieve sieve;
		uint8_t bytes[LEN];
		srand(seed);
		for (size_t i = 0; i < LEN; i++)
			bytes[i] = (uint8_t)letters[(unsigned)rand() % (seed % 2 ? 40 : 46)];
		memset(told, 0, sizeof told);
		for (size_t at = 0, step; at < LEN; at += step) {
			step = 1 + (size_t)rand() % 1200;
			step = step < LEN - at ? step : LEN - at;
			sieve_make(&sieve, bytes, at, at + step, LEN);
			runs_each(&sieve, bytes, 0, at + step, on_word, NULL);
		}
		for (size_t at = 0; at < LEN; at++)
			if (is_wanted(bytes, at))
				assert_true(told[at]);
	}
}

static int set_up(void **unused)
{
	(void)unused;
	struct secret_rule *rule = own_rule(
		&finds_rules, "word", "acme.",
		"(?<![a-z_])acme[.][a-z]{8}[.](?<secret>[a-z0-9]{32})");
	rule->token = rule->in_binary = true;
	return finds_begin();
}

/* Round the borders of grains (16 KiB), windows and of what a window looks ahead. */
static void tokens_at_every_place(void **unused)
{
	(void)unused;
	static const size_t borders[] = {100, 16384, 32768, (256 << 10) - 20480, 256 << 10};
	static char bytes[300 << 10];
	for (unsigned text = 0; text < 2; text++)
		for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
			for (size_t at = borders[i] - 90; at < borders[i] + 40; at++) {
				memset(bytes, text ? ' ' : 1, sizeof bytes);
				memcpy(bytes + at,
				       "acme.abcdefgh.q8z4k1m0x7v3b9n2c6l5j4h3w2e4r6t8", 46);
				struct seen seen = finds_in(bytes, sizeof bytes);
				assert_int_equal(seen.count, 1);
				assert_int_equal(seen.last.offset, at + 14);
			}
}

/* In the middle of a word it is none; behind a slash it is. */
static void where_words_begin(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{"x=acme.abcdefgh.q8z4k1m0x7v3b9n2c6l5j4h3w2e4r6t8", 1},
		{"xacme.abcdefgh.q8z4k1m0x7v3b9n2c6l5j4h3w2e4r6t8", 0},
		{"https://a.b/some/path/to/acme.abcdefgh.q8z4k1m0x7v3b9n2c6l5j4h3w2e4r6t8/", 1},
		{"acme.abcdefgh", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(finds_in(cases[i].text, strlen(cases[i].text)).count,
				 cases[i].count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_long_run),
		cmocka_unit_test(tokens_at_every_place),
		cmocka_unit_test(where_words_begin),
	};
	return cmocka_run_group_tests(tests, set_up, finds_end);
}
