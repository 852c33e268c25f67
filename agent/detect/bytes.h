/* SPDX-License-Identifier: MIT */
/* Sixteen bytes at a time, by the vectors of GCC and Clang: in the baseline of every
 * 64-bit processor, so nothing is chosen at run time. A test gives 0xff or 0 for each
 * byte. */
#ifndef DETECT_BYTES_H
#define DETECT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes_at(const uint8_t *at)
{
	bytes16 v;
	memcpy(&v, at, sizeof v);
	return v;
}

static inline bytes16 bytes_are(bytes16 v, uint8_t byte)
{
	return (bytes16)(v == byte);
}

static inline bytes16 bytes_within(bytes16 v, uint8_t first, uint8_t last)
{
	return (bytes16)(v - first <= (uint8_t)(last - first));
}

static inline bool bytes_any(bytes16 v)
{
	uint64_t half[2];
	memcpy(half, &v, sizeof half);
	return half[0] | half[1];
}

/* A bit for each byte of a test. */
static inline unsigned bytes_mask(bytes16 v)
{
#ifdef __SSE2__
	typedef char chars16 __attribute__((vector_size(16)));
	return (unsigned)__builtin_ia32_pmovmskb128((chars16)v);
#else
	const bytes16 bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint64_t half[2];
	v &= bits;
	memcpy(half, &v, sizeof half);
	return (unsigned)(half[0] * 0x0101010101010101u >> 56 |
			  half[1] * 0x0101010101010101u >> 56 << 8);
#endif
}

size_t bytes_count(const uint8_t *at, size_t len, uint8_t byte);
/* How many line ends; *ret_last: how many bytes the last of them ends, unchanged without
 * any. */
size_t bytes_lines(const uint8_t *at, size_t len, size_t *ret_last);
/* Controls that text files do not hold: they hold tab, line ends, form feed, backspace
 * (man pages), escape (coloured logs). */
static inline bool bytes_is_odd(uint8_t c)
{
	return c < 8 || (c >= 0x0e && c < 0x20 && c != 0x1b) || c == 0x7f;
}
/* How many of them there are. */
size_t bytes_odd(const uint8_t *at, size_t len);
bool bytes_beyond_ascii(const uint8_t *at, size_t len);

#endif
