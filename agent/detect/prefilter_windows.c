/* SPDX-License-Identifier: MIT */
/* Which four bytes of a keyword are looked for, and which keywords share a
 * bucket. A bucket lets through every mixture of the half bytes of its windows,
 * so it is what they have in common that keeps it narrow. One keyword after the
 * other takes the window and the bucket that let the fewest bytes of common text
 * through in addition. */
#include "detect/prefilter_windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* How many of 10000 bytes of documentation, source texts and settings are this
 * one, from the space on; capital letters are counted with the small ones, too. Any
 * other byte counts as one. */
static const uint16_t common[] = {
	/* clang-format off */
	1531, 4, 63, 48, 3, 4, 6, 60, 60, 60, 100, 6, 100, 80, 90, 130,
	105, 56, 49, 27, 24, 25, 21, 15, 18, 25, 70, 32, 40, 40, 40, 2,
	5, 84, 33, 79, 48, 114, 40, 30, 20, 84, 4, 16, 75, 39, 76, 74,
	58, 4, 73, 115, 93, 37, 18, 11, 24, 13, 4, 17, 21, 17, 1, 150,
	12, 409, 120, 311, 252, 715, 171, 110, 165, 441, 17, 68, 322, 165, 424, 389,
	240, 13, 385, 505, 554, 168, 68, 47, 78, 78, 11, 8, 4, 8, 1, 1,
	/* clang-format on */
};

/* Letters come in words: how often one follows another there, both without regard to
 * case, as the power of the square root of 1/2. In rows for the first, one for any
 * other byte and then a to z; digits go on with a to v. */
static const char follows[][28] = {
	"1bdabcceebkhdddccldaadeeejk", "7ha99gfalale686mal676cdgedk",
	"57eae6efj79h6ff8flabe7jkg9i", "67ecf7gk7bj88bh5emab6bhkgen",
	"39ffb4fgh7kjdgh9glcbebhhfgn", "3bf98c9ejgjiab7gde688jdfadm",
	"39gfdaagj4omahd6em9da9ljmdp", "3bhdh5he98lk9d7bdl99cagjiif",
	"55kih3jil7njdfi8hmae8djjmhm", "9cb89b99ojni9a47clb77kcjfoc",
	"68fcf3fghchbfeg8dgg4e8fgihh", "2afaf5geg9kiefdegjfaebielik",
	"47ffb5aff6gj7ig8fniaa9djkbk", "55afc4eik8lhbah86lhafbikkcl",
	"48i976b7jbledhf8gnh66bemnen", "7eca8g9dlbida95b8p5999dbikk",
	"66hde5ehcaoc8gf8aj7b7ahhlal", "4dfeebgeeehgbfeffcccd2gbgei",
	"47hcc4fbj7pecba8ena99begmbn", "4cici6hgb8p98fcbaje76bihlcj",
	"48ide6fk67pideg8dp7bbbkfd9m", "7b9ab8cdmamj796g9n666kjmgml",
	"55gfi3ghj7mdg9g7cjffeifkghl", "56hfd8hi74jiega7gj9bhckcjhl",
	"2be9eacjialegbfg8lha6jjlbfk", "2dffgdegkclkcc994ha9ahjblkj",
	"48fff2fee8ihbc9agifbfegfgee",
};

enum {
	COMPARE_COST = 12, /* of a place with the right window, measured in looks */
	FEW = 64,	   /* keywords that one set is enough for, */
	SOME = 200,	   /* and two */
};

struct bucket {
	uint16_t low[WINDOW_SIZE], high[WINDOW_SIZE]; /* half bytes, a bit each */
	uint64_t folded[WINDOW_SIZE];		      /* bytes by six bits, a bit each */
	float part;				      /* of text that it lets through */
	/* The same of a place alone and with one byte more; 0: not reckoned yet. */
	float with[WINDOW_SIZE][256];
};

static unsigned count_of_byte(uint8_t byte)
{
	unsigned at = byte - (unsigned)' ';
	return at < sizeof common / sizeof *common ? common[at] : 1;
}

static float part_of_byte(uint8_t byte)
{
	return (float)count_of_byte(byte) / 10000;
}

/* [high half][which eight low halves][the ones of those]: the counts of their bytes.
 * They are asked for some 100,000 times before the first file is read. */
static uint16_t sums[16][2][256];

static void make_sums(void)
{
	for (unsigned high = 0; high < 16; high++)
		for (unsigned set = 0; set < 2; set++)
			for (unsigned low = 1; low < 256; low++) {
				unsigned byte = high << 4 | set << 3 |
						(unsigned)__builtin_ctz(low);
				sums[high][set][low] =
					(uint16_t)(sums[high][set][low & (low - 1)] +
						   count_of_byte((uint8_t)byte));
			}
}

static float part_of_halves(uint16_t low, uint16_t high)
{
	unsigned sum = 0;
	for (unsigned hs = high; hs; hs &= hs - 1) {
		unsigned half = (unsigned)__builtin_ctz(hs);
		sum += sums[half][0][low & 255];
		sum += sums[half][1][low >> 8];
	}
	return (float)sum / 10000;
}

static bool has_two_cases(uint8_t byte)
{
	return byte >= 'a' && byte <= 'z';
}

static uint16_t high_halves(uint8_t byte)
{
	unsigned high = byte >> 4;
	return (uint16_t)(1u << high | (has_two_cases(byte) ? 1u << (high - 2) : 0));
}

static uint64_t six_bits(uint8_t byte)
{
	uint64_t other = has_two_cases(byte) ? (uint64_t)1 << ((byte ^ ' ') & 63) : 0;
	return (uint64_t)1 << (byte & 63) | other;
}

static bool is_short(const struct keyword *keyword, unsigned window, unsigned place)
{
	return window + place >= keyword->len;
}

