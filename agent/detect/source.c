/* SPDX-License-Identifier: MIT */
#include "detect/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stage.h"

enum {
	MAP_LEAST = 128 << 10, /* below it reading is cheaper */
	MAP_MOST = 8 << 20,    /* it counts as memory of ours */
};

/* Moves `at` to the next real data of a sparse file. */
static int skip_hole(struct source *source, uint64_t *hole)
{
	if (!source->sparse || source->at < source->data_end)
		return 0;
	uint64_t start, end;
	int r = plat_file_data(source->file, source->at, source->size, &start, &end);
	if (r < 0)
		return r;
	if (r == 1)
		start = end = source->size;
	if (start > source->at)
		*hole += start - source->at;
	source->at = start;
	source->data_end = end;
	return 0;
}

static int64_t read_at(struct source *source, void *out, size_t cap, uint64_t offset)
{
	enum stage before = stage_enter(STAGE_READ);
	int64_t n = plat_file_read(source->file, out, cap, offset);
	stage_enter(before);
	return n;
}

static int64_t read_file(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	int r = skip_hole(source, hole);
	if (r < 0)
		return r;
	uint64_t stop = source->sparse ? source->data_end : source->size;
	if (source->at >= stop)
		return 0;
	if (cap > stop - source->at)
		cap = (size_t)(stop - source->at);
	int64_t n = read_at(source, out, cap, source->at);
	if (n > 0)
		source->at += (uint64_t)n;
	return n;
}

static int64_t read_memory(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	(void)hole;
	if (cap > source->size - source->at)
		cap = (size_t)(source->size - source->at);
	memcpy(out, source->memory + source->at, cap);
	source->at += cap;
	return (int64_t)cap;
}

void source_file(struct source *ret, struct plat_file *file, uint64_t size, bool sparse)
{
	*ret = (struct source){.read = read_file, .file = file, .size = size, .sparse = sparse};
}

void source_memory(struct source *ret, const void *bytes, size_t len)
{
	*ret = (struct source){.read = read_memory, .memory = bytes, .size = len};
}

void source_map(struct source *source)
{
	if (source->sparse || source->size < MAP_LEAST || source->size > MAP_MOST)
		return;
	source->memory = plat_file_map(source->file, (size_t)source->size);
	source->mapped = source->memory != NULL;
	if (source->mapped)
		source->read = read_memory;
}

int source_unmap(struct source *source)
{
	if (!source->mapped)
		return 0;
	source->mapped = false;
	source->memory = NULL;
	return plat_file_unmap(source->file);
}

void source_lend(struct source *source, struct source_room *room)
{
	source->room = room;
}

int64_t source_read(struct source *source, void *out, size_t cap, uint64_t *ret_hole)
{
	*ret_hole = 0;
	size_t waiting = source->head_len - source->head_at;
	if (source->head_hole && source->head_at == source->head_hole_at) {
		*ret_hole = source->head_hole;
		source->head_hole = 0;
	} else if (source->head_hole) {
		waiting = source->head_hole_at - source->head_at;
	}
	if (!waiting)
		return source->read(source, out, cap, ret_hole);
	if (cap > waiting)
		cap = waiting;
	memcpy(out, source->head + source->head_at, cap);
	source->head_at += cap;
	return (int64_t)cap;
}

/* A hole can not be given back: a sparse file is looked at by place, so that its
 * holes stay in the stream. */
static int64_t look_by_place(struct source *source, size_t most)
{
	int64_t n = source_pread(source, source->head, most, 0);
	if (n >= 0)
		source->head_len = source->head_at = (size_t)n;
	return n;
}

/* What lies behind a hole is no part of the look, but when it comes first. */
static int64_t look_ahead(struct source *source, size_t most)
{
	while (source->head_len < most && !source->head_ended) {
		uint64_t hole = 0;
		int64_t n = source->read(source, source->head + source->head_len,
					 most - source->head_len, &hole);
		if (n < 0)
			return n;
		if (hole) {
			source->head_hole = hole;
			source->head_hole_at = source->head_len;
		}
		source->head_len += (size_t)n;
		source->head_ended = n == 0 || hole;
	}
	return (int64_t)(source->head_hole && source->head_hole_at ? source->head_hole_at
								   : source->head_len);
}

static bool is_in_room(const struct source *source)
{
	return source->room && source->head == source->room->bytes;
}

static void drop_head(struct source *source)
{
	if (source->head && !is_in_room(source)) {
		mem_wipe(source->head, source->head_len);
		free(source->head);
	}
	source->head = NULL;
}

static void widen_head(struct source *source, size_t most)
{
	bool lent = !source->head && source->room && most <= source->room->cap;
	uint8_t *head = lent ? source->room->bytes : mem_alloc(most);
	if (source->head)
		memcpy(head, source->head, source->head_len);
	drop_head(source);
	source->head = head;
	source->head_cap = lent ? source->room->cap : most;
}

