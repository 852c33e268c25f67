/* SPDX-License-Identifier: MIT */
/* The sieve in every way that this processor has against a look at each byte, on random
 * bytes that lie where their allocation ends, so that the sanitizer sees a byte read too
 * many. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "detect/ways.h"

enum { LARGE = SIEVE_SPAN + 3 * SIEVE_BLOCK };

/* Long enough stretches of one kind that groups are full of it. */
static void random_bytes(uint8_t *bytes, size_t len)
{
	static const char *const sorts[] = {"AZaz09+/-_", "ab %\\",
					    "a\0b\0",	  "x\0\0\0",
					    "\0",	  "@[`{.,:\x80\xb0\xa5\xdc\xff\x1f"};
	static const size_t sizes[] = {10, 5, 4, 4, 1, 13};
	for (size_t at = 0; at < len;) {
		size_t sort = (size_t)rand() % 6, shift = (size_t)rand();
		for (size_t n = 1 + (size_t)rand() % 40; n && at < len; n--, at++)
			bytes[at] =
				(uint8_t)sorts[sort][(sort == 2 || sort == 3 ? shift + at
									     : (size_t)rand()) %
						     sizes[sort]];
	}
}

static bool is_digit(uint8_t c)
{
	return c < 0x80 && (isalnum(c) || (c && strchr("+/-_", c)));
}

/* What is known of the group that begins at `at`: in the order of struct sieve. */
static unsigned naive(const uint8_t *bytes, size_t at, size_t len)
{
	unsigned digits = 0, zeros = 0, kinds = 0;
	for (size_t i = 0; i < SIEVE_GROUP; i++) {
		uint8_t c = at + i < len ? bytes[at + i] : ' ';
		digits += is_digit(c);
		zeros |= (unsigned)!c << i;
		kinds |= c == '%' ? 2 : c == '\\' ? 4 : 0;
	}
	bool gaps = zeros && zeros != 0xff && (zeros & 15) == zeros >> 4;
	return kinds | (digits == SIEVE_GROUP) | (gaps ? 8 : 0);
}

static unsigned known(const struct sieve *sieve, size_t group)
{
	return (unsigned)(sieve_has(&sieve->digits, group) |
			  sieve_has(&sieve->percents, group) << 1 |
			  sieve_has(&sieve->backslashes, group) << 2 |
			  sieve_has(&sieve->gaps, group) << 3);
}

static void all_ways_see_the_same(void **state)
{
	static struct sieve sieve;
	(void)state;
	(void)way_here();
	for (int round = 0; round < 300; round++) {
		size_t blocks = (size_t)rand() % SIEVE_BLOCKS, len = blocks * SIEVE_BLOCK;
		uint8_t *bytes = mem_alloc(len + 1);
		random_bytes(bytes, len);
		for (const struct way *way = ways; way->name; way++) {
			if (!way->is_here())
				continue;
			sieve.blocks = 0;
			way->sift(bytes, blocks, &sieve);
			assert_int_equal(sieve.blocks, blocks);
			for (size_t group = 0; group < blocks * 8; group++)
				assert_int_equal(known(&sieve, group),
						 naive(bytes, group * SIEVE_GROUP, len));
		}
		free(bytes);
	}
}

static uint64_t any(uint64_t groups)
{
	return groups;
}

static uint64_t two(uint64_t groups)
{
	return groups & groups >> 1;
}

/* From each group on, the first of two neighbours that are full of digits. */
static void check_search(const struct sieve *sieve)
{
	size_t next = SIZE_MAX, one = SIZE_MAX;
	for (size_t group = sieve->blocks * 8; group--;) {
		bool here = known(sieve, group) & 1, behind = known(sieve, group + 1) & 1;
		one = here ? group : one;
		next = here && behind ? group : next;
		assert_int_equal(sieve_next(sieve, &sieve->digits, group, any), one);
		assert_int_equal(sieve_next(sieve, &sieve->digits, group, two), next);
	}
}

static void a_stretch_ends_where_its_bytes_do(void **state)
{
	static struct sieve sieve;
	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t len = 1 + (size_t)rand() % LARGE, from = (size_t)rand() % len;
		size_t span = len - from < SIEVE_SPAN ? len - from : SIEVE_SPAN;
		size_t to = from + 1 + (size_t)rand() % span;
		uint8_t *bytes = malloc(len);
		random_bytes(bytes, len);
		memset(&sieve, 0xff, sizeof sieve);
		sieve_make(&sieve, bytes, from, to, len);
		assert_true(sieve_at(&sieve, sieve.blocks * 8) >= to);
		for (size_t group = 0; group < sieve.blocks * 8; group++)
			assert_int_equal(known(&sieve, group),
					 naive(bytes, sieve_at(&sieve, group), len));
		for (size_t group = sieve.blocks * 8; group < (sieve.blocks + 8) * 8; group++)
			assert_int_equal(known(&sieve, group), 0);
		check_search(&sieve);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_see_the_same),
		cmocka_unit_test(a_stretch_ends_where_its_bytes_do),
	};
	return cmocka_run_group_tests_name("sieve", tests, NULL, NULL);
}
