/* SPDX-License-Identifier: MIT */
/* Where in a stretch of a window an encoded run can be: one look at the bytes serves
 * all that search for runs. Each eight bytes are a group, and of a group is known
 *
 *     digits       all are digits of base64, in either alphabet
 *     percents     there is a % in it
 *     backslashes  likewise
 *     gaps         zeros and others stand as in UTF-16 or UTF-32 */
#ifndef DETECT_SIEVE_H
#define DETECT_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	SIEVE_GROUP = 8,
	SIEVE_BLOCK = 64, /* bytes that are looked at together */
	SIEVE_SPAN = 16 << 10,
	SIEVE_BLOCKS = SIEVE_SPAN / SIEVE_BLOCK + 1, /* the last is for looking ahead */
};

/* A bit for each group, a byte for each block. There are none behind the last. */
struct groups {
	uint8_t blocks[SIEVE_BLOCKS + 2 * sizeof(uint64_t)];
};

struct sieve {
	size_t start;  /* of the first group in the window */
	size_t blocks; /* the last may go beyond the window */
	struct groups digits, percents, backslashes, gaps;
};

/* From `from` up to at most SIEVE_SPAN bytes behind it, `to`, and a block that follows,
 * as far as there are `len` bytes. */
void sieve_make(struct sieve *sieve, const uint8_t *bytes, size_t from, size_t to, size_t len);

/* The group of a place in the window, and where a group begins. */
static inline size_t sieve_group(const struct sieve *sieve, size_t at)
{
	return at > sieve->start ? (at - sieve->start) / SIEVE_GROUP : 0;
}

static inline size_t sieve_at(const struct sieve *sieve, size_t group)
{
	return sieve->start + group * SIEVE_GROUP;
}

static inline bool sieve_has(const struct groups *groups, size_t group)
{
	return groups->blocks[group / 8] >> group % 8 & 1;
}

/* A bit for each of 64 groups that a search wants, by them and the 64 behind them. */
typedef uint64_t sieve_test(uint64_t here, uint64_t behind);

/* The same groups, each in the place of the one so many before it. */
static inline uint64_t sieve_behind(uint64_t here, uint64_t behind, unsigned count)
{
	return here >> count | behind << (64 - count);
}

static inline uint64_t sieve_word(const uint8_t *blocks)
{
	uint64_t word;
	memcpy(&word, blocks, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* The first wanted group from `group` on; SIZE_MAX if there is none. */
__attribute__((always_inline)) static inline size_t sieve_next(const struct sieve *sieve,
							       const struct groups *groups,
							       size_t group, sieve_test *wanted)
{
	uint64_t asked = ~(uint64_t)0 << group % SIEVE_GROUP;
	for (size_t i = group / SIEVE_GROUP; i < sieve->blocks; i += sizeof asked) {
		const uint8_t *at = groups->blocks + i;
		uint64_t found = wanted(sieve_word(at), sieve_word(at + sizeof asked)) & asked;
		if (found)
			return i * SIEVE_GROUP + (size_t)__builtin_ctzll(found);
		asked = ~(uint64_t)0;
	}
	return SIZE_MAX;
}

#endif
