/* SPDX-License-Identifier: MIT */
/* Part k looks for keywords that end in (from, to]. It reads from MATCH_LEAD bytes
 * before that, and there its lines begin: no match reaches farther back. The lines it
 * tells of end as far before the next part, where those of that one begin. */
#include "detect/split.h"

#include <string.h>

#include "base/number.h"

enum {
	RUNS_MOST = 1 << 16, /* of data in a sparse file; what follows is one part */
	HELD_PARTS = 4,	     /* findings kept back, in files that are full of them */
	PART_MS = 60000,     /* it may take, besides 1 ms for each 20 kB */
	ALIKE_MOST = 64,     /* findings in which one that is told again is looked for */
};

struct part {
	uint64_t from, to;
	uint64_t lines, line_start; /* of those that end in it */
	bool counted, ended;
	VEC(struct wire_reply *) held;
};

struct split {
	struct pool_file whole;
	VEC(struct part) parts;
	size_t users; /* parts that are somewhere in the pool */
	size_t most, told, held;
	size_t next;		    /* part whose findings are told next */
	uint64_t lines, line_start; /* before that part */
	bool lines_lost;
	unsigned troubles; /* bits of those that were told */
	VEC(struct wire_reply) last;
};

/* ---- cutting ---- */

static void cut(struct split *split, uint64_t *from, uint64_t to)
{
	*vec_add(&split->parts) = (struct part){.from = *from, .to = to};
	*from = to;
}

static void cut_plain(struct split *split, uint64_t part_bytes)
{
	uint64_t size = split->whole.wire.size, from = 0;
	while (size - from > part_bytes + part_bytes / 2)
		cut(split, &from, from + part_bytes);
	cut(split, &from, size);
}

/* Only data counts; a hole belongs to the part before it. */
static void cut_sparse(struct split *split, uint64_t part_bytes)
{
	uint64_t size = split->whole.wire.size, from = 0, at = 0, full = 0;
	for (unsigned runs = 0; at < size && runs < RUNS_MOST; runs++) {
		uint64_t start, end;
		if (plat_file_data(split->whole.file, at, size, &start, &end) != 0)
			break;
		if (end > size)
			end = size;
		for (; end > start && end - start >= part_bytes - full; full = 0) {
			start += part_bytes - full;
			cut(split, &from, start);
		}
		full += end > start ? end - start : 0;
		at = end;
	}
	if (from < size)
		cut(split, &from, size);
}

struct split *split_new(const struct pool_file *file, uint64_t part_bytes, size_t most)
{
	struct split *split = mem_alloc(sizeof *split);
	split->whole = *file;
	split->most = most;
	if (file->wire.sparse)
		cut_sparse(split, part_bytes);
	else
		cut_plain(split, part_bytes);
	return split;
}

size_t split_parts(const struct split *split)
{
	return split->parts.n;
}

void split_part(struct split *split, size_t index, struct pool_file *ret)
{
	*ret = split->whole;
	ret->split = split;
	ret->part = index;
	ret->wire.from = split->parts.v[index].from;
	ret->wire.to = split->parts.v[index].to;
	ret->wire.may_split = 0;
	uint64_t ms = PART_MS + (ret->wire.to - ret->wire.from) / 20000;
	if (ms < ret->wire.ms)
		ret->wire.ms = ms;
	split->users++;
}

/* ---- answers ---- */

static uint64_t lines_begin(const struct part *part)
{
	return part->from > MATCH_LEAD ? part->from - MATCH_LEAD : 0;
}

bool split_take(const struct pool_file *file, const struct wire_reply *reply)
{
	struct split *split = file->split;
	struct part *part = &split->parts.v[file->part];
	if (reply->type == WIRE_LINES) {
		part->lines = reply->length;
		part->line_start = reply->offset;
		part->counted = true;
		return !reply->length || reply->offset >= lines_begin(part);
	}
	if (reply->type == WIRE_FOUND && !reply->member[0] && reply->offset < lines_begin(part))
		return false;
	if (split->held == HELD_PARTS * split->most)
		return true; /* more than will ever be told */
	struct wire_reply *copy = mem_alloc(sizeof *copy);
	*copy = *reply;
	*vec_add(&part->held) = copy;
	split->held++;
	return true;
}

