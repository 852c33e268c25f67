/* SPDX-License-Identifier: MIT */
/* libarchive gives a name that has no encoding (ustar, cpio, most of zip) as its bytes, and
 * one that has (pax, 7z, zip's own flag) in that of the locale. Where no locale is UTF-8,
 * as on Windows, it keeps the latter in wide characters, and has for it in the locale "C"
 * no bytes, or those of Latin-1. */
#include "detect/container_name.h"

#include <archive_entry.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static bool is_utf8(const char *name)
{
	size_t left = strlen(name), len;
	for (const uint8_t *at = (const uint8_t *)name; left; at += len, left -= len) {
		len = utf8_length(at, left);
		if (!len || len > left)
			return false;
	}
	return true;
}

/* A wide character has 16 bits here and 32 there. */
static void put_wide(struct buf *out, const wchar_t *wide)
{
	for (; *wide; wide++) {
		uint32_t c = (uint32_t)*wide, next = (uint32_t)wide[1];
		if (c >= 0xd800 && c < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
			c = 0x10000 + ((c & 0x3ff) << 10 | (next & 0x3ff));
			wide++;
		}
		if (c <= 0x10ffff)
			out->len += utf8_put(c, buf_reserve(out, 4));
	}
	*buf_reserve(out, 1) = 0;
}

const char *container_entry_path(struct archive_entry *entry, struct buf *room)
{
	const char *name = archive_entry_pathname(entry);
	if (name && is_utf8(name))
		return name;
	const wchar_t *wide = archive_entry_pathname_w(entry);
	if (!wide)
		return name;
	put_wide(room, wide);
	return buf_text(room);
}
