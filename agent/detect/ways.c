/* SPDX-License-Identifier: MIT */
/* The text of the loops is in lanes.h; here stands what an instruction set calls its
 * instructions. */
#include "detect/ways.h"

#include <string.h>

/* The kinds of bytes of a sieve, so that the tables below, by the halves of a byte,
 * tell them apart. */
enum {
	KIND_DIGITS = 0x1f, /* five sorts */
	KIND_PERCENT = 0x20,
	KIND_BACKSLASH = 0x40,
	KIND_ZERO = 0x80,
};
enum { GROUPS = SIEVE_BLOCK / SIEVE_GROUP };
static const uint8_t kinds_low[16] = {
	0x8a, 0x0e, 0x0e, 0x0e, 0x0e, 0x2e, 0x0e, 0x0e,
	0x0e, 0x0e, 0x0c, 0x05, 0x44, 0x05, 0x04, 0x15,
};
static const uint8_t kinds_high[16] = {0x80, 0, 0x21, 0x02, 0x04, 0x58, 0x04, 0x08};

static size_t portable_from(const struct lookup *lookup, const uint8_t *bytes, size_t i,
			    size_t count, uint16_t *places)
{
	size_t n = 0;
	for (; i < count; i++) {
		places[n] = (uint16_t)i;
		n += (lookup->whole[0][bytes[i]] & lookup->whole[1][bytes[i + 1]] &
		      lookup->whole[2][bytes[i + 2]] & lookup->whole[3][bytes[i + 3]]) != 0;
	}
	return n;
}

static size_t portable_find(const struct lookup *lookup, const uint8_t *bytes, size_t count,
			    uint16_t *places)
{
	return portable_from(lookup, bytes, 0, count, places);
}

static void put(struct bits *bits, size_t group, uint64_t block)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	block = __builtin_bswap64(block);
#endif
	memcpy(bits->groups + group, &block, sizeof block);
}

static void portable_sift(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	size_t end = sieve->groups + blocks * GROUPS;
	for (; sieve->groups < end; sieve->groups++) {
		unsigned digits = 0, percents = 0, backslashes = 0, zeros = 0;
		for (unsigned at = 0; at < SIEVE_GROUP; at++, bytes++) {
			uint8_t kinds = kinds_low[*bytes & 15] & kinds_high[*bytes >> 4];
			digits |= (unsigned)((kinds & KIND_DIGITS) != 0) << at;
			percents |= (unsigned)((kinds & KIND_PERCENT) != 0) << at;
			backslashes |= (unsigned)((kinds & KIND_BACKSLASH) != 0) << at;
			zeros |= (unsigned)((kinds & KIND_ZERO) != 0) << at;
		}
		sieve->digits.groups[sieve->groups] = (uint8_t)digits;
		sieve->percents.groups[sieve->groups] = (uint8_t)percents;
		sieve->backslashes.groups[sieve->groups] = (uint8_t)backslashes;
		sieve->zeros.groups[sieve->groups] = (uint8_t)zeros;
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
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi");
}

static bool avx2_is_here(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

static bool ssse3_is_here(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("ssse3");
}

#define TARGET __attribute__((target("avx512bw,bmi")))
#define NAME(what) avx512_##what
typedef __m512i avx512_vector;

TARGET static inline __m512i avx512_load(const uint8_t *from)
{
	return _mm512_loadu_si512(from);
}

TARGET static inline __m512i avx512_table(const uint8_t *from)
{
	return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)from));
}

TARGET static inline __m512i avx512_all(uint8_t byte)
{
	return _mm512_set1_epi8((char)byte);
}

TARGET static inline __m512i avx512_low(__m512i bytes)
{
	return _mm512_and_si512(bytes, _mm512_set1_epi8(15));
}

TARGET static inline __m512i avx512_high(__m512i bytes)
{
	return avx512_low(_mm512_srli_epi16(bytes, 4));
}

TARGET static inline __m512i avx512_pick(__m512i table, __m512i at)
{
	return _mm512_shuffle_epi8(table, at);
}

TARGET static inline uint64_t avx512_mask(__m512i found)
{
	return _mm512_test_epi8_mask(found, found);
}

TARGET static inline uint64_t avx512_narrow(uint64_t mask)
{
	return mask;
}

enum { avx512_lanes = 64, avx512_bits = 1 };
#include "detect/lanes.h"

#define TARGET __attribute__((target("avx2,bmi")))
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

TARGET static inline __m256i avx2_pick(__m256i table, __m256i at)
{
	return _mm256_shuffle_epi8(table, at);
}

TARGET static inline uint64_t avx2_mask(__m256i found)
{
	return ~(uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

TARGET static inline uint64_t avx2_narrow(uint64_t mask)
{
	return mask;
}

enum { avx2_lanes = 32, avx2_bits = 1 };
#include "detect/lanes.h"

#define TARGET __attribute__((target("ssse3")))
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

TARGET static inline __m128i ssse3_pick(__m128i table, __m128i at)
{
	return _mm_shuffle_epi8(table, at);
}

TARGET static inline uint64_t ssse3_mask(__m128i found)
{
	return 0xffff &
	       ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(found, _mm_setzero_si128()));
}

TARGET static inline uint64_t ssse3_narrow(uint64_t mask)
{
	return mask;
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

/* One bit for a lane. */
static inline uint64_t neon_narrow(uint64_t mask)
{
	mask = mask >> 3;
	mask = (mask | mask >> 3) & 0x0303030303030303;
	mask = (mask | mask >> 6) & 0x000f000f000f000f;
	mask = (mask | mask >> 12) & 0x000000ff000000ff;
	return (mask | mask >> 24) & 0xffff;
}

enum { neon_lanes = 16, neon_bits = 4 };
#include "detect/lanes.h"
#endif

const struct way ways[] = {
#if defined(__x86_64__) || defined(__i386__)
	{"avx512", avx512_find, avx512_sift, avx512_is_here},
	{"avx2", avx2_find, avx2_sift, avx2_is_here},
	{"ssse3", ssse3_find, ssse3_sift, ssse3_is_here},
#elif defined(__aarch64__)
	{"neon", neon_find, neon_sift, portable_is_here}, /* belongs to the architecture */
#endif
	{"portable", portable_find, portable_sift, portable_is_here},
	{0},
};

const struct way *way_here(void)
{
	static const struct way *here;
	for (const struct way *way = ways; !here; way++)
		if (way->is_here())
			here = way;
	return here;
}
