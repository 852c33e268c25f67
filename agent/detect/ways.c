/* SPDX-License-Identifier: MIT */
/* The text of the loops is in lanes.h; here stands what an instruction set calls its
 * instructions. */
#include "detect/ways.h"

#include <string.h>

/* Some processors, or what they are lent through, fetch too little ahead. */
enum { AHEAD = 2048 };

/* The kinds of bytes of a sieve. Digits are of five sorts, so that two tables by the
 * halves of a byte tell them apart. */
enum {
	KIND_DIGITS = 0x1f,
	KIND_PERCENT = 0x20,
	KIND_BACKSLASH = 0x40,
	KIND_ZERO = 0x80,
};
static const uint8_t kinds_low[16] = {
	0x8a, 0x0e, 0x0e, 0x0e, 0x0e, 0x2e, 0x0e, 0x0e,
	0x0e, 0x0e, 0x0c, 0x05, 0x44, 0x05, 0x04, 0x15,
};
static const uint8_t kinds_high[16] = {0x80, 0, 0x21, 0x02, 0x04, 0x58, 0x04, 0x08};
static uint8_t kinds_of[256]; /* of both, a digit of all sorts; made by way_here */

static size_t portable_from(const struct lookup *lookup, const uint8_t *bytes, size_t i,
			    size_t count, uint16_t *places)
{
	size_t n = 0;
	for (; i < count; i++) {
		places[n] = (uint16_t)i;
		n += (lookup->whole[0][bytes[i]] & lookup->whole[1][bytes[i + 1]] &
		      lookup->whole[2][bytes[i + 2]]) != 0;
	}
	return n;
}

static size_t portable_find(const struct lookup *lookup, const uint8_t *bytes, size_t count,
			    uint16_t *places)
{
	return portable_from(lookup, bytes, 0, count, places);
}

/* A bit for each of eight groups. */
struct sifted {
	unsigned digits, no_percents, no_backslashes, gaps;
};

static void keep(struct sieve *sieve, const struct sifted *block)
{
	size_t at = sieve->blocks;
	sieve->digits.blocks[at] = (uint8_t)block->digits;
	sieve->percents.blocks[at] = (uint8_t)~block->no_percents;
	sieve->backslashes.blocks[at] = (uint8_t)~block->no_backslashes;
	sieve->gaps.blocks[at] = (uint8_t)block->gaps;
}

static void portable_sift_group(const uint8_t *bytes, unsigned group, struct sifted *block)
{
	unsigned any = 0, digits = 1, zeros = 0;
	for (unsigned i = 0; i < SIEVE_GROUP; i++) {
		any |= kinds_of[bytes[i]];
		digits &= (kinds_of[bytes[i]] & KIND_DIGITS) != 0;
		zeros |= (unsigned)!bytes[i] << i;
	}
	block->digits |= digits << group;
	block->no_percents |= (unsigned)!(any & KIND_PERCENT) << group;
	block->no_backslashes |= (unsigned)!(any & KIND_BACKSLASH) << group;
	block->gaps |= (unsigned)((zeros & 15) == zeros >> 4 && zeros && zeros != 255) << group;
}

static void portable_sift(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	for (size_t end = sieve->blocks + blocks; sieve->blocks < end; sieve->blocks++) {
		struct sifted block = {0};
		for (unsigned group = 0; group < SIEVE_BLOCK / SIEVE_GROUP; group++)
			portable_sift_group(bytes + (size_t)group * SIEVE_GROUP, group, &block);
		keep(sieve, &block);
		bytes += SIEVE_BLOCK;
	}
}

static bool portable_is_here(void)
{
	return true;
}

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

