/* SPDX-License-Identifier: MIT */
/* Where a long run of letters and digits begins. Tokens are such runs, and text has few:
 * whatever a token begins with needs to be looked for only there, so that hundreds of
 * kinds of tokens take no longer than one. */
#ifndef DETECT_RUNS_H
#define DETECT_RUNS_H

#include "detect/sieve.h"

enum {
	RUNS_SURE = 31, /* letters, digits, - and _ in a row that are always seen, */
	RUNS_BACK = 40, /* if not more such bytes, with dots, stand before them */
};

typedef void runs_word(size_t at, void *context);

/* The places where a word begins in or closely before a long run, in order; those of a
 * run that began before the sieve again. A run goes on up to RUNS_SURE bytes behind
 * `to`; nothing before `low` is read. */
void runs_each(const struct sieve *sieve, const uint8_t *bytes, size_t low, size_t to,
	       runs_word *word, void *context);

#endif
