/* SPDX-License-Identifier: MIT */
#include "detect/text.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "detect/bytes.h"

/* Sixteen characters at most, where the first is one. */
static size_t ascii_from(const uint8_t *bytes, size_t left)
{
	if (left < sizeof(bytes16))
		return 1;
	unsigned others = bytes_mask((bytes16)(bytes_at(bytes) >= 0x80));
	return others ? (size_t)__builtin_ctz(others) : sizeof(bytes16);
}

static bool has_stray(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = bytes[i] < 0x80 ? ascii_from(bytes + i, len - i)
					   : utf8_length(bytes + i, len - i);
		if (!n)
			return true;
		i += n; /* beyond the block when its end cuts one */
	}
	return false;
}

enum text_kind text_kind_of(const uint8_t *bytes, size_t len)
{
	size_t odd = bytes_odd(bytes, len);
	if (odd > 2 && odd * 20 > len)
		return TEXT_BINARY;
	return bytes_beyond_ascii(bytes, len) && has_stray(bytes, len) ? TEXT_UNSURE
								       : TEXT_PLAIN;
}

/* ---- wide text ---- */

enum {
	UNITS_MIN = 8, /* without a mark fewer say nothing */
	WIDE_HEAD = 512,
};

static uint32_t unit_at(const uint8_t *at, size_t size, bool big)
{
	uint32_t unit = 0;
	for (size_t i = 0; i < size; i++)
		unit = unit << 8 | at[big ? i : size - 1 - i];
	return unit;
}

static bool is_odd_unit(uint32_t unit)
{
	return unit > 0x10ffff || unit == 0xfffe || unit == 0xffff ||
	       (unit < 0x80 && bytes_is_odd((uint8_t)unit));
}

static bool is_wide(const uint8_t *bytes, size_t len, size_t size, bool big)
{
	size_t odd = 0, letters = 0, units = len / size;
	bool marked = units && unit_at(bytes, size, big) == 0xfeff;
	for (size_t i = 0; i < units && odd * 20 <= units; i++) {
		uint32_t unit = unit_at(bytes + i * size, size, big);
		odd += is_odd_unit(unit);
		letters += unit < 0x80;
	}
	if (odd * 20 > units)
		return false;
	return marked || (units >= UNITS_MIN && letters * 10 >= units * 7);
}

enum coding text_coding_of(const uint8_t *bytes, size_t len)
{
	static const struct {
		enum coding coding;
		size_t size;
		bool big;
	} kinds[] = {{CODING_UTF32LE, 4, false},
		     {CODING_UTF32BE, 4, true},
		     {CODING_UTF16LE, 2, false},
		     {CODING_UTF16BE, 2, true}};
	if (len > WIDE_HEAD)
		len = WIDE_HEAD;
	/* Every byte order has zeros, or a mark, in the first bytes. */
	bool marked = len >= 2 && (bytes[0] & bytes[1]) >= 0xfe;
	if (len < 4 || (!marked && !memchr(bytes, 0, len < 32 ? len : 32)))
		return CODING_NONE;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (is_wide(bytes, len, kinds[i].size, kinds[i].big))
			return kinds[i].coding;
	return CODING_NONE;
}
