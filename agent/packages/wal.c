/* SPDX-License-Identifier: MIT */
#include "packages/wal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

enum {
	MAGIC = 0x377f0682, /* the lowest bit: sums are over big-endian numbers */
	VERSION = 3007000,
	HEAD = 32,
	FRAME_HEAD = 24, /* page, pages after a commit, two salts, two sums */
};

struct sum {
	bool big_endian;
	uint32_t a, b;
};

static void sum_add(struct sum *sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		bool big = sum->big_endian;
		sum->a += (big ? be32(bytes + i) : le32(bytes + i)) + sum->b;
		sum->b += (big ? be32(bytes + i + 4) : le32(bytes + i + 4)) + sum->a;
	}
}

static bool sum_is(const struct sum *sum, const uint8_t *stored)
{
	return sum->a == be32(stored) && sum->b == be32(stored + 4);
}

static uint64_t place_of(const struct wal *wal, uint32_t frame)
{
	return HEAD + (uint64_t)(frame - 1) * (FRAME_HEAD + wal->page_size);
}

/* The last frame that ends a transaction, 0 when there is none. */
static uint32_t last_commit(struct wal *wal, const uint8_t head[HEAD], struct sum *sum)
{
	uint32_t last = 0;
	size_t len = FRAME_HEAD + wal->page_size;
	_cleanup_free_ uint8_t *frame = mem_alloc(len);
	for (uint32_t i = 1; place_of(wal, i) + len <= wal->file->size; i++) {
		if (reader_bytes(wal->file, frame, len, place_of(wal, i)) < 0 ||
		    memcmp(frame + 8, head + 16, 8) != 0)
			break;
		sum_add(sum, frame, 8);
		sum_add(sum, frame + FRAME_HEAD, wal->page_size);
		if (!sum_is(sum, frame + 16))
			break;
		if (!be32(frame + 4))
			continue;
		last = i;
		wal->pages = be32(frame + 4);
	}
	return last;
}

static int index_frames(struct wal *wal, uint32_t last)
{
	if (wal->pages > READER_FILE_MAX / wal->page_size)
		return -EFBIG;
	wal->frame = mem_alloc(((size_t)wal->pages + 1) * sizeof *wal->frame);
	for (uint32_t i = 1; i <= last; i++) {
		uint8_t head[FRAME_HEAD];
		int r = reader_bytes(wal->file, head, FRAME_HEAD, place_of(wal, i));
		if (r < 0)
			return r;
		uint32_t number = be32(head);
		if (number <= wal->pages)
			wal->frame[number] = i;
	}
	return 0;
}

int wal_open(struct wal *ret, const struct packages_file *file)
{
	uint8_t head[HEAD];
	*ret = (struct wal){.file = file};
	if (file->size < HEAD)
		return 0;
	int r = reader_bytes(file, head, HEAD, 0);
	if (r < 0)
		return r;
	uint32_t page = be32(head + 8);
	struct sum sum = {.big_endian = head[3] & 1};
	sum_add(&sum, head, 24);
	if ((be32(head) & ~1u) != MAGIC || be32(head + 4) != VERSION || page < 512 ||
	    page > 65536 || (page & (page - 1)) || !sum_is(&sum, head + 24))
		return 0;
	ret->page_size = page;
	uint32_t last = last_commit(ret, head, &sum);
	return last ? index_frames(ret, last) : 0;
}

void wal_close(struct wal *wal)
{
	free(wal->frame);
	wal->frame = NULL;
}

int wal_page(const struct wal *wal, uint32_t number, uint8_t *out)
{
	if (!wal->frame || number > wal->pages || !wal->frame[number])
		return 0;
	uint64_t at = place_of(wal, wal->frame[number]) + FRAME_HEAD;
	int r = reader_bytes(wal->file, out, wal->page_size, at);
	return r < 0 ? r : 1;
}
