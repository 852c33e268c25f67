/* SPDX-License-Identifier: MIT */
/* Included by ways.c: the sieve of four blocks at a time. What a test of a kind costs is to
 * get its bits out of a vector, so the kinds of a group's bytes are first thrown together,
 * 256 bytes to 32 with one for each group, of which each bit is then got out at once. */

enum {
	/* In the place of the digits, which are not wanted any more. */
	KIND_OTHER = 0x01,  /* no digit, nor one of the three */
	KIND_FILLED = 0x04, /* the first half of a group is not all zeros */
	KIND_UNLIKE = 0x08, /* zeros do not stand alike in both halves */
	KIND_SPECIAL = (uint8_t)~KIND_DIGITS,
	SIFT_STEP = 4,
};

AVX2 static inline __m256i sift_kinds(const struct avx2_kinds *map, const uint8_t *at)
{
	__m256i kinds = avx2_kinds_at(map, at);
	__m256i other = _mm256_subs_epu8(avx2_all(KIND_OTHER), kinds);
	return (kinds & avx2_all(KIND_SPECIAL)) | other;
}

/* Every second half of a group, of both; the order is that of 128-bit lanes. */
AVX2 static inline __m256i sift_halves(__m256i a, __m256i b, bool second)
{
	__m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);
	return _mm256_castps_si256(second ? _mm256_shuffle_ps(x, y, 0xdd)
					  : _mm256_shuffle_ps(x, y, 0x88));
}

/* Four bytes of kinds for each group of a block. */
AVX2 static inline __m256i sift_block(const struct avx2_kinds *map, const uint8_t *at)
{
	__m256i a = sift_kinds(map, at), b = sift_kinds(map, at + avx2_lanes);
	__m256i first = sift_halves(a, b, false), second = sift_halves(a, b, true);
	__m256i zero = avx2_all(KIND_ZERO);
	__m256i unlike = _mm256_srli_epi16((first ^ second) & zero, 4);
	__m256i filled = _mm256_srli_epi16(_mm256_andnot_si256(first, zero), 5);
	return first | second | unlike | filled;
}

/* Two for each, those of a and of b in turn. */
AVX2 static inline __m256i sift_two(__m256i a, __m256i b)
{
	return _mm256_blend_epi16(a, _mm256_slli_epi32(b, 16), 0xaa) |
	       _mm256_blend_epi16(_mm256_srli_epi32(a, 16), b, 0xaa);
}

AVX2 static inline __m256i sift_one(__m256i kinds)
{
	return (kinds & _mm256_set1_epi16(0xff)) | _mm256_srli_epi16(kinds, 8);
}

/* One for each, in order. */
AVX2 static inline __m256i sift_groups(const struct avx2_kinds *map, const uint8_t *at)
{
	const __m256i sorted = _mm256_setr_epi8(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11,
						13, 15, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14,
						9, 11, 13, 15);
	__m256i ab = sift_two(sift_block(map, at), sift_block(map, at + SIEVE_BLOCK));
	at += (size_t)2 * SIEVE_BLOCK;
	__m256i cd = sift_two(sift_block(map, at), sift_block(map, at + SIEVE_BLOCK));
	__m256i lanes = _mm256_packus_epi16(sift_one(ab), sift_one(cd));
	lanes = _mm256_shuffle_epi8(lanes, sorted);
	__m128i low = _mm256_castsi256_si128(lanes), high = _mm256_extracti128_si256(lanes, 1);
	return _mm256_set_m128i(_mm_unpackhi_epi16(low, high), _mm_unpacklo_epi16(low, high));
}

AVX2 static inline void sift_keep(uint8_t *blocks, __m256i groups)
{
	uint32_t bits = (uint32_t)_mm256_movemask_epi8(groups);
	memcpy(blocks, &bits, sizeof bits);
}

/* Those of which these kinds are just so. */
AVX2 static inline __m256i sift_are(__m256i groups, uint8_t kinds, uint8_t so)
{
	return _mm256_cmpeq_epi8(groups & avx2_all(kinds), avx2_all(so));
}

AVX2 static void avx2_sift_wide(const uint8_t *bytes, size_t blocks, struct sieve *sieve)
{
	struct avx2_kinds map = avx2_map_of_kinds();
	for (; blocks >= SIFT_STEP; blocks -= SIFT_STEP) {
		size_t at = sieve->blocks;
		for (size_t i = 0; i < SIFT_STEP; i++)
			__builtin_prefetch(bytes + AHEAD + i * SIEVE_BLOCK);
		__m256i groups = sift_groups(&map, bytes);
		sift_keep(sieve->digits.blocks + at,
			  sift_are(groups, KIND_SPECIAL | KIND_OTHER, 0));
		sift_keep(sieve->percents.blocks + at, _mm256_slli_epi16(groups, 2));
		sift_keep(sieve->backslashes.blocks + at, _mm256_slli_epi16(groups, 1));
		sift_keep(sieve->gaps.blocks + at,
			  sift_are(groups, KIND_ZERO | KIND_FILLED | KIND_UNLIKE,
				   KIND_ZERO | KIND_FILLED));
		bytes += (size_t)SIFT_STEP * SIEVE_BLOCK;
		sieve->blocks += SIFT_STEP;
	}
	avx2_sift(bytes, blocks, sieve);
}
