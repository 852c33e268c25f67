/* SPDX-License-Identifier: MIT */
#include "detect/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "detect/text.h"

enum {
	BATCH = 1 << 20,
	LONG_VALUE = 256 << 10, /* looked at by itself */
	CONTAINER_MIN = 32,	/* bytes of the smallest container */
	ROUND = 256,		/* bytes that tell text from binary */
	KEY_MAX = 64,		/* of a value that says what the next one is */
	QUOTED_MAX = 128,
	MEMBER_MAX = 1000, /* bytes of a member's name that are told */
	TOLD_MAX = 100000,
};

/* ---- what is found, told as of its record ---- */

struct value {
	const struct row_place *place;
	const struct column *column; /* or NULL */
	struct bytes key;	     /* the text before it in the record, if it is a name */
	unsigned number;	     /* of the column */
};

static const struct row_piece *piece_at(const struct row_stream *stream, uint64_t offset)
{
	size_t low = 0, high = stream->pieces.n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (stream->pieces.v[middle].at <= offset)
			low = middle;
		else
			high = middle;
	}
	return &stream->pieces.v[low];
}

static void place_in(const struct row_stream *stream, const struct row_piece *piece,
		     struct found *found)
{
	const char *at = stream->text.data + piece->at;
	const char *start = at;
	if (found->offset < piece->at) /* in the mark in front of the first */
		found->offset = piece->at;
	const char *end = stream->text.data + found->offset;
	found->line = 1;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		found->line++;
		start = ++at;
	}
	found->column = (uint32_t)(end - start) + 1;
	found->offset -= piece->at;
	found->match_start -= found->match_start < piece->at ? found->match_start : piece->at;
	found->match_end -= piece->at;
}

static void cut_name(struct buf *name)
{
	if (name->len > MEMBER_MAX)
		buf_cut(name, MEMBER_MAX);
}

static void name_place(const struct rows *rows, const struct row_place *place, struct buf *out)
{
	if (rows->outer)
		buf_printf(out, "%s!", rows->outer);
	rows->name(place, out, rows->context);
	cut_name(out);
}

/* A member's name, with that of the value that is looked at for the stand-in. */
static const char *real_name(const struct rows *rows, const char *member, struct buf *out)
{
	const struct value *value = rows->alone;
	if (!member || !value || !str_starts(member, rows->stand_in))
		return member;
	name_place(rows, value->place, out);
	if (value->column)
		buf_printf(out, " column %s", value->column->name);
	else
		buf_printf(out, " column %u", value->number + 1);
	buf_puts(out, member + strlen(rows->stand_in));
	cut_name(out);
	return buf_text(out);
}

/* True when the same secret was told before. */
static bool was_told(struct rows *rows, const struct found *found)
{
	struct told told = {.rule = found->rule};
	memcpy(told.digest, found->digest, sizeof told.digest);
	vec_each(&rows->told, it)
		if (!memcmp(it, &told, sizeof told))
			return true;
	if (rows->told.n < TOLD_MAX)
		*vec_add(&rows->told) = told;
	return false;
}

static void relay_found(const struct found *found, const char *member, void *context)
{
	struct rows *rows = context;
	_cleanup_(buf_free) struct buf name = {0};
	struct found copy = *found;
	copy.seen |= SEEN_DATABASE;
	bool before = was_told(rows, found);
	if (!rows->now || strcmp(member, rows->stand_in) != 0) {
		member = real_name(rows, member, &name);
		rows->relayed.on_found(&copy, member, rows->relayed.context);
		return;
	}
	const struct row_piece *piece = piece_at(rows->now, found->offset);
	if (piece->place.again && before) {
		rows->examiner->count--; /* the caller counts it */
		return;
	}
	name_place(rows, &piece->place, &name);
	place_in(rows->now, piece, &copy);
	rows->relayed.on_found(&copy, buf_text(&name), rows->relayed.context);
}

static void relay_trouble(enum trouble trouble, const char *member, void *context)
{
	struct rows *rows = context;
	_cleanup_(buf_free) struct buf name = {0};
	if (member && rows->now && !strcmp(member, rows->stand_in))
		member = rows->outer;
	else
		member = real_name(rows, member, &name);
	rows->relayed.on_trouble(trouble, member, rows->relayed.context);
}

