/* SPDX-License-Identifier: MIT */
/* The small pieces of the text report: everything printed is ASCII. */
#ifndef REPORT_LINE_H
#define REPORT_LINE_H

#include "report/report.h"

#define LINE_INDENT 12 /* where the text of an item begins */

/* "  high      " */
void line_severity(struct buf *out, enum severity severity, bool color);
/* Adds a word to a line, in a new line at `indent` where it would pass `width`. */
void line_next(struct buf *out, unsigned *column, unsigned indent, const char *between,
	       const char *word, unsigned width);
/* A path or any other text of a guest, the middle of a long one left out. */
void line_quoted(struct buf *out, const char *text);
/* The same in at most `room` columns, but never less than a name needs. */
void line_quoted_in(struct buf *out, const char *text, size_t room);
/* A place of the guest, likewise (realm_quote). */
void line_place_in(struct buf *out, const char *place, size_t room);
/* Words behind what already fills the line up to `indent`. */
void line_wrapped_on(struct buf *out, unsigned indent, const char *text, unsigned width);
/* Words at an indent, broken at `width`; the first line begins with `lead`. */
void line_wrapped(struct buf *out, unsigned indent, const char *lead, const char *text,
		  unsigned width);

#endif
