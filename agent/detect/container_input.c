/* SPDX-License-Identifier: MIT */
#include "detect/container_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct input *input_new(struct examiner *x, struct source *source, bool anywhere)
{
	struct input *in = mem_alloc(sizeof *in);
	in->examiner = x;
	in->source = source;
	in->anywhere = anywhere;
	return in;
}

void input_free(struct input *in)
{
	mem_wipe(in->bytes, sizeof in->bytes);
	free(in);
}

static bool is_late(struct examiner *x)
{
	return x->stopped || (x->tick && x->tick(x->context));
}

/* A hole in a stream is read as the zeros it stands for. */
static int64_t read_hole(struct input *in, uint8_t *out, size_t room)
{
	size_t n = in->hole < room ? (size_t)in->hole : room;
	memset(out, 0, n);
	in->hole -= n;
	return (int64_t)n;
}

static int64_t read_more(struct input *in, uint8_t *out, size_t room)
{
	if (source_seekable(in->source)) {
		int64_t n = source_pread(in->source, out, room, in->at);
		in->at += n > 0 ? (uint64_t)n : 0;
		return n;
	}
	if (in->hole)
		return read_hole(in, out, room);
	int64_t n = source_read(in->source, out, room, &in->hole);
	if (n < 0 || !in->hole)
		return n;
	if (n == 0)
		return read_hole(in, out, room);
	/* The hole comes first; no archive is known to hold a long one. */
	uint64_t hole = in->hole;
	if (hole + (uint64_t)n <= room) {
		memmove(out + hole, out, (size_t)n);
		memset(out, 0, (size_t)hole);
		in->hole = 0;
		return n + (int64_t)hole;
	}
	return -EIO;
}

/* Keeps up to a block of what was given before `from`. */
static int64_t fill(struct input *in)
{
	size_t keep = in->from < INPUT_BLOCK ? in->from : INPUT_BLOCK;
	memmove(in->bytes, in->bytes + in->from - keep, keep + in->to - in->from);
	in->to -= in->from - keep;
	in->from = keep;
	size_t room = sizeof in->bytes - in->to;
	int64_t n = read_more(in, in->bytes + in->to, room < INPUT_BLOCK ? room : INPUT_BLOCK);
	in->to += n > 0 ? (size_t)n : 0;
	return n;
}

/* Fewer than `most` bytes wait only at the end; negative when reading failed. */
static int64_t await(struct input *in, size_t most)
{
	while (in->to - in->from < most) {
		int64_t n = fill(in);
		if (n <= 0)
			return n < 0 ? n : (int64_t)(in->to - in->from);
	}
	return (int64_t)(in->to - in->from);
}

void input_begin(struct input *in, enum container_kind kind)
{
	frames_begin(&in->frames, kind);
	in->given = 0;
}

bool input_end(struct input *in, int64_t used)
{
	uint64_t back = used < 0 ? UINT64_MAX : in->given - (uint64_t)used;
	frames_begin(&in->frames, CONTAINER_NONE);
	if (back > in->from)
		return false;
	in->from -= (size_t)back;
	return true;
}

size_t input_peek(struct input *in, size_t most, const uint8_t **ret)
{
	int64_t n = await(in, most);
	*ret = in->bytes + in->from;
	return n > 0 ? (size_t)n : 0;
}

bool input_skip(struct input *in, size_t count)
{
	if (await(in, count) < (int64_t)count)
		return false;
	in->from += count;
	return true;
}

bool input_skip_zeros(struct input *in)
{
	while (await(in, 1) > 0 && !is_late(in->examiner)) {
		while (in->from < in->to && !in->bytes[in->from])
			in->from++;
		if (in->from < in->to)
			return true;
	}
	return false;
}

/* Gives what waits, as far as it belongs to the frames; 0 at their end. */
static int64_t give(struct input *in, size_t most, const uint8_t **ret)
{
	int64_t have = await(in, 1);
	if (have <= 0)
		return have;
	const uint8_t *bytes = in->bytes + in->from;
	size_t n = 0;
	for (;;) {
		/* A look over the edge of the block, unless the input ends there. */
		size_t left = (size_t)have - n;
		if (left < FRAMES_LOOK && n)
			break;
		if (left < FRAMES_LOOK) {
			have = await(in, FRAMES_LOOK);
			if (have < 0)
				return have;
			bytes = in->bytes + in->from;
			left = (size_t)have;
		}
		if (!left || !frames_go_on(&in->frames, bytes + n, left))
			break;
		n += frames_take(&in->frames, bytes + n, left < most - n ? left : most - n);
		if (n == most || n == (size_t)have)
			break;
	}
	in->from += n;
	in->given += n;
	*ret = bytes;
	return (int64_t)n;
}

static la_ssize_t read_anywhere(struct input *in, const void **ret)
{
	int64_t n = source_pread(in->source, in->bytes, INPUT_BLOCK, in->at);
	in->at += n > 0 ? (uint64_t)n : 0;
	*ret = in->bytes;
	return (la_ssize_t)n;
}

la_ssize_t input_read(struct archive *a, void *context, const void **ret)
{
	struct input *in = context;
	const uint8_t *bytes = in->bytes;
	bool late = is_late(in->examiner);
	la_ssize_t n = late	      ? -1
		       : in->anywhere ? read_anywhere(in, ret)
				      : (la_ssize_t)give(in, INPUT_BLOCK, &bytes);
	if (n < 0) {
		archive_set_error(a, EIO, "read");
		return ARCHIVE_FATAL;
	}
	if (!in->anywhere)
		*ret = bytes;
	return n;
}

la_int64_t input_seek(struct archive *a, void *context, la_int64_t offset, int whence)
{
	struct input *in = context;
	la_int64_t size = (la_int64_t)in->source->size;
	la_int64_t start = whence == SEEK_END	? size
			   : whence == SEEK_CUR ? (la_int64_t)in->at
						: 0;
	(void)a;
	if (offset < -start || offset > size - start)
		return ARCHIVE_FATAL;
	in->at = (uint64_t)(start + offset);
	return start + offset;
}

static int64_t read_rest(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	const uint8_t *bytes;
	(void)hole;
	int64_t n = give(source->context, cap < INPUT_BLOCK ? cap : INPUT_BLOCK, &bytes);
	if (n > 0)
		memcpy(out, bytes, (size_t)n);
	return n;
}

void input_source(struct input *in, struct source *ret)
{
	*ret = (struct source){.read = read_rest, .context = in};
}
