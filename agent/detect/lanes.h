/* SPDX-License-Identifier: MIT */
/* Included by ways.c once for each instruction set: TARGET, NAME(find)
 * and what it needs, NAME(vector), load, all, mask, lanes, and the bits that mask has
 * for a lane; zero: 0xff for each byte that is zero; turned: the halves of each group
 * changed about; empty: a bit for each group that is all zeros.
 *
 * A map gives each byte another: one that is in both of two tables of sixteen, which
 * table, low, high and pick are for. OWN_MAP: the set has better means. */

#ifndef OWN_MAP
struct NAME(map) {
	NAME(vector) low, high;
};

struct NAME(kinds) {
	struct NAME(map) map;
};

struct NAME(key) {
	NAME(vector) low, high;
};

TARGET static inline struct NAME(map)
	NAME(map_of)(const struct lookup *lookup, int set, int place)
{
	return (struct NAME(map)){NAME(table)(lookup->low[set][place]),
				  NAME(table)(lookup->high[set][place])};
}

TARGET static inline struct NAME(kinds) NAME(map_of_kinds)(void)
{
	return (struct NAME(kinds)){{NAME(table)(kinds_low), NAME(table)(kinds_high)}};
}

TARGET static inline struct NAME(key) NAME(key_at)(const uint8_t *at)
{
	NAME(vector) bytes = NAME(load)(at);
	return (struct NAME(key)){NAME(low)(bytes), NAME(high)(bytes)};
}

TARGET static inline NAME(vector)
	NAME(mapped)(const struct NAME(map) * map, struct NAME(key) key)
{
	return NAME(pick)(map->low, key.low) & NAME(pick)(map->high, key.high);
}

TARGET static inline NAME(vector)
	NAME(kinds_at)(const struct NAME(kinds) * kinds, const uint8_t *at)
{
	return NAME(mapped)(&kinds->map, NAME(key_at)(at));
}

TARGET static inline unsigned NAME(without)(NAME(vector) kinds, uint8_t kind)
{
	return NAME(empty)(kinds & NAME(all)(kind));
}

TARGET static inline unsigned NAME(digits)(NAME(vector) kinds)
{
	return NAME(empty)(NAME(zero)(kinds & NAME(all)(KIND_DIGITS)));
}

#endif

/* Those of a window's bytes. */
struct NAME(set) {
	struct NAME(map) at[WINDOW_SIZE];
};

TARGET static inline struct NAME(set) NAME(set_of)(const struct lookup *lookup, int set)
{
	struct NAME(set) maps;
	for (int i = 0; i < WINDOW_SIZE; i++)
		maps.at[i] = NAME(map_of)(lookup, set, i);
	return maps;
}

TARGET static inline NAME(vector)
	NAME(buckets)(const struct NAME(set) * set, struct NAME(key) x0, struct NAME(key) x1,
		      struct NAME(key) x2, struct NAME(key) x3)
{
	return NAME(mapped)(&set->at[0], x0) & NAME(mapped)(&set->at[1], x1) &
	       NAME(mapped)(&set->at[2], x2) & NAME(mapped)(&set->at[3], x3);
}

/* A bit for each lane where a window of any bucket can begin. */
__attribute__((always_inline)) TARGET static inline uint64_t NAME(mask_at)(
	const struct NAME(set) * sets, unsigned count, const uint8_t *at)
{
	struct NAME(key) x0 = NAME(key_at)(at), x1 = NAME(key_at)(at + 1);
	struct NAME(key) x2 = NAME(key_at)(at + 2), x3 = NAME(key_at)(at + 3);
	NAME(vector) in = NAME(buckets)(sets, x0, x1, x2, x3);
	for (unsigned i = 1; i < count; i++)
		in |= NAME(buckets)(sets + i, x0, x1, x2, x3);
	return NAME(mask)(in);
}

