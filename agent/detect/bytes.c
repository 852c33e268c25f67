/* SPDX-License-Identifier: MIT */
#include "detect/bytes.h"

enum { LANES = sizeof(bytes16), SUMS = 255 /* that a byte can hold */ };

typedef bytes16 test_function(bytes16 v, uint8_t byte);

static size_t sum(bytes16 v)
{
	const uint64_t even = 0x00ff00ff00ff00ffu;
	uint64_t half[2];
	memcpy(half, &v, sizeof half);
	uint64_t pairs = (half[0] & even) + (half[0] >> 8 & even) + (half[1] & even) +
			 (half[1] >> 8 & even);
	return pairs * 0x0001000100010001u >> 48;
}

/* The last few bytes: lanes behind them count for nothing. */
static bytes16 test_rest(const uint8_t *at, size_t len, test_function *test, uint8_t byte)
{
	static const bytes16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t rest[LANES] = {0};
	memcpy(rest, at, len);
	bytes16 v = test(bytes_at(rest), byte) & (bytes16)(lane < (uint8_t)len);
	memset(rest, 0, sizeof rest);
	return v;
}

__attribute__((always_inline)) static inline size_t count(const uint8_t *at, size_t len,
							  test_function *test, uint8_t byte)
{
	size_t n = 0;
	while (len >= LANES) {
		size_t blocks = len / LANES < SUMS ? len / LANES : SUMS;
		bytes16 seen = {0};
#pragma GCC unroll 4
		for (size_t i = 0; i < blocks; i++, at += LANES)
			seen -= test(bytes_at(at), byte);
		n += sum(seen);
		len -= blocks * LANES;
	}
	return len ? n + sum(test_rest(at, len, test, byte) & 1) : n;
}

static inline bytes16 is_byte(bytes16 v, uint8_t byte)
{
	return bytes_are(v, byte);
}

size_t bytes_count(const uint8_t *at, size_t len, uint8_t byte)
{
	return count(at, len, is_byte, byte);
}

size_t bytes_lines(const uint8_t *at, size_t len, size_t *ret_last)
{
	size_t lines = bytes_count(at, len, '\n');
	if (!lines)
		return 0;
	while (at[len - 1] != '\n')
		len--;
	*ret_last = len;
	return lines;
}

static inline bytes16 is_odd(bytes16 v, uint8_t unused)
{
	(void)unused;
	return bytes_within(v, 0, 7) | bytes_are(v, 0x7f) |
	       (bytes_within(v, 0x0e, 0x1f) & ~bytes_are(v, 0x1b));
}

size_t bytes_odd(const uint8_t *at, size_t len)
{
	return count(at, len, is_odd, 0);
}

bool bytes_beyond_ascii(const uint8_t *at, size_t len)
{
	bytes16 all = {0};
	uint8_t rest = 0;
	for (; len >= LANES; at += LANES, len -= LANES)
		all |= bytes_at(at);
	for (; len; len--)
		rest |= *at++;
	return rest >= 0x80 || bytes_any(all & 0x80);
}
