/* SPDX-License-Identifier: MIT */
/* UTF-16 within a binary file: ASCII letters with zeros between them. One place
 * in STEP bytes is looked at; a run is longer. */
#include <string.h>

#include "detect/encoded.h"

enum { STEP = 16, UNITS_MIN = 16 };

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

/* The chain of letters that one at `at` belongs to. */
static enum coding chain(const struct view *view, size_t *at, size_t low, size_t *ret_end)
{
	const uint8_t *text = view->at;
	size_t start = *at, end = *at + 1, n = 1;
	if (!is_letter(text[start]))
		return CODING_NONE;
	while (start >= low + 2 && !text[start - 1] && is_letter(text[start - 2])) {
		start -= 2;
		n++;
	}
	while (end + 1 < view->len && !text[end] && is_letter(text[end + 1])) {
		end += 2;
		n++;
	}
	*ret_end = end;
	if (n < UNITS_MIN)
		return CODING_NONE;
	bool little = end < view->len && !text[end];
	bool big = !little && start > low && !text[start - 1];
	*at = big ? start - 1 : start;
	return big ? CODING_UTF16BE : CODING_UTF16LE;
}

static enum coding find(const struct view *view, size_t *at, size_t low, size_t upto)
{
	size_t i = *at;
	for (; i < upto && i + 8 <= view->len; i += STEP) {
		size_t first, end;
		if (!may_be(view->at + i, &first))
			continue;
		size_t start = i + first;
		enum coding coding = chain(view, &start, low, &end);
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
	size_t high = d->coding == CODING_UTF16BE ? 0 : 1;
	*ret_ended = false;
	while (!decoding_is_full(d)) {
		if (at >= view->limit) {
			*ret_ended = view->limit == view->len;
			break;
		}
		if (at + 1 >= view->len || view->at[at + high] ||
		    !is_letter(view->at[at + 1 - high])) {
			*ret_ended = true;
			break;
		}
		decoding_stretch(d, view->base + at, 8, 2);
		decoding_add(d, view->at + at + 1 - high, 1);
		if (d->plain[d->len - 1] == '\n') {
			d->line_no++;
			d->line_start = view->base + at + 2 - high;
		}
		at += 2;
	}
	return at;
}

const struct coder coder_wide = {find, take};
