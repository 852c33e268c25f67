/* SPDX-License-Identifier: MIT */
/* %41 and \x41, \u0041: single characters that stand for others in a text. What is
 * round them says what they are part of, so the line is decoded as a whole, from
 * BACK bytes before the first escape until none came for QUIET bytes. */
#include <string.h>

#include "detect/bytes.h"
#include "detect/encoded.h"

enum {
	BACK = 512,
	QUIET = 4096,
	DENSE = 64, /* in a binary file: in so many bytes */
	MARKS = 8,  /* must be so many */
	BLOCK = 64,
	STRIDE = 512, /* passed over at once where marks are rare */
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

static size_t utf8(uint32_t c, uint8_t *out)
{
	if (c < 0x80)
		return out[0] = (uint8_t)c, 1;
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; --i; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
	return n;
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
	*ret_len = utf8(c, out);
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

/* Marks in the block, anything behind them. */
static bool has_mark(const uint8_t *block, uint8_t mark)
{
	bytes16 any = {0};
	for (size_t i = 0; i < BLOCK; i += sizeof any)
		any |= bytes_are(bytes_at(block + i), mark);
	return bytes_any(any);
}

/* Marks in the block that may begin an escape. */
static bool has_escape(const uint8_t *block, uint8_t mark)
{
	bytes16 any = {0};
	for (size_t i = 0; i < BLOCK; i += sizeof any) {
		bytes16 next = bytes_at(block + i + 1);
		bytes16 good = mark == '%'
				       ? bytes_within(next, '0', 'f')
				       : bytes_within(next, 'u', 'x') | bytes_are(next, '/');
		any |= bytes_are(bytes_at(block + i), mark) & good;
	}
	return bytes_any(any);
}

/* False: no run begins in this block. */
static bool may_begin(const struct view *view, size_t at, uint8_t mark)
{
	const uint8_t *block = view->at + at;
	if (at + BLOCK + DENSE > view->len)
		return true;
	return has_mark(block, mark) && has_escape(block, mark) &&
	       (!view->binary || bytes_count(block, BLOCK + DENSE, mark) >= MARKS);
}

static bool begins(const struct view *view, size_t at, uint8_t mark)
{
	if (!(mark == '%' ? is_percent(view, at) : is_backslash(view, at)))
		return false;
	return !view->binary || is_dense(view, at, mark);
}

/* From `at` on, as far as there are too few marks for a run to begin. */
static size_t pass_over(const struct view *view, size_t at, size_t upto, uint8_t mark)
{
	while (view->binary && at < upto && at + STRIDE + DENSE <= view->len &&
	       bytes_count(view->at + at, STRIDE + DENSE, mark) < MARKS)
		at += STRIDE;
	return at;
}

/* The first escape that begins a run, in blocks from `at` on; `upto` without one. */
static size_t first_escape(const struct view *view, size_t at, size_t upto, uint8_t mark)
{
	for (size_t end = at + STRIDE; at < end && at < upto; at += BLOCK) {
		if (!may_begin(view, at, mark))
			continue;
		for (size_t i = at; i < at + BLOCK && i < upto; i++)
			if (view->at[i] == mark && begins(view, i, mark))
				return i;
	}
	return upto;
}

static enum coding find(const struct view *view, size_t *at, size_t low, size_t upto,
			enum coding coding)
{
	uint8_t mark = coding == CODING_PERCENT ? '%' : '\\';
	for (size_t from = *at; (from = pass_over(view, from, upto, mark)) < upto;
	     from += STRIDE) {
		size_t escape = first_escape(view, from, upto, mark);
		if (escape < upto) {
			*at = line_begin(view, escape, low);
			return coding;
		}
	}
	*at = upto;
	return CODING_NONE;
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

static enum coding find_percent(const struct view *view, size_t *at, size_t low, size_t upto)
{
	return find(view, at, low, upto, CODING_PERCENT);
}

static size_t take_percent(struct decoding *d, const struct view *view, size_t at,
			   bool *ret_ended)
{
	return take(d, view, at, ret_ended, '%', parse_percent);
}

static enum coding find_escapes(const struct view *view, size_t *at, size_t low, size_t upto)
{
	return find(view, at, low, upto, CODING_ESCAPES);
}

static size_t take_escapes(struct decoding *d, const struct view *view, size_t at,
			   bool *ret_ended)
{
	return take(d, view, at, ret_ended, '\\', parse_backslash);
}

const struct coder coder_percent = {find_percent, take_percent};
const struct coder coder_escapes = {find_escapes, take_escapes};
