/* SPDX-License-Identifier: MIT */
/* Included by ways.c once for each instruction set: TARGET, NAME(find)
 * and what it needs, NAME(vector), load, table, low, high, pick, mask, lanes, and
 * the bits that mask has for a lane. */

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

/* A bit for each lane where a window of any bucket can begin. */
TARGET static inline uint64_t NAME(mask_at)(const struct NAME(set) * a,
					    const struct NAME(set) * b, const uint8_t *at)
{
	struct NAME(nibbles) x0 = NAME(nibbles_at)(at), x1 = NAME(nibbles_at)(at + 1);
	struct NAME(nibbles) x2 = NAME(nibbles_at)(at + 2), x3 = NAME(nibbles_at)(at + 3);
	return NAME(mask)((NAME(buckets)(a, 0, x0) & NAME(buckets)(a, 1, x1) &
			   NAME(buckets)(a, 2, x2) & NAME(buckets)(a, 3, x3)) |
			  (NAME(buckets)(b, 0, x0) & NAME(buckets)(b, 1, x1) &
			   NAME(buckets)(b, 2, x2) & NAME(buckets)(b, 3, x3)));
}

TARGET static size_t NAME(find)(const struct lookup *lookup, const uint8_t *bytes, size_t count,
				uint16_t *places)
{
	/* Some processors, or what they are lent through, fetch too little ahead. */
	enum { AHEAD = 2048, STEP = 64 / NAME(bits) };
	struct NAME(set) a = NAME(set_of)(lookup, 0), b = NAME(set_of)(lookup, 1);
	size_t n = 0, i = 0;
	for (; i + STEP <= count; i += STEP) {
		__builtin_prefetch(bytes + i + AHEAD);
		uint64_t mask = 0;
		for (size_t at = 0; at < STEP; at += NAME(lanes))
			mask |= NAME(mask_at)(&a, &b, bytes + i + at) << at;
		for (; mask; mask &= mask - 1)
			places[n++] = (uint16_t)(i +
						 (size_t)__builtin_ctzll(mask) / NAME(bits));
	}
	return n + portable_from(lookup, bytes, i, count, places + n);
}

TARGET static inline uint64_t NAME(marks_of)(NAME(vector) kinds, uint8_t kind)
{
	NAME(vector) those = kinds & NAME(all)(kind);
	return NAME(narrow)(NAME(mask)(those));
}

TARGET static void NAME(sift)(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	NAME(vector) low = NAME(table)(kinds_low), high = NAME(table)(kinds_high);
	size_t end = sieve->groups + blocks * GROUPS;
	for (; sieve->groups < end; sieve->groups += GROUPS) {
		uint64_t digits = 0, percents = 0, backslashes = 0, zeros = 0;
		for (size_t at = 0; at < SIEVE_BLOCK; at += NAME(lanes), bytes += NAME(lanes)) {
			struct NAME(nibbles) n = NAME(nibbles_at)(bytes);
			NAME(vector)
			kinds = NAME(pick)(low, n.low) & NAME(pick)(high, n.high);
			digits |= NAME(marks_of)(kinds, KIND_DIGITS) << at;
			percents |= NAME(marks_of)(kinds, KIND_PERCENT) << at;
			backslashes |= NAME(marks_of)(kinds, KIND_BACKSLASH) << at;
			zeros |= NAME(marks_of)(kinds, KIND_ZERO) << at;
		}
		put(&sieve->digits, sieve->groups, digits);
		put(&sieve->percents, sieve->groups, percents);
		put(&sieve->backslashes, sieve->groups, backslashes);
		put(&sieve->zeros, sieve->groups, zeros);
	}
}

#undef TARGET
#undef NAME
