/* SPDX-License-Identifier: MIT */
/* Included by ways.c once for each instruction set: TARGET, NAME(find)
 * and what it needs, NAME(vector), load, table, all, low, high, pick, mask, lanes, and
 * the bits that mask has for a lane; zero: 0xff for each byte that is zero; turned: the
 * halves of each group changed about; empty: a bit for each group that is all zeros. */

struct NAME(set) {
	NAME(vector) low[WINDOW_SIZE], high[WINDOW_SIZE];
};

struct NAME(nibbles) {
	NAME(vector) low, high;
};

TARGET static inline struct NAME(set) NAME(set_of)(const struct lookup *lookup, int set)
{
	struct NAME(set) tables;
	for (int i = 0; i < WINDOW_SIZE; i++) {
		tables.low[i] = NAME(table)(lookup->low[set][i]);
		tables.high[i] = NAME(table)(lookup->high[set][i]);
	}
	return tables;
}

TARGET static inline struct NAME(nibbles) NAME(nibbles_at)(const uint8_t *at)
{
	NAME(vector) bytes = NAME(load)(at);
	return (struct NAME(nibbles)){NAME(low)(bytes), NAME(high)(bytes)};
}

TARGET static inline NAME(vector)
	NAME(buckets)(const struct NAME(set) * set, int place, struct NAME(nibbles) nibbles)
{
	return NAME(pick)(set->low[place], nibbles.low) &
	       NAME(pick)(set->high[place], nibbles.high);
}

/* A bit for each lane where a window of any bucket can begin; b may be NULL. */
TARGET static inline uint64_t NAME(mask_at)(const struct NAME(set) * a,
					    const struct NAME(set) * b, const uint8_t *at)
{
	struct NAME(nibbles) x0 = NAME(nibbles_at)(at), x1 = NAME(nibbles_at)(at + 1);
	struct NAME(nibbles) x2 = NAME(nibbles_at)(at + 2), x3 = NAME(nibbles_at)(at + 3);
	NAME(vector)
	in = NAME(buckets)(a, 0, x0) & NAME(buckets)(a, 1, x1) & NAME(buckets)(a, 2, x2) &
	     NAME(buckets)(a, 3, x3);
	if (b)
		in |= NAME(buckets)(b, 0, x0) & NAME(buckets)(b, 1, x1) &
		      NAME(buckets)(b, 2, x2) & NAME(buckets)(b, 3, x3);
	return NAME(mask)(in);
}

__attribute__((always_inline)) TARGET static inline size_t
NAME(find_in)(const struct lookup *lookup, const uint8_t *bytes, size_t count,
	      uint16_t *places, bool both)
{
	/* Some processors, or what they are lent through, fetch too little ahead. */
	enum { AHEAD = 2048, STEP = 64 / NAME(bits) };
	struct NAME(set) a = NAME(set_of)(lookup, 0), b = NAME(set_of)(lookup, SETS - 1);
	size_t n = 0, i = 0;
	for (; i + STEP <= count; i += STEP) {
		__builtin_prefetch(bytes + i + AHEAD);
		uint64_t mask = 0;
		for (size_t at = 0; at < STEP; at += NAME(lanes))
			mask |= NAME(mask_at)(&a, both ? &b : NULL, bytes + i + at) << at;
		for (; mask; mask &= mask - 1)
			places[n++] = (uint16_t)(i +
						 (size_t)__builtin_ctzll(mask) / NAME(bits));
	}
	return n + portable_from(lookup, bytes, i, count, places + n);
}

TARGET static size_t NAME(find)(const struct lookup *lookup, const uint8_t *bytes, size_t count,
				uint16_t *places)
{
	return lookup->sets == 1 ? NAME(find_in)(lookup, bytes, count, places, false)
				 : NAME(find_in)(lookup, bytes, count, places, true);
}

/* The groups of one vector, in the bits from `at` on of what is known of a block. */
TARGET static inline void NAME(sift_vector)(NAME(vector) kinds, unsigned at,
					    struct sifted *block)
{
	NAME(vector) zeros = kinds & NAME(all)(KIND_ZERO);
	unsigned some = ~NAME(empty)(zeros), all = NAME(empty)(zeros ^ NAME(all)(KIND_ZERO));
	unsigned even = NAME(empty)(zeros ^ NAME(turned)(zeros));
	block->digits |= NAME(empty)(NAME(zero)(kinds & NAME(all)(KIND_DIGITS))) << at;
	block->no_percents |= NAME(empty)(kinds & NAME(all)(KIND_PERCENT)) << at;
	block->no_backslashes |= NAME(empty)(kinds & NAME(all)(KIND_BACKSLASH)) << at;
	block->gaps |= (even & some & ~all) << at;
}

TARGET static void NAME(sift)(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	NAME(vector) low = NAME(table)(kinds_low), high = NAME(table)(kinds_high);
	for (size_t end = sieve->blocks + blocks; sieve->blocks < end; sieve->blocks++) {
		struct sifted block = {0};
		for (unsigned at = 0; at < SIEVE_BLOCK;
		     at += NAME(lanes), bytes += NAME(lanes)) {
			struct NAME(nibbles) n = NAME(nibbles_at)(bytes);
			NAME(sift_vector)
			(NAME(pick)(low, n.low) & NAME(pick)(high, n.high), at / SIEVE_GROUP,
			 &block);
		}
		keep(sieve, &block);
	}
}

#undef TARGET
#undef NAME
