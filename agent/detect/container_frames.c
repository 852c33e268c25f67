/* SPDX-License-Identifier: MIT */
/* Each format is a chain of steps. A step gets the `want` bytes it asked for in
 * head and says how many to skip, what it wants next, or that the frame ends
 * after the skip. */
#include "detect/container_frames.h"

#include <string.h>

#include "base/number.h"

static uint32_t little(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t big(const uint8_t *at)
{
	return at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
}

static void next(struct frames *f, uint64_t skip, size_t want, void (*step)(struct frames *))
{
	f->skip = skip;
	f->want = want;
	f->step = step;
}

static void end(struct frames *f, uint64_t skip)
{
	f->skip = skip;
	f->ending = true;
}

static bool is_skippable(const uint8_t *at)
{
	return (at[0] & 0xf0) == 0x50 && !memcmp(at + 1, "\x2a\x4d\x18", 3);
}

static void skippable_size(struct frames *f)
{
	end(f, little(f->head));
}

/* ---- zstd: RFC 8878, section 3.1.1 ---- */

static void zstd_block(struct frames *f)
{
	unsigned type = f->head[0] >> 1 & 3;
	uint64_t size = (little((uint8_t[]){f->head[0], f->head[1], f->head[2], 0})) >> 3;
	size = type == 1 ? 1 : size; /* one byte, repeated */
	f->lost = type == 3;
	if (f->head[0] & 1)
		end(f, size + (f->flags & 4 ? 4 : 0));
	else
		next(f, size, 3, zstd_block);
}

static void zstd_flags(struct frames *f)
{
	static const uint8_t ids[] = {0, 1, 2, 4}, sizes[] = {0, 2, 4, 8};
	bool single = f->head[0] & 0x20;
	unsigned sized = f->head[0] >> 6;
	f->flags = f->head[0];
	unsigned size = sized ? sizes[sized] : single;
	next(f, (single ? 0u : 1u) + ids[f->flags & 3] + size, 3, zstd_block);
}

static void zstd_magic(struct frames *f)
{
	if (is_skippable(f->head))
		next(f, 0, 4, skippable_size);
	else
		next(f, 0, 1, zstd_flags);
}

/* ---- lz4: lz4_Frame_format.md ---- */

enum { LZ4_LEGACY_MOST = (8 << 20) + (8 << 20) / 255 + 16 };

static void lz4_block(struct frames *f)
{
	uint32_t size = little(f->head);
	if (size)
		next(f, (size & 0x7fffffff) + (f->flags & 0x10 ? 4u : 0), 4, lz4_block);
	else
		end(f, f->flags & 4 ? 4 : 0);
}

static void lz4_flags(struct frames *f)
{
	f->flags = f->head[0];
	f->lost = f->flags >> 6 != 1;
	next(f, (f->flags & 8 ? 8u : 0) + (f->flags & 1 ? 4u : 0) + 2, 4, lz4_block);
}

/* The old form has no end mark: each of its blocks is taken for a frame, so that
 * what stands behind it can be looked at before it is taken. */
static void lz4_legacy(struct frames *f)
{
	end(f, little(f->head));
}

static void lz4_magic(struct frames *f)
{
	f->legacy = f->head[0] == 2;
	if (is_skippable(f->head))
		next(f, 0, 4, skippable_size);
	else if (f->legacy)
		end(f, 0);
	else
		next(f, 0, 1, lz4_flags);
}

/* ---- xz: xz-file-format.txt; chunks as in xz's lzma2_decoder.c ---- */

static void xz_block(struct frames *f);
static void xz_chunk(struct frames *f);

static unsigned xz_padding(const struct frames *f)
{
	return (unsigned)(-f->taken & 3);
}

static void xz_chunk_size(struct frames *f)
{
	bool plain = f->want == 2;
	const uint8_t *size = f->head + (plain ? 0 : 2);
	next(f, (uint64_t)(size[0] << 8 | size[1]) + 1 + (f->flags & 1), 1, xz_chunk);
}

static void xz_chunk(struct frames *f)
{
	static const uint8_t checks[] = {0, 4, 8, 16, 32, 64};
	unsigned control = f->head[0], check = f->flags >> 4;
	f->flags &= 0xf0;
	f->lost = control > 2 && control < 0x80;
	if (!control) {
		next(f, xz_padding(f) + checks[(check + 2) / 3], 1, xz_block);
		return;
	}
	f->flags |= control >= 0xc0; /* new properties */
	next(f, 0, control < 0x80 ? 2 : 4, xz_chunk_size);
}

static void xz_index(struct frames *f)
{
	f->records -= !(f->head[0] & 0x80);
	if (f->records)
		next(f, 0, 1, xz_index);
	else
		end(f, xz_padding(f) + 4 + 12);
}

static void xz_records(struct frames *f)
{
	unsigned at = f->frames * 7; /* `frames` counts the digits here */
	f->lost = f->frames++ > 8;
	f->records |= at < 63 ? (uint64_t)(f->head[0] & 0x7f) << at : 0;
	if (f->head[0] & 0x80) {
		next(f, 0, 1, xz_records);
		return;
	}
	f->records = f->records > UINT64_MAX / 4 ? UINT64_MAX / 4 : f->records * 2;
	if (f->records)
		next(f, 0, 1, xz_index);
	else
		end(f, xz_padding(f) + 4 + 12);
}

static void xz_block(struct frames *f)
{
	f->records = f->frames = 0;
	if (f->head[0])
		next(f, f->head[0] * 4u + 3, 1, xz_chunk);
	else
		next(f, 0, 1, xz_records);
}

static void xz_header(struct frames *f)
{
	f->flags = (uint8_t)(f->head[7] << 4);
	next(f, 0, 1, xz_block);
}

/* ---- RPM, behind its lead: the signature and the header; rpm's header.c ---- */

static void rpm_header(struct frames *f)
{
	uint64_t size = (uint64_t)big(f->head + 8) * 16 + big(f->head + 12);
	f->lost = memcmp(f->head, "\x8e\xad\xe8", 3) != 0;
	if (f->frames++)
		end(f, size);
	else
		next(f, (size + 7) & ~(uint64_t)7, 16, rpm_header);
}

/* ---- all of them ---- */

static void begin_frame(struct frames *f)
{
	f->inside = true;
	f->ending = false;
	f->have = 0;
	f->frames = 0;
	f->taken = 0;
	if (f->kind == CONTAINER_ZSTD)
		next(f, 0, 4, zstd_magic);
	else if (f->kind == CONTAINER_XZ)
		next(f, 0, 12, xz_header);
	else if (f->kind == CONTAINER_RPM)
		next(f, 0, 16, rpm_header);
	else
		next(f, 0, 4, lz4_magic);
}

void frames_begin(struct frames *f, enum container_kind kind)
{
	*f = (struct frames){.kind = kind};
	if (kind == CONTAINER_ZSTD || kind == CONTAINER_XZ || kind == CONTAINER_LZ4 ||
	    kind == CONTAINER_RPM)
		begin_frame(f);
}

static bool xz_goes_on(struct frames *f, const uint8_t *bytes, size_t have)
{
	if (have < 4 || (little(bytes) && (have < 6 || memcmp(bytes, "\xfd\x37zXZ", 6) != 0)))
		return false;
	begin_frame(f);
	if (!little(bytes)) /* padding between streams */
		end(f, 4);
	return true;
}

bool frames_go_on(struct frames *f, const uint8_t *bytes, size_t have)
{
	if (!f->step)
		return have > 0;
	if (f->inside || f->lost)
		return have > 0;
	if (f->kind == CONTAINER_RPM || have < 4)
		return false;
	if (f->kind == CONTAINER_XZ)
		return xz_goes_on(f, bytes, have);
	bool zstd = f->kind == CONTAINER_ZSTD, legacy = f->legacy;
	bool again = is_skippable(bytes) ||
		     (zstd ? !memcmp(bytes, "\x28\xb5\x2f\xfd", 4)
			   : !memcmp(bytes, "\x04\x22\x4d\x18", 4) ||
				      !memcmp(bytes, "\x02\x21\x4c\x18", 4));
	if (again || (legacy && little(bytes) && little(bytes) <= LZ4_LEGACY_MOST)) {
		begin_frame(f);
		if (!again)
			next(f, 0, 4, lz4_legacy);
		return true;
	}
	return false;
}

size_t frames_take(struct frames *f, const uint8_t *bytes, size_t have)
{
	size_t at = 0;
	if (!f->step)
		return have;
	while (at < have && f->inside && !f->lost) {
		size_t n = (size_t)smaller(f->skip, have - at);
		f->skip -= n;
		if (!n && !f->ending) {
			n = (size_t)smaller(f->want - f->have, have - at);
			memcpy(f->head + f->have, bytes + at, n);
			f->have += n;
		}
		at += n;
		f->taken += n;
		if (!f->skip && !f->ending && f->have == f->want) {
			f->have = 0;
			f->step(f);
		}
		if (!f->skip && f->ending)
			f->inside = false;
	}
	return f->lost ? have : at;
}