/* Members of a container in a run are called after the row that it stands in. */
static uint32_t relay_run(const char *member, uint64_t offset, uint32_t line, struct buf *out,
			  void *context)
{
	const struct rows *rows = context;
	struct found run = {.offset = offset};
	if (!rows->now || strcmp(member, rows->stand_in) != 0) {
		buf_puts(out, member);
		return line;
	}
	const struct row_piece *piece = piece_at(rows->now, offset);
	name_place(rows, &piece->place, out);
	place_in(rows->now, piece, &run);
	return run.line;
}

static void relay_member(unsigned box, const char *member, void *context)
{
	struct rows *rows = context;
	_cleanup_(buf_free) struct buf name = {0};
	member = real_name(rows, member, &name);
	rows->relayed.on_member(box, member, rows->relayed.context);
}

static bool relay_tick(void *context)
{
	struct rows *rows = context;
	return rows->relayed.tick(rows->relayed.context);
}

void rows_begin(struct rows *rows, struct examiner *x, const char *outer, unsigned depth,
		row_name *name, void *context)
{
	*rows = (struct rows){.examiner = x, .outer = outer, .depth = depth, .name = name};
	rows->context = context;
	rows->stand_in = mem_printf("%s%srows", str_or(outer, ""), outer ? "!" : "");
	rows->relayed = (struct examiner){.on_found = x->on_found,
					  .on_member = x->on_member,
					  .on_trouble = x->on_trouble,
					  .on_run = x->on_run,
					  .tick = x->tick,
					  .context = x->context};
	x->on_found = relay_found;
	x->on_member = x->on_member ? relay_member : NULL;
	x->on_trouble = relay_trouble;
	x->on_run = relay_run;
	x->tick = x->tick ? relay_tick : NULL;
	x->context = rows;
}

/* ---- streams ---- */

static void scan(struct rows *rows, struct row_stream *stream)
{
	struct source source;
	if (!stream->text.len)
		return;
	rows->now = stream;
	source_memory(&source, stream->text.data, stream->text.len);
	if (!rows->examiner->stopped)
		examine_plain(rows->examiner, &source, rows->stand_in, rows->depth);
	source_clear(&source);
	rows->now = NULL;
	mem_wipe(stream->text.data, stream->text.len);
	stream->text.len = stream->pieces.n = 0;
}

void rows_end(struct rows *rows)
{
	struct examiner *x = rows->examiner;
	scan(rows, &rows->text);
	scan(rows, &rows->binary);
	x->on_found = rows->relayed.on_found;
	x->on_member = rows->relayed.on_member;
	x->on_trouble = rows->relayed.on_trouble;
	x->on_run = rows->relayed.on_run;
	x->tick = rows->relayed.tick;
	x->context = rows->relayed.context;
	buf_wipe(&rows->text.text);
	buf_wipe(&rows->binary.text);
	vec_free(&rows->text.pieces);
	vec_free(&rows->binary.pieces);
	if (rows->told.n)
		mem_wipe(rows->told.v, rows->told.n * sizeof *rows->told.v);
	vec_free(&rows->told);
	free(rows->stand_in);
}

/* Where the next bytes of this place go: behind what it has there already, or at
 * the begin of a piece of its own. */
static struct buf *stream_for(struct rows *rows, struct row_stream *stream,
			      const struct row_place *place)
{
	size_t n = stream->pieces.n;
	const struct row_place *last = n ? &stream->pieces.v[n - 1].place : NULL;
	if (last && last->kind == place->kind && last->slot == place->slot &&
	    last->number == place->number)
		return &stream->text;
	if (stream->text.len >= BATCH)
		scan(rows, stream);
	if (!stream->text.len) /* a mark of UTF-16 is of no concern to the rest */
		buf_puts(&stream->text, "\n");
	/* NOLINTNEXTLINE: v is NULL only with cap 0 */
	*vec_add(&stream->pieces) = (struct row_piece){*place, stream->text.len};
	return &stream->text;
}

/* ---- values ---- */

static bool is_name(struct bytes text)
{
	if (text.len < 2 || text.len > KEY_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && (c < '0' || c > '9') &&
		    !strchr("_.-/:", c))
			return false;
	}
	return true;
}