/* Nobody can tell how many bits are set, so the first few are taken without asking. */
TARGET static inline size_t NAME(tell)(uint64_t mask, size_t i, uint16_t *places)
{
	enum { MOSTLY = 6 };
	_Static_assert((int)MOSTLY <= (int)WAY_SPARE, "written behind the last place");
	size_t n = (size_t)__builtin_popcountll(mask);
	uint64_t end = (uint64_t)1 << 63;
	for (unsigned k = 0; k < MOSTLY; k++, mask &= mask - 1)
		*places++ = (uint16_t)(i + (size_t)__builtin_ctzll(mask | end) / NAME(bits));
	for (; mask; mask &= mask - 1)
		*places++ = (uint16_t)(i + (size_t)__builtin_ctzll(mask) / NAME(bits));
	return n;
}

__attribute__((always_inline)) TARGET static inline uint64_t NAME(step)(
	const struct NAME(set) * sets, unsigned count, const uint8_t *bytes)
{
	uint64_t mask = 0;
	for (size_t at = 0; at < 64 / NAME(bits); at += NAME(lanes))
		mask |= NAME(mask_at)(sets, count, bytes + at) << at;
	return mask;
}

__attribute__((always_inline)) TARGET static inline size_t NAME(find_in)(
	const struct lookup *lookup, const uint8_t *bytes, size_t count, uint16_t *places,
	unsigned count_of_sets)
{
	enum { STEP = 64 / NAME(bits) };
	struct NAME(set) sets[SETS];
	for (unsigned set = 0; set < count_of_sets; set++)
		sets[set] = NAME(set_of)(lookup, (int)set);
	size_t n = 0, i = 0;
	for (; i + STEP <= count; i += STEP) {
		__builtin_prefetch(bytes + i + AHEAD);
		uint64_t mask = NAME(step)(sets, count_of_sets, bytes + i);
		if (mask)
			n += NAME(tell)(mask, i, places + n);
	}
	if (i < count && i) { /* a step back, for those that are left */
		size_t last = count - STEP;
		uint64_t mask = NAME(step)(sets, count_of_sets, bytes + last);
		return n + NAME(tell)(mask >> (i - last) * NAME(bits), i, places + n);
	}
	return n + portable_from(lookup, bytes, i, count, places + n);
}

TARGET static size_t NAME(find)(const struct lookup *lookup, const uint8_t *bytes, size_t count,
				uint16_t *places)
{
	switch (lookup->sets) {
	case 1:
		return NAME(find_in)(lookup, bytes, count, places, 1);
	case 2:
		return NAME(find_in)(lookup, bytes, count, places, 2);
	default:
		return NAME(find_in)(lookup, bytes, count, places, SETS);
	}
}

/* The groups of one vector, in the bits from `at` on of what is known of a block. */
TARGET static inline void NAME(sift_vector)(NAME(vector) kinds, unsigned at,
					    struct sifted *block)
{
	NAME(vector) zeros = kinds & NAME(all)(KIND_ZERO);
	unsigned some = ~NAME(without)(kinds, KIND_ZERO),
		 all = NAME(without)(~kinds, KIND_ZERO);
	unsigned even = NAME(empty)(zeros ^ NAME(turned)(zeros));
	block->digits |= NAME(digits)(kinds) << at;
	block->no_percents |= NAME(without)(kinds, KIND_PERCENT) << at;
	block->no_backslashes |= NAME(without)(kinds, KIND_BACKSLASH) << at;
	block->gaps |= (even & some & ~all) << at;
}

TARGET static void NAME(sift)(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	struct NAME(kinds) map = NAME(map_of_kinds)();
	for (size_t end = sieve->blocks + blocks; sieve->blocks < end; sieve->blocks++) {
		struct sifted block = {0};
		__builtin_prefetch(bytes + AHEAD);
		for (unsigned at = 0; at < SIEVE_BLOCK; at += NAME(lanes), bytes += NAME(lanes))
			NAME(sift_vector)
		(NAME(kinds_at)(&map, bytes), at / SIEVE_GROUP, &block);
		keep(sieve, &block);
	}
}

#undef TARGET
#undef NAME
#undef OWN_MAP
