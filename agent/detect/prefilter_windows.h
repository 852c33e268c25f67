/* SPDX-License-Identifier: MIT */
/* What the parts of the prefilter share; the method is told in prefilter.c. */
#ifndef DETECT_PREFILTER_WINDOWS_H
#define DETECT_PREFILTER_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	WINDOW_SIZE = 4, /* bytes of a keyword that are looked for first */
	WINDOW_MIN = 3,	 /* of a keyword that has no more */
	PLACES = 3,	 /* of a window's bytes that buckets tell apart */
	SETS = 3,
	BUCKETS = 8 * SETS, /* a bit each in the bytes of the SETS */
};

/* Which buckets hold a window with such a byte at a place, or with one that has the same
 * last bits. */
struct lookup {
	unsigned sets;			  /* that are used; few keywords do with one */
	uint8_t kinds[SETS][PLACES][32];  /* by five bits */
	uint8_t folded[SETS][PLACES][64]; /* by six */
	uint32_t whole[PLACES][256]; /* by byte, as five bits have it, a bit for each bucket */
};

struct keyword {
	uint64_t head, fold, mask; /* of its first eight bytes; see stands_at */
	const uint8_t *text;	   /* lower case, but for exact ones */
	uint8_t len, window;	   /* where its window begins */
	bool exact;		   /* letters match in one case only */
	uint16_t hash;		   /* of its window; see index_all */
	uint16_t rules, rule_count;
};

/* Four bytes as one number. Setting the bit that tells lower case throws some other bytes
 * together: they are compared for nothing. */
static inline uint32_t window_four(const uint8_t *at)
{
	uint32_t all;
	memcpy(&all, at, sizeof all);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	all = __builtin_bswap32(all);
#endif
	return all | 0x20202020;
}

static inline uint32_t window_hash(uint32_t four, unsigned bits)
{
	return four * 2654435761u >> (32 - bits);
}

/* Gives each keyword a window, the windows buckets, and the buckets to *ret. */
void windows_choose(struct keyword *keywords, size_t count, struct lookup *ret);

#endif