static void add_line(struct rows *rows, const struct value *value, struct bytes text)
{
	struct buf *out = stream_for(rows, &rows->text, value->place);
	const struct column *column = value->column;
	struct bytes key = value->key;
	bool quoted = text.len <= QUOTED_MAX && memchr(text.at, ' ', text.len) &&
		      !memchr(text.at, '"', text.len) && !memchr(text.at, '\n', text.len);
	if (column && (!key.len || !column->any_value))
		key = (struct bytes){(const uint8_t *)column->name, column->len};
	char *at = buf_reserve(out, key.len + text.len + 5), *begin = at;
	if (key.len) {
		memcpy(at, key.at, key.len);
		at += key.len;
		*at++ = ':';
		*at++ = ' ';
	}
	if (quoted)
		*at++ = '"';
	memcpy(at, text.at, text.len);
	at += text.len;
	if (quoted)
		*at++ = '"';
	*at++ = '\n';
	out->len += (size_t)(at - begin);
}

static void add_binary(struct rows *rows, const struct value *value, struct bytes bytes)
{
	struct buf *out = stream_for(rows, &rows->binary, value->place);
	buf_add(out, bytes.at, bytes.len);
	buf_add(out, "\n", 1);
}

/* True when it was a container; `any`: then it is examined in any case. */
static bool add_alone(struct rows *rows, const struct value *value, struct bytes bytes,
		      bool any)
{
	struct examiner *x = rows->examiner;
	struct source source;
	bool taken = true;
	source_memory(&source, bytes.at, bytes.len);
	rows->alone = value;
	if (any)
		examine_member(x, &source, rows->stand_in, rows->depth + 1);
	else
		taken = examine_inside(x, &source, rows->stand_in, rows->depth + 1);
	rows->alone = NULL;
	source_clear(&source);
	return taken;
}

static void add_bytes(struct rows *rows, const struct value *value, struct bytes bytes,
		      bool is_blob)
{
	size_t head = bytes.len < ROUND ? bytes.len : ROUND;
	enum text_kind kind = text_kind_of(bytes.at, head);
	if (text_coding_of(bytes.at, head) || bytes.len > LONG_VALUE)
		add_alone(rows, value, bytes, true);
	else if (is_blob && bytes.len >= CONTAINER_MIN && add_alone(rows, value, bytes, false))
		return;
	else if (kind == TEXT_BINARY)
		add_binary(rows, value, bytes);
	else
		add_line(rows, value, bytes);
}

static void add_number(struct rows *rows, const struct value *value, struct bytes bytes)
{
	int64_t number = bytes.at[0] < 0x80 ? bytes.at[0] : bytes.at[0] - 0x100;
	char text[24];
	if (!value->column ||
	    !(value->column->telling || (value->column->any_value && value->key.len)))
		return;
	for (size_t i = 1; i < bytes.len; i++)
		number = (int64_t)((uint64_t)number << 8 | bytes.at[i]);
	int len = snprintf(text, sizeof text, "%lld", (long long)number);
	add_line(rows, value, (struct bytes){(uint8_t *)text, (size_t)len});
}

/* ---- UTF-16 ---- */

/* What a log does not say, the first letter does. */
static unsigned encoding_of(const struct rows *rows, struct bytes text)
{
	if (rows->encoding || text.len < 2 || text.len % 2)
		return rows->encoding;
	return !text.at[1] ? SQLITE_UTF16_LE : !text.at[0] ? SQLITE_UTF16_BE : SQLITE_UTF8;
}

static void decode(struct bytes text, bool big, struct buf *out)
{
	for (size_t i = 0; i + 1 < text.len; i += 2) {
		uint32_t unit = big ? be16(text.at + i) : le16(text.at + i);
		if (unit >> 10 == 0x36 && i + 3 < text.len) {
			const uint8_t *at = text.at + i + 2;
			uint32_t low = big ? be16(at) : le16(at);
			if (low >> 10 == 0x37) {
				unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
				i += 2;
			}
		}
		out->len += utf8_put(unit, buf_reserve(out, 4));
	}
}

/* ---- records ---- */

