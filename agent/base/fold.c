/* SPDX-License-Identifier: MIT */
#include "base/fold.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* From `first` to `last`, each `stride`th has its capital at that distance. It is the
 * table that mkntfs gives a volume ($UpCase) for the scripts that people name files in;
 * of the others a pattern has to be written as the file is. */
static const struct run {
	uint16_t first, last;
	int16_t distance;
	uint8_t stride;
} runs[] = {
	{0xe0, 0xf6, -32, 1},	    {0xf8, 0xfe, -32, 1},     {0xff, 0xff, 121, 1},
	{0x101, 0x12f, -1, 2},	    {0x133, 0x137, -1, 2},    {0x13a, 0x148, -1, 2},
	{0x14b, 0x177, -1, 2},	    {0x17a, 0x17e, -1, 2},    {0x1a1, 0x1a5, -1, 2},
	{0x1b0, 0x1b0, -1, 1},	    {0x1ce, 0x1dc, -1, 2},    {0x1dd, 0x1dd, -79, 1},
	{0x1df, 0x1ef, -1, 2},	    {0x1f5, 0x1f5, -1, 1},    {0x1f9, 0x21f, -1, 2},
	{0x223, 0x233, -1, 2},	    {0x253, 0x253, -210, 1},  {0x254, 0x254, -206, 1},
	{0x256, 0x257, -205, 1},    {0x259, 0x259, -202, 1},  {0x25b, 0x25b, -203, 1},
	{0x3ac, 0x3ac, -38, 1},	    {0x3ad, 0x3af, -37, 1},   {0x3b1, 0x3c1, -32, 1},
	{0x3c3, 0x3cb, -32, 1},	    {0x3cc, 0x3cc, -64, 1},   {0x3cd, 0x3ce, -63, 1},
	{0x430, 0x44f, -32, 1},	    {0x450, 0x45f, -80, 1},   {0x461, 0x481, -1, 2},
	{0x48b, 0x4bf, -1, 2},	    {0x4c2, 0x4ce, -1, 2},    {0x4cf, 0x4cf, -15, 1},
	{0x4d1, 0x523, -1, 2},	    {0x561, 0x586, -48, 1},   {0x1e01, 0x1e95, -1, 2},
	{0x1ea1, 0x1eff, -1, 2},    {0x2170, 0x217f, -16, 1}, {0x24d0, 0x24e9, -26, 1},
	{0x2d00, 0x2d25, -7264, 1}, {0xff41, 0xff5a, -32, 1},
};

static uint32_t capital(uint32_t c)
{
	size_t low = 0, high = sizeof runs / sizeof *runs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (runs[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == sizeof runs / sizeof *runs || c < runs[low].first ||
	    (c - runs[low].first) % runs[low].stride)
		return c;
	return (uint32_t)((int32_t)c + runs[low].distance);
}

/* The capital of the character at `at`, and its length, at least 1. */
static uint32_t next(const uint8_t *at, size_t *ret_len)
{
	*ret_len = 1;
	if (*at < 0x80)
		return *at >= 'a' && *at <= 'z' ? *at - 32u : *at;
	size_t len = utf8_length(at, 4); /* a NUL continues no character */
	if (len < 2 || len > 3)
		return 0x110000u + *at; /* a byte for itself, like no character */
	*ret_len = len;
	uint32_t c = len == 2 ? at[0] & 0x1fu : at[0] & 0xfu;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (at[i] & 0x3fu);
	return capital(c);
}

void fold_text(char *text)
{
	size_t len;
	for (uint8_t *at = (uint8_t *)text; *at; at += len) {
		uint32_t c = next(at, &len);
		if (c < 0x110000u)
			(void)utf8_put(c, at);
	}
}

char *fold_copy(const char *text)
{
	char *copy = mem_strdup(text);
	fold_text(copy);
	return copy;
}

int fold_compare(const char *a, const char *b)
{
	return fold_compare_n(a, b, SIZE_MAX);
}

int fold_compare_n(const char *a, const char *b, size_t len)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
	size_t one, other;
	for (; len; len -= other < len ? other : len, x += one, y += other) {
		uint32_t c = next(x, &one), d = next(y, &other);
		if (c != d)
			return c < d ? -1 : 1;
		if (!c)
			return 0;
	}
	return 0;
}