/* Also whether the kernel keeps the wide registers. */
static bool avx512_is_here(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

static bool avx2_is_here(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
}

static bool ssse3_is_here(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
}

#define TARGET __attribute__((target("avx512bw,avx512vbmi,bmi,popcnt")))
#define NAME(what) avx512_##what
typedef __m512i avx512_vector;

TARGET static inline __m512i avx512_load(const uint8_t *from)
{
	return _mm512_loadu_si512(from);
}

TARGET static inline void avx512_settle(__m512i *v)
{
	__asm__("" : "+v"(*v));
}

TARGET static inline __m512i avx512_all(uint8_t byte)
{
	return _mm512_set1_epi8((char)byte);
}

TARGET static inline uint64_t avx512_mask(__m512i found)
{
	return _mm512_test_epi8_mask(found, found);
}

TARGET static inline __m512i avx512_turned(__m512i v)
{
	return _mm512_ror_epi64(v, 32);
}

TARGET static inline unsigned avx512_empty(__m512i v)
{
	return _mm512_testn_epi64_mask(v, v);
}

/* One instruction looks six bits of each byte up in a table of 64, another seven in one
 * of 128. */
#define OWN_MAP
struct avx512_map {
	__m512i table;
};

struct avx512_kinds {
	__m512i first, second;
};

struct avx512_key {
	__m512i bytes;
};

TARGET static inline struct avx512_map avx512_map_of(const struct lookup *lookup, int set,
						     int place)
{
	return (struct avx512_map){avx512_load(lookup->folded[set][place])};
}

TARGET static inline struct avx512_kinds avx512_map_of_kinds(void)
{
	return (struct avx512_kinds){avx512_load(kinds_of), avx512_load(kinds_of + 64)};
}

TARGET static inline struct avx512_key avx512_key_at(const uint8_t *at)
{
	return (struct avx512_key){avx512_load(at)};
}

TARGET static inline __m512i avx512_mapped(const struct avx512_map *map, struct avx512_key key)
{
	return _mm512_permutexvar_epi8(key.bytes, map->table);
}

TARGET static inline __m512i avx512_kinds_at(const struct avx512_kinds *map, const uint8_t *at)
{
	__m512i bytes = avx512_load(at);
	return _mm512_maskz_permutex2var_epi8(~_mm512_movepi8_mask(bytes), map->first, bytes,
					      map->second);
}

TARGET static inline unsigned avx512_without(__m512i kinds, uint8_t kind)
{
	return _mm512_testn_epi64_mask(kinds, avx512_all(kind));
}

/* A digit has all five bits here. */
TARGET static inline unsigned avx512_digits(__m512i kinds)
{
	return avx512_without(~kinds, KIND_DIGITS);
}

enum { avx512_lanes = 64, avx512_bits = 1 };
#include "detect/lanes.h"

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define TARGET AVX2
#define NAME(what) avx2_##what
typedef __m256i avx2_vector;

TARGET static inline __m256i avx2_load(const uint8_t *from)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

TARGET static inline __m256i avx2_table(const uint8_t *from)
{
	return _mm256_broadcastsi128_si256(
		_mm_loadu_si128((const __m128i *)(const void *)from));
}

TARGET static inline void avx2_settle(__m256i *v)
{
	__asm__("" : "+x"(*v));
}

TARGET static inline __m256i avx2_all(uint8_t byte)
{
	return _mm256_set1_epi8((char)byte);
}

TARGET static inline __m256i avx2_low(__m256i bytes)
{
	return _mm256_and_si256(bytes, _mm256_set1_epi8(15));
}

TARGET static inline __m256i avx2_high(__m256i bytes)
{
	return avx2_low(_mm256_srli_epi16(bytes, 4));
}

/* Nothing is picked where the highest bit is set. */
TARGET static inline __m256i avx2_first(__m256i bytes)
{
	return _mm256_add_epi8(bytes & avx2_all(31), avx2_all(0x70));
}

TARGET static inline __m256i avx2_second(__m256i first)
{
	return first ^ avx2_all(0x80);
}

TARGET static inline __m256i avx2_pick(__m256i table, __m256i at)
{
	return _mm256_shuffle_epi8(table, at);
}

TARGET static inline uint64_t avx2_mask(__m256i found)
{
	return ~(uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

TARGET static inline __m256i avx2_zero(__m256i v)
{
	return _mm256_cmpeq_epi8(v, _mm256_setzero_si256());
}

TARGET static inline __m256i avx2_turned(__m256i v)
{
	return _mm256_shuffle_epi32(v, 0xb1);
}

TARGET static inline unsigned avx2_empty(__m256i v)
{
	__m256i empty = _mm256_cmpeq_epi64(v, _mm256_setzero_si256());
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(empty));
}

enum { avx2_lanes = 32, avx2_bits = 1 };
#include "detect/lanes.h"
#include "detect/sift_avx2.h"

#define TARGET __attribute__((target("ssse3,popcnt")))
#define NAME(what) ssse3_##what
typedef __m128i ssse3_vector;

TARGET static inline __m128i ssse3_load(const uint8_t *from)
{
	return _mm_loadu_si128((const __m128i *)(const void *)from);
}

TARGET static inline __m128i ssse3_table(const uint8_t *from)
{
	return ssse3_load(from);
}

TARGET static inline void ssse3_settle(__m128i *v)
{
	__asm__("" : "+x"(*v));
}

TARGET static inline __m128i ssse3_all(uint8_t byte)
{
	return _mm_set1_epi8((char)byte);
}

TARGET static inline __m128i ssse3_low(__m128i bytes)
{
	return _mm_and_si128(bytes, _mm_set1_epi8(15));
}

TARGET static inline __m128i ssse3_high(__m128i bytes)
{
	return ssse3_low(_mm_srli_epi16(bytes, 4));
}

/* Nothing is picked where the highest bit is set. */
TARGET static inline __m128i ssse3_first(__m128i bytes)
{
	return _mm_add_epi8(bytes & ssse3_all(31), ssse3_all(0x70));
}

TARGET static inline __m128i ssse3_second(__m128i first)
{
	return first ^ ssse3_all(0x80);
}

TARGET static inline __m128i ssse3_pick(__m128i table, __m128i at)
{
	return _mm_shuffle_epi8(table, at);
}

TARGET static inline uint64_t ssse3_mask(__m128i found)
{
	return 0xffff &
	       ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(found, _mm_setzero_si128()));
}

TARGET static inline __m128i ssse3_zero(__m128i v)
{
	return _mm_cmpeq_epi8(v, _mm_setzero_si128());
}

TARGET static inline __m128i ssse3_turned(__m128i v)
{
	return _mm_shuffle_epi32(v, 0xb1);
}

TARGET static inline unsigned ssse3_empty(__m128i v)
{
	__m128i halves = _mm_cmpeq_epi32(v, _mm_setzero_si128());
	return (unsigned)_mm_movemask_pd(
		_mm_castsi128_pd(_mm_and_si128(halves, ssse3_turned(halves))));
}

enum { ssse3_lanes = 16, ssse3_bits = 1 };
#include "detect/lanes.h"

#elif defined(__aarch64__)
#include <arm_neon.h>

#define TARGET
#define NAME(what) neon_##what
typedef uint8x16_t neon_vector;

static inline uint8x16_t neon_load(const uint8_t *from)
{
	return vld1q_u8(from);
}

static inline uint8x16_t neon_table(const uint8_t *from)
{
	return vld1q_u8(from);
}

static inline void neon_settle(uint8x16_t *v)
{
	__asm__("" : "+w"(*v));
}

static inline uint8x16_t neon_all(uint8_t byte)
{
	return vdupq_n_u8(byte);
}

static inline uint8x16_t neon_low(uint8x16_t bytes)
{
	return vandq_u8(bytes, vdupq_n_u8(15));
}

static inline uint8x16_t neon_high(uint8x16_t bytes)
{
	return vshrq_n_u8(bytes, 4);
}

/* Nothing is picked behind the table's end. */
static inline uint8x16_t neon_first(uint8x16_t bytes)
{
	return vandq_u8(bytes, vdupq_n_u8(31));
}

static inline uint8x16_t neon_second(uint8x16_t first)
{
	return veorq_u8(first, vdupq_n_u8(16));
}

static inline uint8x16_t neon_pick(uint8x16_t table, uint8x16_t at)
{
	return vqtbl1q_u8(table, at);
}

/* Narrowing keeps four bits of each lane; one of them is enough. */
static inline uint64_t neon_mask(uint8x16_t found)
{
	uint16x8_t pairs = vreinterpretq_u16_u8(vtstq_u8(found, found));
	uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(pairs, 4)), 0);
	return mask & 0x8888888888888888;
}

