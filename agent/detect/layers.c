/* SPDX-License-Identifier: MIT */
/* Findings of an inner stream go back through the characters that it was decoded
 * from, layer by layer, until their place is one of the outermost stream. */
#include "detect/layers.h"

#include <string.h>

#include "base/number.h"
#include "detect/allow.h"
#include "detect/container.h"
#include "detect/text.h"

enum {
	SHORT = 192,		   /* plain bytes: decoded only because they look like text */
	ARCHIVE_MIN = 18,	   /* bytes of the smallest */
	DECODED_LEAST = 64u << 20, /* may always be decoded of one file, */
	DECODED_TIMES = 4,	   /* and so many times its size */
};

struct layer {
	struct examiner *examiner;
	const struct layer *outer; /* NULL: not decoded */
	const char *member;
	const uint8_t *enabled;
	unsigned depth;		    /* of containers */
	const struct decoding *run; /* in the outer stream */
	unsigned codings;	    /* that were undone so far */
	enum coding wide;	    /* units of more than a byte in the stream itself */
	struct match *match;	    /* of the stream */
};

static struct match *take_match(struct layer *layer, bool binary, size_t most)
{
	struct examiner *x = layer->examiner;
	if (x->busy == x->matches.n)
		*vec_add(&x->matches) = mem_alloc(sizeof(struct match));
	struct match *m = layer->match = x->matches.v[x->busy++];
	m->patterns = x->patterns;
	m->enabled = layer->enabled;
	m->binary = binary;
	m->most = most;
	m->tick = x->tick;
	m->tick_context = x->context;
	m->room = x->window;
	m->part = (struct match_part){0};
	return m;
}

static void give_back(struct layer *layer)
{
	struct match *m = layer->match;
	if (m->found.cap) /* those that were dropped, too */
		mem_wipe(m->found.v, m->found.cap * sizeof *m->found.v);
	layer->examiner->busy--;
}

static void tell_troubles(struct layer *layer, int result)
{
	struct examiner *x = layer->examiner;
	const struct match *m = layer->match;
	if (result < 0)
		examine_trouble(x, layer->member ? TROUBLE_DAMAGED : TROUBLE_READ,
				layer->member);
	if (m->failed)
		examine_trouble(x, TROUBLE_PATTERN, layer->member);
	if (m->too_many)
		examine_trouble(x, TROUBLE_TOO_MANY, layer->member);
	if (m->stopped) {
		x->stopped = true;
		examine_trouble(x, TROUBLE_TIME, layer->member);
	}
}

/* ---- the stream as it is ---- */

static bool on_piece(const struct decoding *d, bool last, void *context);

static void seek_in(struct layer *layer)
{
	struct encoded *e = &layer->match->encoded;
	e->on_piece = layer->codings < CODINGS_MAX ? on_piece : NULL;
	e->context = layer;
}

static int scan_wide(struct layer *layer, struct source *source)
{
	struct source units;
	source_wide(&units, source, layer->wide);
	return match_stream(layer->match, &units);
}

/* From places in units to places in bytes. */
static void widen(const struct layer *layer, struct found *found)
{
	unsigned size = source_unit(layer->wide);
	if (!layer->wide)
		return;
	found->offset *= size;
	found->length *= size;
	found->codings = (uint32_t)layer->wide | found->codings << CODING_BITS;
	found->lead = 0;
}

/* ---- a run in it ---- */

/* What only the few are asked for that hold something. */
static uint32_t line_of(const struct layer *layer)
{
	uint64_t lines;
	encoded_place(&layer->outer->match->encoded, layer->run);
	lines = layer->run->begun.lines;
	return narrowed(lines + 1);
}

/* Of a run. Where a file is read in parts nobody knows the line yet. */
static void name_layer(const struct layer *layer, struct buf *out)
{
	const struct examiner *x = layer->examiner;
	const char *member = layer->member;
	uint64_t offset = layer->run->stretches.v[0].raw;
	uint32_t line = line_of(layer);
	if (layer->outer->outer)
		name_layer(layer->outer, out);
	else if (member && x->on_run)
		line = x->on_run(member, offset, line, out, x->context);
	else if (member)
		buf_puts(out, member);
	buf_printf(out, "%s%s@", out->len ? "!" : "", coding_name(layer->run->coding));
	if (!layer->outer->outer && !member && x->part.to)
		buf_printf(out, "byte %llu", (unsigned long long)offset);
	else
		buf_printf(out, "%u", line);
}

enum { DER_SEQUENCE = 0x30 };

/* A key in PEM is found by its label, and told once. */
static bool is_pem_key(const struct decoding *d)
{
	return d->labelled && d->plain[0] == DER_SEQUENCE;
}

static bool expand(struct layer *layer, const struct decoding *d, bool last)
{
	struct examiner *x = layer->examiner;
	struct source memory;
	_cleanup_(buf_free) struct buf name = {0};
	if (d->continued || d->len < ARCHIVE_MIN || (x->flags & DETECT_NO_CONTAINER) ||
	    is_pem_key(d) || !examine_may_hold(d->plain, d->len))
		return false;
	name_layer(layer, &name);
	source_memory(&memory, d->plain, d->len);
	bool is = examine_inside(x, &memory, buf_text(&name), layer->depth);
	source_clear(&memory);
	if (is && !last)
		examine_trouble(x, TROUBLE_ENCODED_SIZE, buf_text(&name));
	return is;
}

