/* SPDX-License-Identifier: MIT */
#include "detect/text.h"

#include <stdbool.h>

/* Controls that text files do hold: tab, line ends, form feed, backspace (man
 * pages), escape (coloured logs). */
static bool is_odd(uint8_t c)
{
	return c == 0x7f || (c < 0x20 && !(c >= 0x08 && c <= 0x0d) && c != 0x1b);
}

/* Length of a well-formed sequence beyond ASCII, 0 if it is none; one that the
 * end of the block cuts is taken as whole. */
static size_t utf8_length(const uint8_t *at, size_t left)
{
	size_t len = at[0] >= 0xc2 && at[0] <= 0xdf   ? 2
		     : at[0] >= 0xe0 && at[0] <= 0xef ? 3
		     : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
						      : 0;
	for (size_t i = 1; i < len && i < left; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

enum text_kind text_kind_of(const uint8_t *bytes, size_t len)
{
	size_t odd = 0, stray = 0;
	if (len >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
		return TEXT_UTF16_LE;
	if (len >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff)
		return TEXT_UTF16_BE;
	for (size_t i = 0; i < len;) {
		if (bytes[i] < 0x80) {
			odd += is_odd(bytes[i++]);
			continue;
		}
		size_t n = utf8_length(bytes + i, len - i);
		stray += !n;
		i += n ? n : 1;
	}
	if (odd > 2 && odd * 20 > len)
		return TEXT_BINARY;
	return stray ? TEXT_UNSURE : TEXT_PLAIN;
}