static inline uint8x16_t neon_zero(uint8x16_t v)
{
	return vceqzq_u8(v);
}

static inline uint8x16_t neon_turned(uint8x16_t v)
{
	return vreinterpretq_u8_u32(vrev64q_u32(vreinterpretq_u32_u8(v)));
}

static inline unsigned neon_empty(uint8x16_t v)
{
	uint64x2_t empty = vceqzq_u64(vreinterpretq_u64_u8(v));
	return (unsigned)((vgetq_lane_u64(empty, 0) & 1) | (vgetq_lane_u64(empty, 1) & 2));
}

enum { neon_lanes = 16, neon_bits = 4 };
#include "detect/lanes.h"
#endif

const struct way ways[] = {
#if defined(__x86_64__) || defined(__i386__)
	{"avx512", avx512_find, avx512_sift, avx512_is_here},
	{"avx2", avx2_find, avx2_sift_wide, avx2_is_here},
	{"ssse3", ssse3_find, ssse3_sift, ssse3_is_here},
#elif defined(__aarch64__)
	{"neon", neon_find, neon_sift, portable_is_here}, /* belongs to the architecture */
#endif
	{"portable", portable_find, portable_sift, portable_is_here},
	{0},
};

static uint8_t kind_of(unsigned byte)
{
	uint8_t kind = kinds_low[byte & 15] & kinds_high[byte >> 4];
	return kind & KIND_DIGITS ? kind | KIND_DIGITS : kind;
}

const struct way *way_here(void)
{
	static const struct way *here;
	for (unsigned byte = 0; !here && byte < sizeof kinds_of; byte++)
		kinds_of[byte] = kind_of(byte);
	for (const struct way *way = ways; !here; way++)
		if (way->is_here())
			here = way;
	return here;
}
