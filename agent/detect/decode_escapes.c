/* SPDX-License-Identifier: MIT */
/* %41 and \x41, \u0041: single characters that stand for others in a text. What is
 * round them says what they are part of, so the line is decoded as a whole, from
 * BACK bytes before the first escape until none came for QUIET bytes. */
#include <string.h>

#include "detect/bytes.h"
#include "base/utf8.h"
#include "detect/encoded.h"

enum {
	BACK = 512,
	QUIET = 4096,
	DENSE = 64, /* in a binary file: in so many bytes */
	MARKS = 8,  /* must be so many */
	NEIGHBOURS = 8,
};

/* Characters that an escape at `at` takes, 0 if there is none; what it stands for
 * in out[4]. */
typedef size_t parse_function(const struct view *view, size_t at, uint8_t *out,
			      size_t *ret_len);

static int hex_value(uint8_t c)
{
	return c >= '0' && c <= '9'		    ? c - '0'
	       : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
						    : -1;
}

static bool hex_at(const struct view *view, size_t at, size_t n, uint32_t *ret)
{
	*ret = 0;
	if (at + n > view->len)
		return false;
	for (size_t i = 0; i < n; i++) {
		int value = hex_value(view->at[at + i]);
		if (value < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)value;
	}
	return true;
}

static size_t parse_percent(const struct view *view, size_t at, uint8_t *out, size_t *ret_len)
{
	uint32_t value;
	if (!hex_at(view, at + 1, 2, &value))
		return 0;
	out[0] = (uint8_t)value;
	*ret_len = 1;
	return 3;
}

static size_t parse_unit(const struct view *view, size_t at, uint8_t *out, size_t *ret_len)
{
	uint32_t c, low;
	if (!hex_at(view, at + 2, 4, &c))
		return 0;
	bool pair = c >= 0xd800 && c < 0xdc00 && at + 12 <= view->len &&
		    view->at[at + 6] == '\\' && view->at[at + 7] == 'u' &&
		    hex_at(view, at + 8, 4, &low) && low >= 0xdc00 && low < 0xe000;
	if (pair)
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	*ret_len = utf8_put(c, out);
	return pair ? 12 : 6;
}

static size_t parse_backslash(const struct view *view, size_t at, uint8_t *out, size_t *ret_len)
{
	static const char names[] = "nrtbf\"'\\/", bytes[] = "\n\r\t\b\f\"'\\/";
	uint32_t value;
	if (at + 1 >= view->len)
		return 0;
	uint8_t c = view->at[at + 1];
	if (c == 'u')
		return parse_unit(view, at, out, ret_len);
	*ret_len = 1;
	if (c == 'x' && hex_at(view, at + 2, 2, &value)) {
		out[0] = (uint8_t)value;
		return 4;
	}
	const char *name = c ? strchr(names, c) : NULL;
	if (!name)
		return 0;
	out[0] = (uint8_t)bytes[name - names];
	return 2;
}

/* ---- where to begin ---- */

static bool is_control(uint8_t c)
{
	return c < ' ' && c != '\t';
}

/* Format strings (%02d) stand for control characters, if for anything. */
static bool is_percent(const struct view *view, size_t at)
{
	uint8_t c[4];
	size_t len;
	return parse_percent(view, at, c, &len) &&
	       (!is_control(c[0]) || c[0] == '\n' || c[0] == '\r');
}

static bool is_base64(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+';
}

/* A slash of base64 that a JSON writer escaped. */
static bool is_slash(const struct view *view, size_t at)
{
	if (view->at[at + 1] != '/' || at < NEIGHBOURS || at + 2 + NEIGHBOURS > view->len)
		return false;
	for (size_t i = 0; i < NEIGHBOURS; i++)
		if (!is_base64(view->at[at - 1 - i]) || !is_base64(view->at[at + 2 + i]))
			return false;
	return true;
}

static bool is_backslash(const struct view *view, size_t at)
{
	uint8_t c[4];
	size_t len;
	if (at + 1 >= view->len)
		return false;
	if (view->at[at + 1] == 'x' || view->at[at + 1] == 'u')
		return parse_backslash(view, at, c, &len);
	return is_slash(view, at);
}

static size_t line_begin(const struct view *view, size_t at, size_t low)
{
	size_t least = at > BACK ? at - BACK : 0;
	if (least < low)
		least = low;
	while (at > least && !is_control(view->at[at - 1]))
		at--;
	return at;
}

/* In a binary file a single escape means nothing. */
static bool is_dense(const struct view *view, size_t at, uint8_t mark)
{
	size_t len = view->len - at < DENSE ? view->len - at : DENSE;
	return bytes_count(view->at + at, len, mark) >= MARKS;
}

static bool begins(const struct view *view, size_t at, uint8_t mark)
{
	if (!(mark == '%' ? is_percent(view, at) : is_backslash(view, at)))
		return false;
	return !view->binary || is_dense(view, at, mark);
}

static uint64_t marked(uint64_t groups)
{
	return groups;
}

/* Those that have another one among the next four. */
static uint64_t with_next(uint64_t groups)
{
	uint64_t next = groups >> 1 | groups >> 2;
	return groups & (next | next >> 2);
}

/* So many marks do not stand in less than three groups, one not far behind the other. */
static uint64_t dense(uint64_t groups)
{
	return with_next(with_next(groups));
}

