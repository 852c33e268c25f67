/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

void name_from_wide(const wchar_t *text, size_t units, struct buf *out)
{
	for (size_t i = 0; i < units; i++) {
		uint32_t c = text[i];
		if (is_high(c) && i + 1 < units && is_low(text[i + 1]))
			c = 0x10000 + ((c & 0x3ff) << 10 | (text[++i] & 0x3ffu));
		uint8_t bytes[4];
		buf_add(out, bytes, utf8_put(c, bytes));
	}
}

/* One character, its bytes counted; 0: it is none. utf8_length() refuses surrogates. */
static size_t take(const uint8_t *at, size_t left, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	if (!n || n > left || *at > 0xf4)
		return 0;
	uint32_t c = n == 1 ? *at : *at & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3fu);
	}
	*ret = c;
	return c < least[n] || c > 0x10ffff ? 0 : n;
}

wchar_t *name_to_wide(const char *name, size_t *ret_units)
{
	size_t len = strlen(name), units = 0;
	const uint8_t *at = (const uint8_t *)name;
	wchar_t *wide = mem_alloc((len + 1) * sizeof *wide);
	while (len) {
		uint32_t c;
		size_t n = take(at, len, &c);
		if (!n || (is_low(c) && units && is_high(wide[units - 1]))) {
			free(wide);
			return NULL;
		}
		if (c >= 0x10000) {
			wide[units++] = (wchar_t)(0xd800 | (c - 0x10000) >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		wide[units++] = (wchar_t)c;
		at += n;
		len -= n;
	}
	wide[units] = 0;
	*ret_units = units;
	return wide;
}
