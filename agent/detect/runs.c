/* SPDX-License-Identifier: MIT */
/* A run of RUNS_SURE bytes has three groups that are all digits of base64, side by side;
 * from the first of them it goes back to where it began. */
#include "detect/runs.h"

#include "detect/bytes.h"

/* Of a word; of what can stand before and in a run. */
enum { WORD = 1, PART = 2, BOTH = WORD | PART };

/* clang-format off */
static const uint8_t kinds[256] = {
	['0'] = BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
	['A'] = BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
	BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
	['a'] = BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
	BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
	['_'] = BOTH, ['-'] = BOTH, ['.'] = PART, ['/'] = PART, ['+'] = PART,
};
/* clang-format on */

/* Where words begin, a bit for each place from `first` on. */
static void tell(size_t first, uint64_t begins, runs_word *word, void *context)
{
	for (; begins; begins &= begins - 1)
		word(first + (size_t)__builtin_ctzll(begins), context);
}

/* Byte by byte, and as far as there is something to look at. */
static void tell_far_before(const uint8_t *bytes, size_t low, size_t from, runs_word *word,
			    void *context)
{
	/* The run may have begun in the group before, but for its first byte. */
	enum { MOST = RUNS_BACK + SIEVE_GROUP - 1 };
	_Static_assert((int)MOST < 64, "a bit for each");
	size_t most = from - low < MOST ? from - low : MOST, back = 0;
	uint64_t begins = 0; /* the last place highest */
	uint8_t behind = kinds[bytes[from]];
	for (;; back++) {
		uint8_t kind = back < most ? kinds[bytes[from - back - 1]] : 0;
		if (behind & WORD & ~kind)
			begins |= (uint64_t)1 << (63 - back);
		if (!kind)
			break;
		behind = kind;
	}
	if (begins)
		tell(from - back, begins >> (63 - back), word, context);
}

/* The words that begin before a run, or with it: mostly within a few bytes, of which nobody
 * can tell how many. */
static void tell_before(const uint8_t *bytes, size_t low, size_t from, runs_word *word,
			void *context)
{
	enum { NEAR = sizeof(bytes16) };
	_Static_assert((int)NEAR <= (int)RUNS_BACK, "looked back so far anyway");
	if (from - low < NEAR) {
		tell_far_before(bytes, low, from, word, context);
		return;
	}
	bytes16 v = bytes_at(bytes + from - NEAR);
	bytes16 words = bytes_within(v, '0', '9') | bytes_within(v | 0x20, 'a', 'z') |
			bytes_are(v, '-') | bytes_are(v, '_');
	bytes16 parts = bytes_within(v, '-', '/') | bytes_are(v, '+');
	unsigned are = bytes_mask(words), ends = ~(are | bytes_mask(parts)) & 0xffff;
	if (!ends) {
		tell_far_before(bytes, low, from, word, context);
		return;
	}
	unsigned skipped = 32 - (unsigned)__builtin_clz(ends); /* up to the last end */
	are |= (kinds[bytes[from]] & WORD) << NEAR;
	tell(from - NEAR + skipped, (are & ~(are << 1)) >> skipped, word, context);
}

/* The top bit of each byte of a group that ends words: + and /, which differ in one bit,
 * are the digits of base64 that are no letters, digits, - or _. */
static uint64_t ends_of_words(const uint8_t *group)
{
	const uint64_t each = 0x0101010101010101, low = 0x7f * each;
	uint64_t other = (sieve_word(group) | ('/' ^ '+') * each) ^ '/' * each;
	return ~(((other & low) + low) | other | low);
}

/* Those that begin inside it. */
static void tell_inside(const uint8_t *bytes, size_t from, size_t to, runs_word *word,
			void *context)
{
	for (size_t at = from; at < to; at += SIEVE_GROUP)
		for (uint64_t ends = ends_of_words(bytes + at); ends; ends &= ends - 1) {
			size_t begin = at + (size_t)__builtin_ctzll(ends) / 8 + 1;
			if (begin < to && kinds[bytes[begin]] & WORD)
				word(begin, context);
		}
}

/* The first group behind one that is no digits. */
static size_t end_of(const struct sieve *sieve, size_t group, size_t groups)
{
	while (group < groups) {
		const uint8_t *blocks = sieve->digits.blocks + group / SIEVE_GROUP;
		uint64_t others = ~sieve_word(blocks) >> group % SIEVE_GROUP;
		if (others)
			return group + (size_t)__builtin_ctzll(others);
		group += 64 - group % SIEVE_GROUP;
	}
	return groups;
}

void runs_each(const struct sieve *sieve, const uint8_t *bytes, size_t low, size_t to,
	       runs_word *word, void *context)
{
	const uint8_t *blocks = sieve->digits.blocks;
	uint64_t last = 0;
	size_t groups = (to - sieve->start + SIEVE_GROUP - 1) / SIEVE_GROUP;
	for (size_t first = 0; first < groups; first += 64, blocks += sizeof last) {
		uint64_t here = sieve_word(blocks), next;
		if (!here) { /* of programs nearly always */
			last = 0;
			continue;
		}
		next = sieve_word(blocks + sizeof last);
		uint64_t threes = here & sieve_behind(here, next, 1) &
				  sieve_behind(here, next, 2);
		uint64_t begins = threes & ~(threes << 1 | last);
		last = threes >> 63;
		for (; begins; begins &= begins - 1) {
			size_t group = first + (size_t)__builtin_ctzll(begins);
			if (group >= groups)
				break;
			size_t from = sieve_at(sieve, group);
			tell_before(bytes, low, from, word, context);
			tell_inside(bytes, from, sieve_at(sieve, end_of(sieve, group, groups)),
				    word, context);
		}
	}
}
