/* SPDX-License-Identifier: MIT */
/* UTF-16 and UTF-32 within a binary file: ASCII letters with zeros between them. The
 * shortest run fills three groups of eight bytes. */
#include <string.h>

#include "detect/encoded.h"

enum { UNITS_MIN = 16 };

static bool is_letter(uint8_t c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

static uint64_t three(uint64_t groups)
{
	return groups & groups >> 1 & groups >> 2;
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

/* The run that the zeros at *at may be part of, and where it ends; none: what to go on
 * behind. */
static enum coding run_at(const struct view *view, size_t *at, size_t low, size_t *ret_end)
{
	size_t start = *at, unit;
	while (start < view->len && !view->at[start])
		start++;
	*ret_end = start + 1;
	if (start + 4 >= view->len)
		return CODING_NONE;
	unit = view->at[start + 2] ? 2 : 4;
	if (!is_letter(view->at[start]) || !is_letter(view->at[start + unit]))
		return CODING_NONE;
	*at = start;
	return chain(view, unit, at, low, ret_end);
}

static enum coding find(const struct view *view, const struct sieve *sieve, size_t *at,
			size_t low, size_t upto)
{
	size_t from = *at, group = sieve_group(sieve, from);
	while ((group = sieve_next(sieve, &sieve->gaps, group, three)) != SIZE_MAX) {
		size_t start = sieve_at(sieve, group);
		if (start >= upto)
			break;
		if (start < from)
			start = from;
		enum coding coding = run_at(view, &start, low, &from);
		if (coding) {
			*at = start;
			return coding;
		}
		group = from > sieve_at(sieve, group + 1) ? sieve_group(sieve, from)
							  : group + 1;
	}
	*at = upto;
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