/* To where it stands in the outer stream. */
static void move_out(const struct layer *layer, const struct decoding *d, struct found *found)
{
	encoded_place(&layer->outer->match->encoded, d);
	struct origin origin = decoding_origin(d, found->offset, found->length);
	if (!origin.literal) {
		found->lead = found->codings ? 0 : origin.lead;
		found->codings = (uint32_t)d->coding | found->codings << CODING_BITS;
	}
	found->offset = origin.offset;
	found->length = origin.length;
	found->line = origin.line;
	found->column = origin.column;
	found->match_start = found->match_end = 0;
	found->seen &= ~(unsigned)SEEN_WHOLE_FILE;
	if (match_is_binary_at(layer->outer->match, origin.offset))
		found->seen |= SEEN_BINARY;
}

static void scan_piece(struct layer *layer, const struct decoding *d, bool last)
{
	struct match *outer = layer->outer->match;
	size_t head = d->len < SOURCE_HEAD ? d->len : SOURCE_HEAD;
	layer->wide = d->continued || layer->codings == CODINGS_MAX
			      ? CODING_NONE
			      : text_coding_of(d->plain, head);
	bool binary = !layer->wide && text_kind_of(d->plain, head) == TEXT_BINARY;
	if (binary && d->len < SHORT)
		return;
	layer->codings += layer->wide != CODING_NONE;
	struct match *m = take_match(
		layer, binary, outer->most > outer->found.n ? outer->most - outer->found.n : 0);
	seek_in(layer);
	struct source memory;
	source_memory(&memory, d->plain, d->len);
	if (layer->wide)
		scan_wide(layer, &memory);
	else
		match_memory(m, d->plain, d->len, !d->continued, last);
	vec_each(&m->found, it) {
		widen(layer, it);
		move_out(layer, d, it);
		match_add(outer, it);
	}
	outer->failed |= m->failed;
	outer->too_many |= m->too_many;
	outer->stopped |= m->stopped;
	give_back(layer);
}

static bool may_decode(struct examiner *x, size_t len)
{
	x->decoded += len;
	return x->decoded <= DECODED_LEAST + DECODED_TIMES * (x->size + x->expanded);
}

static bool on_piece(const struct decoding *d, bool last, void *context)
{
	const struct layer *outer = context;
	struct examiner *x = outer->examiner;
	struct layer layer = {
		.examiner = x,
		.outer = outer,
		.member = outer->member,
		.enabled = outer->enabled,
		.depth = outer->depth,
		.run = d,
		.codings = outer->codings + 1,
	};
	if (!may_decode(x, d->len)) {
		examine_trouble(x, TROUBLE_DECODED, outer->member);
		return true;
	}
	if (!expand(&layer, d, last))
		scan_piece(&layer, d, last);
	return x->stopped || outer->match->stopped || outer->match->too_many;
}

/* ---- the outermost ---- */

static void tell_found(struct layer *layer, unsigned seen)
{
	struct examiner *x = layer->examiner;
	struct allow_place place = {.path = x->path, .member = layer->member};
	if (x->patterns->allow && layer->match->found.n)
		allow_settle(x->patterns->allow, layer->match, &place);
	vec_each(&layer->match->found, it) {
		widen(layer, it);
		it->seen |= seen | (layer->member ? SEEN_IN_CONTAINER : 0);
		x->on_found(it, layer->member, x->context);
		x->count++;
	}
}

void layers_scan(struct examiner *x, struct source *source, const char *member,
		 const uint8_t *enabled, unsigned depth)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	if (len <= 0) {
		if (len < 0)
			examine_trouble(x, member ? TROUBLE_DAMAGED : TROUBLE_READ, member);
		return;
	}
	struct layer layer = {
		.examiner = x, .member = member, .enabled = enabled, .depth = depth};
	layer.wide = text_coding_of(head, (size_t)len);
	layer.codings = layer.wide != CODING_NONE;
	enum text_kind kind = layer.wide ? TEXT_PLAIN : text_kind_of(head, (size_t)len);
	if (!member && !layer.wide && x->wants_split && x->wants_split(x->context))
		return;
	size_t left = x->count < x->limits.per_file ? x->limits.per_file - x->count : 0;
	struct match *m = take_match(&layer, kind == TEXT_BINARY, left);
	seek_in(&layer);
	if (!member)
		m->part = x->part;
	int r = layer.wide ? scan_wide(&layer, source) : match_stream(m, source);
	bool blind = kind == TEXT_UNSURE && m->found.n &&
		     !examine_is_text(x, head, (size_t)len);
	if (!member)
		x->part = m->part;
	tell_found(&layer, blind ? SEEN_BINARY : 0);
	tell_troubles(&layer, r);
	give_back(&layer);
}

void layers_clear(struct examiner *x)
{
	vec_each(&x->matches, it) {
		match_free(*it);
		free(*it);
	}
	vec_free(&x->matches);
	x->busy = 0;
}