static inline bytes16 are_hex(bytes16 v)
{
	return bytes_within(v, '0', '9') | bytes_within(v | 0x20, 'a', 'f');
}

/* A bit for each byte of a group that is a mark and is followed by what may make an escape
 * of it: of marks there are many, and what they are nobody can predict. */
static inline unsigned marks_in(const uint8_t *bytes, uint8_t mark)
{
	bytes16 marks = bytes_are(bytes_at(bytes), mark), next = bytes_at(bytes + 1);
	if (mark == '%')
		marks &= are_hex(next) & are_hex(bytes_at(bytes + 2));
	else
		marks &= bytes_are(next, 'x') | bytes_are(next, 'u') | bytes_are(next, '/');
	return bytes_mask(marks) & 0xff;
}

enum { SEEN = sizeof(bytes16) + 2 /* by marks_in */ };

static unsigned marks_at_end(const struct view *view, size_t group, uint8_t mark)
{
	uint8_t last[SEEN] = {0};
	memcpy(last, view->at + group, view->len - group);
	return marks_in(last, mark);
}

/* The first escape in a group; `upto` without one. */
static inline size_t escape_in(const struct view *view, size_t group, size_t from, size_t upto,
			       uint8_t mark)
{
	unsigned marks = view->len - group < SEEN ? marks_at_end(view, group, mark)
						  : marks_in(view->at + group, mark);
	for (; marks; marks &= marks - 1) {
		size_t at = group + (size_t)__builtin_ctz(marks);
		if (at >= from && at < upto && begins(view, at, mark))
			return at;
	}
	return upto;
}

/* The first escape from `from` on that begins a run; `upto` without one. */
__attribute__((always_inline)) static inline size_t seek(const struct view *view,
							 const struct sieve *sieve, size_t from,
							 size_t upto, uint8_t mark,
							 const struct groups *groups,
							 sieve_test *wanted)
{
	struct sieve_walk walk = sieve_walk(sieve, groups, sieve_group(sieve, from), wanted);
	size_t group, at;
	while ((group = sieve_step(&walk, wanted)) != SIZE_MAX) {
		size_t start = sieve_at(sieve, group);
		if (start >= upto)
			break;
		at = escape_in(view, start, from, upto, mark);
		if (at < upto)
			return at;
	}
	return upto;
}

static size_t first_escape(const struct view *view, const struct sieve *sieve, size_t from,
			   size_t upto, uint8_t mark)
{
	const struct groups *groups = mark == '%' ? &sieve->percents : &sieve->backslashes;
	return view->binary ? seek(view, sieve, from, upto, mark, groups, dense)
			    : seek(view, sieve, from, upto, mark, groups, marked);
}

static enum coding find(const struct view *view, const struct sieve *sieve, size_t *at,
			size_t low, size_t upto, enum coding coding)
{
	uint8_t mark = coding == CODING_PERCENT ? '%' : '\\';
	size_t escape = first_escape(view, sieve, *at, upto, mark);
	if (escape >= upto) {
		*at = upto;
		return CODING_NONE;
	}
	*at = line_begin(view, escape, low);
	return coding;
}

/* ---- decoding ---- */

static size_t take_literal(struct decoding *d, const struct view *view, size_t at, uint8_t mark)
{
	size_t end = at;
	while (end < view->limit && view->at[end] != mark && view->at[end] != '\n' &&
	       view->at[end])
		end++;
	if (end > at + QUIET)
		end = at + QUIET;
	if (end > at) {
		decoding_stretch(d, view->base + at, 8, 1);
		decoding_add(d, view->at + at, end - at);
	}
	return end;
}

/* `rest`: bytes since the last escape. */
static size_t take(struct decoding *d, const struct view *view, size_t at, bool *ret_ended,
		   uint8_t mark, parse_function *parse)
{
	*ret_ended = false;
	while (!decoding_is_full(d)) {
		size_t end = take_literal(d, view, at, mark);
		d->rest += end - at;
		at = end;
		if (at >= view->limit) {
			*ret_ended = view->limit == view->len;
			break;
		}
		if (d->rest >= QUIET || view->at[at] != mark) {
			*ret_ended = true;
			break;
		}
		uint8_t out[4];
		size_t len = 1, n = parse(view, at, out, &len);
		if (n)
			d->rest = 0;
		else
			out[0] = mark;
		decoding_stretch(d, view->base + at, (unsigned)len * 8, n ? (unsigned)n : 1);
		decoding_add(d, out, len);
		at += n ? n : 1;
	}
	return at;
}

static enum coding find_percent(const struct view *view, const struct sieve *sieve, size_t *at,
				size_t low, size_t upto)
{
	return find(view, sieve, at, low, upto, CODING_PERCENT);
}

static size_t take_percent(struct decoding *d, const struct view *view, size_t at,
			   bool *ret_ended)
{
	return take(d, view, at, ret_ended, '%', parse_percent);
}

static enum coding find_escapes(const struct view *view, const struct sieve *sieve, size_t *at,
				size_t low, size_t upto)
{
	return find(view, sieve, at, low, upto, CODING_ESCAPES);
}

static size_t take_escapes(struct decoding *d, const struct view *view, size_t at,
			   bool *ret_ended)
{
	return take(d, view, at, ret_ended, '\\', parse_backslash);
}

const struct coder coder_percent = {find_percent, take_percent};
const struct coder coder_escapes = {find_escapes, take_escapes};
