/* SPDX-License-Identifier: MIT */
/* Numbers, and how files hold them: big end first, little end first, hexadecimal. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The number, or the largest there is room for. */
static inline uint32_t narrowed(uint64_t number)
{
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static inline uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static inline uint32_t le16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t le32(const uint8_t *p)
{
	return le16(p + 2) << 16 | le16(p);
}

/* -1 for what is no digit. Which kind of digit comes next nobody can predict. */
static inline int hex_digit(uint8_t c)
{
	unsigned number = c - '0', letter = (c | 0x20) - 'a';
	int high = letter < 6 ? (int)letter + 10 : -1;
	return number < 10 ? (int)number : high;
}

/* The bytes that twice as many digits stand for; false when one is no digit. */
static inline bool hex_bytes(const void *digits, size_t bytes, uint8_t *ret)
{
	const uint8_t *at = digits;
	int bad = 0;
	for (size_t i = 0; i < bytes; i++) {
		int high = hex_digit(at[2 * i]), low = hex_digit(at[2 * i + 1]);
		bad |= high | low;
		ret[i] = (uint8_t)(high * 16 + low);
	}
	return bad >= 0;
}

#endif