static void tell_trouble(struct split *split, enum trouble trouble, const char *member,
			 const struct pool_sink *sink)
{
	if (split->troubles & 1u << trouble)
		return;
	split->troubles |= 1u << trouble;
	sink->trouble(&split->whole, trouble, member, sink->context);
}

/* The worker counts lines from where it began to read, and does not know where the
 * first of them begins. */
static void set_place(const struct split *split, struct wire_reply *reply)
{
	if (split->lines_lost) {
		reply->line = reply->column = 0;
		return;
	}
	if (reply->line == 1 && reply->offset >= split->line_start)
		reply->column = narrowed(reply->offset - split->line_start + 1);
	reply->line = narrowed(split->lines + reply->line);
}

static bool was_told(const struct split *split, const struct wire_reply *reply)
{
	size_t n = split->last.n;
	for (size_t i = n > ALIKE_MOST ? n - ALIKE_MOST : 0; i < n; i++) {
		const struct wire_reply *other = &split->last.v[i];
		if (other->type == reply->type && other->rule == reply->rule &&
		    other->offset == reply->offset && other->length == reply->length &&
		    strcmp(other->member, reply->member) == 0)
			return true;
	}
	return false;
}

static void tell(struct split *split, struct wire_reply *reply, const struct pool_sink *sink)
{
	if (reply->type == WIRE_TROUBLE) {
		tell_trouble(split, (enum trouble)reply->trouble,
			     reply->member[0] ? reply->member : NULL, sink);
		return;
	}
	if (was_told(split, reply))
		return;
	if (split->told == split->most) {
		tell_trouble(split, TROUBLE_TOO_MANY, NULL, sink);
		return;
	}
	split->told++;
	*vec_add(&split->last) = *reply;
	if (reply->type == WIRE_FOUND && !reply->member[0])
		set_place(split, reply);
	sink->found(&split->whole, reply, sink->context);
}

static void reply_free(struct wire_reply *reply)
{
	mem_wipe(reply, sizeof *reply);
	free(reply);
}

static void tell_part(struct split *split, struct part *part, const struct pool_sink *sink)
{
	vec_each(&part->held, reply) {
		tell(split, *reply, sink);
		reply_free(*reply);
	}
	split->held -= part->held.n;
	vec_free(&part->held);
	split->lines_lost |= !part->counted;
	split->lines += part->lines;
	if (part->lines)
		split->line_start = part->line_start;
}

void split_end(const struct pool_file *file, enum trouble trouble, const struct pool_sink *sink)
{
	struct split *split = file->split;
	split->parts.v[file->part].ended = true;
	if (trouble != TROUBLE_NONE)
		tell_trouble(split, trouble, NULL, sink);
	for (; split->next < split->parts.n && split->parts.v[split->next].ended; split->next++)
		tell_part(split, &split->parts.v[split->next], sink);
	if (split->next == split->parts.n)
		sink->done(&split->whole, sink->context);
}

static void split_free(struct split *split)
{
	vec_each(&split->parts, part) {
		vec_each(&part->held, reply)
			reply_free(*reply);
		vec_free(&part->held);
	}
	vec_free(&split->parts);
	if (split->last.n)
		mem_wipe(split->last.v, split->last.n * sizeof *split->last.v);
	vec_free(&split->last);
	free(split->whole.path);
	plat_file_close(split->whole.file);
	free(split);
}

void split_leave(struct pool_file *part)
{
	struct split *split = part->split;
	*part = (struct pool_file){0};
	if (--split->users == 0)
		split_free(split);
}
