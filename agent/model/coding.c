/* SPDX-License-Identifier: MIT */
#include "model/coding.h"

#include <string.h>

enum { MASK = 15 };

static const char *const names[CODING_COUNT] = {
	[CODING_NONE] = "none",	       [CODING_BASE64] = "base64",
	[CODING_HEX] = "hex",	       [CODING_PERCENT] = "percent",
	[CODING_ESCAPES] = "escapes",  [CODING_UTF16LE] = "utf-16le",
	[CODING_UTF16BE] = "utf-16be", [CODING_UTF32LE] = "utf-32le",
	[CODING_UTF32BE] = "utf-32be",
};

enum coding codings_outer(uint32_t path)
{
	return (enum coding)(path & MASK);
}

uint32_t codings_inner(uint32_t path)
{
	return path >> CODING_BITS;
}

unsigned codings_depth(uint32_t path)
{
	unsigned depth = 0;
	for (; path; path >>= CODING_BITS)
		depth++;
	return depth;
}

uint32_t codings_add(uint32_t path, enum coding coding)
{
	unsigned depth = codings_depth(path);
	return depth < CODINGS_MAX ? path | (uint32_t)coding << depth * CODING_BITS : 0;
}

bool codings_hold(uint32_t path)
{
	if (codings_depth(path) > CODINGS_MAX)
		return false;
	for (; path; path >>= CODING_BITS)
		if (!(path & MASK) || (path & MASK) >= CODING_COUNT)
			return false;
	return true;
}

const char *coding_name(enum coding coding)
{
	return names[coding];
}

bool coding_parse(const char *text, enum coding *ret)
{
	for (unsigned i = 0; i < CODING_COUNT; i++) {
		if (strcmp(names[i], text) == 0) {
			*ret = (enum coding)i;
			return true;
		}
	}
	return false;
}

void codings_text(uint32_t path, struct buf *out)
{
	for (const char *between = ""; path; path = codings_inner(path), between = ", ")
		buf_printf(out, "%s%s", between, coding_name(codings_outer(path)));
}