static int64_t look(struct source *source, size_t most)
{
	if (source->sparse && source_seekable(source))
		return look_by_place(source, most);
	if (source->file && is_in_room(source) && source->size <= source->head_cap)
		most = (size_t)source->size;
	return look_ahead(source, most);
}

static void note_use(const struct source *source)
{
	if (is_in_room(source) && source->room->used < source->head_len)
		source->room->used = source->head_len;
}

int64_t source_peek_more(struct source *source, size_t most, const uint8_t **ret)
{
	int64_t n = (int64_t)source->head_len;
	if (source->memory) {
		*ret = source->memory;
		return source->size < most ? (int64_t)source->size : (int64_t)most;
	}
	if (source->head_cap < most)
		widen_head(source, most);
	if (source->looked < most) {
		source->looked = most;
		n = look(source, most);
		note_use(source);
		source->failed = n < 0 ? n : 0;
	}
	*ret = source->head;
	if (source->failed)
		return source->failed;
	return n < (int64_t)most ? n : (int64_t)most;
}

int64_t source_peek(struct source *source, const uint8_t **ret)
{
	return source_peek_more(source, SOURCE_HEAD, ret);
}

/* A sparse one is looked at by place, not as a whole; nor is the head of any that
 * something was taken of, or that begins behind a hole. */
const uint8_t *source_all(const struct source *source, size_t *ret_len)
{
	bool whole = source->head_ended || (source->file && source->head_len == source->size);
	if (source->memory && !source->at) {
		*ret_len = (size_t)source->size;
		return source->memory;
	}
	if (!whole || source->sparse || source->head_hole || source->head_at)
		return NULL;
	*ret_len = source->head_len;
	return source->head;
}

int64_t source_pread(struct source *source, void *out, size_t cap, uint64_t offset)
{
	if (offset >= source->size)
		return 0;
	if (cap > source->size - offset)
		cap = (size_t)(source->size - offset);
	bool at_hand = source->file && !source->sparse && source->head_len == source->size;
	if (!source->memory && !at_hand)
		return read_at(source, out, cap, offset);
	memcpy(out, (source->memory ? source->memory : source->head) + offset, cap);
	return (int64_t)cap;
}

void source_seek(struct source *source, uint64_t offset)
{
	source->head_at = source->head_len;
	source->at = offset;
	source->data_end = 0;
}

bool source_seekable(const struct source *source)
{
	return source->file || source->memory;
}

void source_clear(struct source *source)
{
	drop_head(source);
	source->head_len = source->head_at = source->head_cap = source->looked = 0;
	source->failed = 0;
}

void source_room_make(struct source_room *room, size_t cap)
{
	*room = (struct source_room){.bytes = mem_alloc(cap), .cap = cap};
	plat_memory_secret(room->bytes, cap);
}

void source_room_wipe(struct source_room *room)
{
	mem_wipe(room->bytes, room->used);
	room->used = 0;
}

void source_room_free(struct source_room *room)
{
	source_room_wipe(room);
	free(room->bytes);
	*room = (struct source_room){0};
}

/* ---- UTF-16, UTF-32 ---- */

unsigned source_unit(enum coding coding)
{
	switch (coding) {
	case CODING_UTF16LE:
	case CODING_UTF16BE:
		return 2;
	case CODING_UTF32LE:
	case CODING_UTF32BE:
		return 4;
	default:
		return 1;
	}
}

static uint8_t narrow(const uint8_t *unit, size_t size, size_t low)
{
	uint8_t others = 0;
	for (size_t i = 0; i < size; i++)
		others |= i == low ? 0 : unit[i];
	return !others && unit[low] < 0x80 ? unit[low] : 0xff;
}

static int64_t read_units(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct source *from = source->context;
	enum coding coding = (enum coding)source->at; /* kept there */
	size_t size = source_unit(coding);
	bool big = coding == CODING_UTF16BE || coding == CODING_UTF32BE;
	uint8_t units[4096], *to = out;
	size_t want = cap < sizeof units / size ? cap * size : sizeof units, have = 0;
	while (have < want) {
		uint64_t skipped = 0;
		int64_t n = source_read(from, units + have, want - have, &skipped);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		*hole += skipped / size;
		have += (size_t)n;
		if (have % size == 0)
			break;
		want = have + size - have % size; /* the rest of a unit */
	}
	for (size_t i = 0; i + size <= have; i += size)
		*to++ = narrow(units + i, size, big ? size - 1 : 0);
	mem_wipe(units, have);
	return (int64_t)(have / size);
}

void source_wide(struct source *ret, struct source *from, enum coding coding)
{
	*ret = (struct source){.read = read_units, .context = from, .at = (uint64_t)coding};
}
