/* SPDX-License-Identifier: MIT */
/* Makes git packs, loose objects and files to hold them, right and wrong ones. */
#ifndef UNIT_PACKMAKER_H
#define UNIT_PACKMAKER_H

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/buf.h"
#include "git/git.h"
#include "scratch_os.h"

enum { OFS_DELTA = 6, REF_DELTA = 7 };

static inline void put_deflated(struct buf *out, const void *bytes, size_t len)
{
	uLongf room = compressBound((uLong)len);
	char *to = buf_reserve(out, room);
	if (compress2((Bytef *)to, &room, bytes, (uLong)len, 1) == Z_OK)
		out->len += room;
}

static inline void put_number(struct buf *out, uint64_t value, unsigned bytes)
{
	while (bytes--)
		buf_add(out, &(uint8_t){(uint8_t)(value >> 8 * bytes)}, 1);
}

static inline void pack_begin(struct buf *out, uint32_t count)
{
	buf_puts(out, "PACK");
	put_number(out, 2, 4);
	put_number(out, count, 4);
}

static inline void pack_end(struct buf *out)
{
	static const uint8_t digest[20]; /* nobody looks at it */
	buf_add(out, digest, sizeof digest);
}

static inline void put_head(struct buf *out, unsigned type, uint64_t size)
{
	uint8_t byte = (uint8_t)(type << 4 | (size & 15));
	for (size >>= 4; size; size >>= 7) {
		buf_add(out, &(uint8_t){byte | 0x80}, 1);
		byte = size & 0x7f;
	}
	buf_add(out, &byte, 1);
}

static inline void put_back(struct buf *out, uint64_t back)
{
	uint8_t bytes[10];
	size_t at = sizeof bytes;
	bytes[--at] = back & 0x7f;
	while (back >>= 7)
		bytes[--at] = 0x80 | (--back & 0x7f);
	buf_add(out, bytes + at, sizeof bytes - at);
}

static inline size_t put_object(struct buf *out, unsigned type, const void *bytes, size_t len)
{
	size_t at = out->len;
	put_head(out, type, len);
	put_deflated(out, bytes, len);
	return at;
}

/* A delta on the object that begins at `base` of the pack. */
static inline size_t put_ofs_delta(struct buf *out, size_t base, const struct buf *delta)
{
	size_t at = out->len;
	put_head(out, OFS_DELTA, delta->len);
	put_back(out, at - base);
	put_deflated(out, delta->data, delta->len);
	return at;
}

static inline size_t put_ref_delta(struct buf *out, const struct git_id *base,
				   const struct buf *delta)
{
	size_t at = out->len;
	put_head(out, REF_DELTA, delta->len);
	buf_add(out, base->bytes, 20);
	put_deflated(out, delta->data, delta->len);
	return at;
}

/* ---- deltas ---- */

static inline void put_size(struct buf *out, uint64_t size)
{
	for (; size > 0x7f; size >>= 7)
		buf_add(out, &(uint8_t){0x80 | (size & 0x7f)}, 1);
	buf_add(out, &(uint8_t){(uint8_t)size}, 1);
}

static inline void delta_begin(struct buf *out, uint64_t from, uint64_t to)
{
	buf_cut(out, 0);
	put_size(out, from);
	put_size(out, to);
}

static inline void delta_copy(struct buf *out, uint32_t offset, uint32_t size)
{
	uint8_t bytes[8] = {0xff};
	for (unsigned i = 0; i < 4; i++)
		bytes[1 + i] = (uint8_t)(offset >> 8 * i);
	for (unsigned i = 0; i < 3; i++)
		bytes[5 + i] = (uint8_t)(size >> 8 * i);
	buf_add(out, bytes, sizeof bytes);
}

static inline void delta_insert(struct buf *out, const char *text)
{
	buf_add(out, &(uint8_t){(uint8_t)strlen(text)}, 1);
	buf_puts(out, text);
}

/* ---- files ---- */

static inline void put_loose(struct buf *out, const char *type, const void *bytes, size_t len)
{
	struct buf all = {0};
	buf_printf(&all, "%s %zu", type, len);
	buf_add(&all, "", 1);
	buf_add(&all, bytes, len);
	put_deflated(out, all.data, all.len);
	buf_free(&all);
}

/* NULL when it can not be had. */
static inline struct plat_file *file_of(const void *bytes, size_t len)
{
	return os_file_of(bytes, len, false);
}

#endif
