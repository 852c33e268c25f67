/* SPDX-License-Identifier: MIT */
/* Characters in UTF-8 (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the character that begins here, also when it ends beyond `left` > 0 bytes;
 * 0: none does. Table 3-7 of the Unicode standard. */
static inline size_t utf8_length(const uint8_t *at, size_t left)
{
	size_t len = at[0] < 0x80		      ? 1
		     : at[0] >= 0xc2 && at[0] <= 0xdf ? 2
		     : at[0] >= 0xe0 && at[0] <= 0xef ? 3
		     : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
						      : 0;
	for (size_t i = 1; i < len && i < left; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than need be, a surrogate, beyond the last. */
	if (len > 2 && left > 1 &&
	    ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	     (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)))
		return 0;
	return len;
}

/* How many of the four bytes that `out` has room for a character takes. */
static inline size_t utf8_put(uint32_t c, void *out)
{
	uint8_t *to = out;
	if (c < 0x80)
		return *to = (uint8_t)c, 1;
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; --i; c >>= 6)
		to[i] = (uint8_t)(0x80 | (c & 0x3f));
	*to = (uint8_t)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
	return n;
}

#endif