/* Where a record's types and its values begin. */
static bool open_record(struct bytes record, struct bytes *types, struct bytes *values)
{
	uint64_t head;
	*types = record;
	if (!sqlite_varint(types, &head) || head > record.len ||
	    head < (size_t)(types->at - record.at))
		return false;
	types->len = (size_t)head - (size_t)(types->at - record.at);
	*values = (struct bytes){record.at + head, record.len - (size_t)head};
	return true;
}

static bool next_column(struct bytes *types, struct bytes *values, uint64_t *ret_type,
			struct bytes *ret)
{
	if (!sqlite_varint(types, ret_type))
		return false;
	uint64_t len = sqlite_column_length(*ret_type);
	if (len > values->len)
		return false;
	*ret = (struct bytes){values->at, (size_t)len};
	values->at += len;
	values->len -= (size_t)len;
	return true;
}

bool rows_column(struct bytes record, unsigned number, uint64_t *ret_type, struct bytes *ret)
{
	struct bytes types, values;
	bool there = open_record(record, &types, &values);
	for (unsigned i = 0; there && i <= number; i++)
		there = next_column(&types, &values, ret_type, ret);
	return there;
}

/* The types account for every byte. */
static bool is_record(struct bytes record)
{
	struct bytes types, values, value;
	uint64_t type;
	if (!open_record(record, &types, &values) || !types.len)
		return false;
	while (types.len)
		if (!next_column(&types, &values, &type, &value))
			return false;
	return !values.len;
}

static void add_value(struct rows *rows, struct value *value, uint64_t type, struct bytes bytes)
{
	_cleanup_(buf_wipe) struct buf decoded = {0};
	bool is_text = type > 12 && type % 2;
	unsigned encoding = is_text ? encoding_of(rows, bytes) : 0;
	if (encoding > SQLITE_UTF8) {
		decode(bytes, encoding == SQLITE_UTF16_BE, &decoded);
		bytes = (struct bytes){(uint8_t *)buf_text(&decoded), decoded.len};
	}
	if (type > 0 && type < 7)
		add_number(rows, value, bytes);
	else if (type > 12 && bytes.len)
		add_bytes(rows, value, bytes, !is_text);
}

/* The text, if it may be what the next value is called. Names are of ASCII: every
 * second byte of UTF-16. */
static struct bytes key_in(const struct rows *rows, struct bytes text, uint8_t out[KEY_MAX])
{
	unsigned encoding = encoding_of(rows, text), step = encoding > SQLITE_UTF8 ? 2 : 1;
	struct bytes key = {out, 0};
	if (text.len > (size_t)KEY_MAX * step)
		return key;
	for (size_t i = encoding == SQLITE_UTF16_BE; i < text.len; i += step)
		out[key.len++] = text.at[i];
	if (!is_name(key))
		key.len = 0;
	return key;
}

bool rows_add(struct rows *rows, const struct row_place *place, const struct table *table,
	      struct bytes record)
{
	struct bytes types, values, bytes;
	uint8_t key[KEY_MAX];
	struct value value = {.place = place};
	uint64_t type;
	if (!is_record(record) || !open_record(record, &types, &values))
		return false;
	for (; types.len && next_column(&types, &values, &type, &bytes); value.number++) {
		bool named = table && value.number < table->columns.n;
		value.column = named ? &table->columns.v[value.number] : NULL;
		add_value(rows, &value, type, bytes);
		if (type > 12 && type % 2 && (!named || table->keyed))
			value.key = key_in(rows, bytes, key);
	}
	return true;
}

/* ---- bytes ---- */

static bool is_zero(struct bytes bytes)
{
	return !bytes.len || (!*bytes.at && !memcmp(bytes.at, bytes.at + 1, bytes.len - 1));
}

void rows_add_raw(struct rows *rows, const struct row_place *place, struct bytes bytes)
{
	if (is_zero(bytes))
		return;
	size_t head = bytes.len < ROUND ? bytes.len : ROUND;
	bool binary = text_kind_of(bytes.at, head) != TEXT_PLAIN;
	struct buf *out = stream_for(rows, binary ? &rows->binary : &rows->text, place);
	buf_add(out, bytes.at, bytes.len);
}
