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

/* Of 64 groups those that a search wants. What follows a group may be asked for, too: so
 * of the last eight nothing is taken, they come first in the next 64. */
typedef uint64_t sieve_test(uint64_t groups);
enum { SIEVE_TAKEN = 64 - 8 };

/* A walk over the wanted groups. */
struct sieve_walk {
	const uint8_t *at, *end;
	size_t group;	/* the first of those at hand, */
	uint64_t found; /* of which these are still to be told */
};

static inline uint64_t sieve_wanted(const uint8_t *at, sieve_test *wanted)
{
	return wanted(sieve_word(at)) & (((uint64_t)1 << SIEVE_TAKEN) - 1);
}

/* From `group` on. */
__attribute__((always_inline)) static inline struct sieve_walk sieve_walk(
	const struct sieve *sieve, const struct groups *groups, size_t group,
	sieve_test *wanted)
{
	struct sieve_walk walk = {.end = groups->blocks + sieve->blocks};
	walk.at = groups->blocks + group / 8;
	walk.group = group - group % 8;
	if (walk.at < walk.end)
		walk.found = sieve_wanted(walk.at, wanted) & ~(uint64_t)0 << group % 8;
	return walk;
}

/* The next one; SIZE_MAX if there is none. */
__attribute__((always_inline)) static inline size_t sieve_step(struct sieve_walk *walk,
							       sieve_test *wanted)
{
	while (!walk->found) {
		walk->at += SIEVE_TAKEN / 8;
		walk->group += SIEVE_TAKEN;
		if (walk->at >= walk->end)
			return SIZE_MAX;
		walk->found = sieve_wanted(walk->at, wanted);
	}
	size_t group = walk->group + (size_t)__builtin_ctzll(walk->found);
	walk->found &= walk->found - 1;
	return group;
}

/* The first wanted group from `group` on; SIZE_MAX if there is none. */
__attribute__((always_inline)) static inline size_t sieve_next(const struct sieve *sieve,
							       const struct groups *groups,
							       size_t group, sieve_test *wanted)
{
	struct sieve_walk walk = sieve_walk(sieve, groups, group, wanted);
	return sieve_step(&walk, wanted);
}

#endif
