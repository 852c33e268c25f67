/* SPDX-License-Identifier: MIT */
/* UTF-16 and UTF-32 within a binary file: ASCII letters with zeros between them. One
 * place in STEP bytes is looked at: the shortest run fills one of them. */
#include <string.h>

#include "detect/encoded.h"

enum { UNITS_MIN = 16, PLACE = 8, STEP = 2 * UNITS_MIN - PLACE };

static bool is_letter(uint8_t c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

/* Whether letters (first: 0) or zeros stand at every other of eight bytes. */
static bool may_be(const uint8_t *at, size_t *ret_first)
{
	static const uint8_t odd[8] = {0, 255, 0, 255, 0, 255, 0, 255};
	static const uint8_t even[8] = {255, 0, 255, 0, 255, 0, 255, 0};
	uint64_t v, odd_mask, even_mask;
	memcpy(&v, at, sizeof v);
	memcpy(&odd_mask, odd, sizeof odd);
	memcpy(&even_mask, even, sizeof even);
	*ret_first = v & odd_mask ? 1 : 0;
	return !(v & odd_mask) != !(v & even_mask);
}

/* Of a unit, all but the letter. */
static bool is_gap(const uint8_t *at, size_t unit)
{
	return !at[0] && (unit == 2 || !(at[1] | at[2]));
}

/* The chain of letters, so many bytes apart, that one at `at` belongs to. */
static enum coding chain(const struct view *view, size_t unit, size_t *at, size_t low,
			 size_t *ret_end)
{
	const uint8_t *text = view->at;
	size_t start = *at, end = *at + 1, n = 1;
	while (start >= low + unit && is_gap(text + start - unit + 1, unit) &&
	       is_letter(text[start - unit])) {
		start -= unit;
		n++;
	}
	while (end + unit - 1 < view->len && is_gap(text + end, unit) &&
	       is_letter(text[end + unit - 1])) {
		end += unit;
		n++;
	}
	*ret_end = end;
	if (n < UNITS_MIN)
		return CODING_NONE;
	bool little = end + unit - 1 <= view->len && is_gap(text + end, unit);
	bool big = !little && start >= low + unit - 1 && is_gap(text + start - unit + 1, unit);
	*at = big ? start - unit + 1 : start;
	if (unit == 2)
		return big ? CODING_UTF16BE : CODING_UTF16LE;
	return big ? CODING_UTF32BE : CODING_UTF32LE;
}

static enum coding find(const struct view *view, size_t *at, size_t low, size_t upto)
{
	size_t i = *at;
	for (; i < upto && i + PLACE <= view->len; i += STEP) {
		size_t first, end;
		if (!may_be(view->at + i, &first))
			continue;
		size_t start = i + first;
		if (!view->at[start]) /* UTF-32 has more zeros */
			start += 2;
		size_t unit = view->at[start + 2] ? 2 : 4;
		if (!is_letter(view->at[start]) || !is_letter(view->at[start + unit]))
			continue;
		enum coding coding = chain(view, unit, &start, low, &end);
		if (coding) {
			*at = start;
			return coding;
		}
	}
	*at = i < upto ? upto : i;
	return CODING_NONE;
}

static size_t take(struct decoding *d, const struct view *view, size_t at, bool *ret_ended)
{
	bool big = d->coding == CODING_UTF16BE || d->coding == CODING_UTF32BE;
	size_t unit = d->coding == CODING_UTF16LE || d->coding == CODING_UTF16BE ? 2 : 4;
	size_t letter = big ? unit - 1 : 0, gap = big ? 0 : 1;
	*ret_ended = false;
	while (!decoding_is_full(d)) {
		if (at >= view->limit) {
			*ret_ended = view->limit == view->len;
			break;
		}
		if (at + unit > view->len || !is_gap(view->at + at + gap, unit) ||
		    !is_letter(view->at[at + letter])) {
			*ret_ended = true;
			break;
		}
		decoding_stretch(d, view->base + at, 8, (unsigned)unit);
		decoding_add(d, view->at + at + letter, 1);
		if (d->plain[d->len - 1] == '\n') {
			d->line_no++;
			d->line_start = view->base + at + letter + 1;
		}
		at += unit;
	}
	return at;
}

const struct coder coder_wide = {find, take};
