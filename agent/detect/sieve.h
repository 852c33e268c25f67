/* SPDX-License-Identifier: MIT */
/* Which kinds of bytes stand where in a stretch of a window: one look at the bytes
 * serves all that search for encoded runs. They search the bits, eight bytes of the
 * window in each byte and the first in its lowest bit. */
#ifndef DETECT_SIEVE_H
#define DETECT_SIEVE_H

#include "detect/bytes.h"

enum {
	SIEVE_GROUP = 8,  /* bytes of the window whose bits are one byte */
	SIEVE_BLOCK = 64, /* that are looked at together */
	SIEVE_SPAN = 16 << 10,
	SIEVE_BLOCKS = SIEVE_SPAN / SIEVE_BLOCK + 1, /* the last is for looking ahead */
	SIEVE_GROUPS = SIEVE_BLOCKS * SIEVE_BLOCK / SIEVE_GROUP,
};

/* Of one kind. No bits are set in the groups behind the last; so many can be read. */
struct bits {
	uint8_t groups[SIEVE_GROUPS + 2 * sizeof(bytes16)];
};

struct sieve {
	size_t start;	    /* of the first group in the window */
	size_t groups;	    /* the last may go beyond the window */
	struct bits digits; /* of base64, in both alphabets */
	struct bits percents, backslashes, zeros;
};

/* From `from` up to at most SIEVE_SPAN bytes behind it, `to`, and a block that follows,
 * as far as there are `len` bytes. */
void sieve_make(struct sieve *sieve, const uint8_t *bytes, size_t from, size_t to, size_t len);

static inline size_t sieve_group(const struct sieve *sieve, size_t at)
{
	return at > sieve->start ? (at - sieve->start) / SIEVE_GROUP : 0;
}

static inline size_t sieve_at(const struct sieve *sieve, size_t group)
{
	return sieve->start + group * SIEVE_GROUP;
}

/* Sixteen groups, 0xff for each that the test of a search takes. */
typedef bytes16 group_test(const uint8_t *groups);

/* The first group from `group` on that passes; the number of groups if none does. */
__attribute__((always_inline)) static inline size_t sieve_next(const struct sieve *sieve,
							       const struct bits *bits,
							       size_t group, group_test *test)
{
	while (group < sieve->groups) {
		unsigned mask = bytes_mask(test(bits->groups + group));
		if (mask)
			return group + (size_t)__builtin_ctz(mask);
		group += sizeof(bytes16);
	}
	return sieve->groups; /* which is empty */
}

#endif
