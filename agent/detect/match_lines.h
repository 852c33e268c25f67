/* SPDX-License-Identifier: MIT */
/* Lines of a stream, counted only where somebody wants to know. */
#ifndef DETECT_MATCH_LINES_H
#define DETECT_MATCH_LINES_H

#include "detect/match.h"

enum { MATCH_KEEP = 1664 }; /* bytes that stay in the window behind what was scanned */

/* Up to the n-th byte of the window; those of a part end at its mark. */
void match_count_lines(struct match *match, size_t n);
/* Sets line and column of what was found in the window. */
void match_place(struct match *match, struct found *found);
/* The stream has ended, and the mark of its part may lie in a hole. */
void match_end_lines(struct match *match);

#endif
