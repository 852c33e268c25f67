/* SPDX-License-Identifier: MIT */
/* Included by ways.c once for each instruction set: TARGET, NAME(find)
 * and what it needs, NAME(vector), load, all, mask, lanes, and the bits that mask has
 * for a lane; settle: the compiler has to know a vector here (or it gets all maps first and
 * has no registers left for what comes of them); zero: 0xff for each byte that is zero; turned:
 * the halves of each group changed about; empty: a bit for each group that is all zeros.
 *
 * A map gives each byte another, by its last five bits: `first` is what picks from the
 * first half of the map's 32 bytes, and nothing where the byte is of the second, `second`
 * the other way round. Kinds are those that are in both of two tables, by the halves of a
 * byte, which low and high are for. OWN_MAP: the set has better means for both. */

#ifndef OWN_MAP
struct NAME(map) {
	NAME(vector) first, second;
};

struct NAME(kinds) {
	NAME(vector) low, high;
};

struct NAME(key) {
	NAME(vector) first, second;
};

TARGET static inline struct NAME(map)
	NAME(map_of)(const struct lookup *lookup, int set, int place)
{
	const uint8_t *kinds = lookup->kinds[set][place];
	return (struct NAME(map)){NAME(table)(kinds), NAME(table)(kinds + 16)};
}

TARGET static inline struct NAME(key) NAME(key_at)(const uint8_t *at)
{
	NAME(vector) first = NAME(first)(NAME(load)(at));
	return (struct NAME(key)){first, NAME(second)(first)};
}

TARGET static inline NAME(vector)
	NAME(mapped)(const struct NAME(map) * map, struct NAME(key) key)
{
	return NAME(pick)(map->first, key.first) | NAME(pick)(map->second, key.second);
}

TARGET static inline struct NAME(kinds) NAME(map_of_kinds)(void)
{
	return (struct NAME(kinds)){NAME(table)(kinds_low), NAME(table)(kinds_high)};
}

TARGET static inline NAME(vector)
	NAME(kinds_at)(const struct NAME(kinds) * kinds, const uint8_t *at)
{
	NAME(vector) bytes = NAME(load)(at);
	return NAME(pick)(kinds->low, NAME(low)(bytes)) &
	       NAME(pick)(kinds->high, NAME(high)(bytes));
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
	struct NAME(map) at[PLACES];
};

TARGET static inline struct NAME(set) NAME(set_of)(const struct lookup *lookup, int set)
{
	struct NAME(set) maps;
	for (int i = 0; i < PLACES; i++)
		maps.at[i] = NAME(map_of)(lookup, set, i);
	return maps;
}

/* A bit for each lane where a window of any bucket can begin, of so many vectors: a map
 * is got once for all of them. */
__attribute__((always_inline)) TARGET static inline uint64_t NAME(mask_at)(
	const struct NAME(set) * sets, unsigned count, const uint8_t *at, unsigned vectors)
{
	NAME(vector) in[SETS][2];
	for (unsigned place = 0; place < PLACES; place++) {
		struct NAME(key) keys[2];
		for (unsigned v = 0; v < vectors; v++)
			keys[v] = NAME(key_at)(at + (size_t)v * NAME(lanes) + place);
		for (unsigned i = 0; i < count * vectors; i++) {
			unsigned set = i / vectors, v = i % vectors;
			NAME(vector) here = NAME(mapped)(&sets[set].at[place], keys[v]);
			in[set][v] = place > 0 ? (NAME(vector))(in[set][v] & here) : here;
			NAME(settle)(&in[set][v]);
		}
	}
	uint64_t mask = 0;
	for (unsigned v = 0; v < vectors; v++) {
		for (unsigned set = 1; set < count; set++)
			in[0][v] |= in[set][v];
		mask |= NAME(mask)(in[0][v]) << v * NAME(lanes);
	}
	return mask;
}

/* Nobody can tell how many bits are set, so the first few are taken without asking. */
TARGET static inline size_t NAME(tell)(uint64_t mask, size_t i, uint16_t *places)
{
	enum { MOSTLY = 8 };
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
	enum { STEP = 64 / NAME(bits), AT_ONCE = STEP / NAME(lanes) > 1 ? 2 : 1 };
	uint64_t mask = 0;
	for (size_t at = 0; at < STEP; at += (size_t)NAME(lanes) * AT_ONCE)
		mask |= NAME(mask_at)(sets, count, bytes + at, AT_ONCE) << at;
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