/* Of the text, what the bucket's place lets through with the keyword's byte; beyond a
 * short window any byte fits. */
static float part_with(struct bucket *bucket, const struct keyword *keyword, unsigned window,
		       unsigned place)
{
	if (is_short(keyword, window, place))
		return part_of_halves(0xffff, 0xffff);
	uint8_t byte = keyword->text[window + place];
	float *part = &bucket->with[place][byte];
	if (*part == 0)
		*part = part_of_halves(bucket->low[place] | (uint16_t)(1u << (byte & 15)),
				       bucket->high[place] | high_halves(byte));
	return *part;
}

static float part_of_wider(struct bucket *bucket, const struct keyword *keyword,
			   unsigned window)
{
	float part = 1;
	for (unsigned i = 0; i < WINDOW_SIZE; i++)
		part *= part_with(bucket, keyword, window, i);
	return part;
}

static void widen(struct bucket *bucket, const struct keyword *keyword, unsigned window)
{
	bucket->part = part_of_wider(bucket, keyword, window);
	for (unsigned i = 0; i < WINDOW_SIZE; i++) {
		uint16_t low = 0xffff, high = 0xffff;
		uint64_t folded = UINT64_MAX;
		if (!is_short(keyword, window, i)) {
			uint8_t byte = keyword->text[window + i];
			folded = six_bits(byte);
			low = bucket->low[i] | (uint16_t)(1u << (byte & 15));
			high = bucket->high[i] | high_halves(byte);
		}
		bucket->folded[i] |= folded;
		if (low == bucket->low[i] && high == bucket->high[i])
			continue;
		bucket->low[i] = low;
		bucket->high[i] = high;
		memset(bucket->with[i], 0, sizeof bucket->with[i]);
	}
}

static unsigned letter_of(uint8_t byte)
{
	uint8_t low = byte | 0x20;
	return low >= 'a' && low <= 'z' ? low - 'a' + 1u : 0;
}

static float part_behind(uint8_t before, uint8_t byte)
{
	/* All but letters together, and how many of them are of one kind. */
	static const float root = 0.70710678f;
	char digit = follows[letter_of(before)][letter_of(byte)];
	float part = letter_of(byte) ? 1 : part_of_byte(byte) * 2;
	for (int power = digit <= '9' ? digit - '0' : digit - 'a' + 10; power > 0; power--)
		part *= root;
	return part;
}

static float part_of_window(const struct keyword *keyword, unsigned window)
{
	float part = part_of_byte(keyword->text[window]);
	for (unsigned i = window + 1; i < window + WINDOW_SIZE && i < keyword->len; i++)
		part *= part_behind(keyword->text[i - 1], keyword->text[i]);
	return part;
}

struct choice {
	float own; /* what the window costs wherever it goes */
	uint8_t window;
};

/* The cheapest first, so that most of the others need not be tried. */
static unsigned choices_of(const struct keyword *keyword, struct choice choices[UINT8_MAX])
{
	unsigned count = 0, last = keyword->len > WINDOW_SIZE ? keyword->len - WINDOW_SIZE : 0;
	for (unsigned window = 0; window <= last; window++) {
		float own = part_of_window(keyword, window) * COMPARE_COST;
		unsigned i = count++;
		for (; i && choices[i - 1].own > own; i--)
			choices[i] = choices[i - 1];
		choices[i] = (struct choice){own, (uint8_t)window};
	}
	return count;
}

static void place(struct keyword *keyword, struct bucket *buckets, unsigned count)
{
	struct choice choices[UINT8_MAX];
	float best = 0;
	unsigned into = count, left = choices_of(keyword, choices);
	for (const struct choice *c = choices; left && (into == count || c->own < best);
	     c++, left--) {
		for (unsigned i = 0; i < count && (into == count || c->own < best); i++) {
			float wider = part_of_wider(&buckets[i], keyword, c->window);
			float cost = c->own + wider - buckets[i].part;
			if (into < count && cost >= best)
				continue;
			best = cost;
			into = i;
			keyword->window = c->window;
		}
	}
	widen(&buckets[into], keyword, keyword->window);
}

static void fill(struct lookup *lookup, unsigned bucket, const struct bucket *from)
{
	unsigned set = bucket / 8;
	uint8_t bit = (uint8_t)(1u << bucket % 8);
	for (unsigned place = 0; place < WINDOW_SIZE; place++) {
		for (unsigned half = 0; half < 16; half++) {
			if (from->low[place] >> half & 1)
				lookup->low[set][place][half] |= bit;
			if (from->high[place] >> half & 1)
				lookup->high[set][place][half] |= bit;
		}
		for (unsigned byte = 0; byte < 256; byte++)
			if (from->low[place] >> (byte & 15) & from->high[place] >> (byte >> 4) &
			    1)
				lookup->whole[place][byte] |= 1u << bucket;
		for (unsigned six = 0; six < 64; six++)
			if (from->folded[place] >> six & 1)
				lookup->folded[set][place][six] |= bit;
	}
}

void windows_choose(struct keyword *keywords, size_t count, struct lookup *ret)
{
	struct bucket *buckets = mem_alloc(BUCKETS * sizeof *buckets);
	unsigned sets = count <= FEW ? 1 : count <= SOME ? 2 : SETS;
	make_sums();
	for (unsigned len = WINDOW_MIN; len <= UINT8_MAX; len++)
		for (size_t i = 0; i < count; i++)
			if (keywords[i].len == len)
				place(&keywords[i], buckets, sets * BUCKETS / SETS);
	memset(ret, 0, sizeof *ret);
	ret->sets = sets;
	for (unsigned i = 0; i < BUCKETS; i++)
		fill(ret, i, &buckets[i]);
	free(buckets);
}
