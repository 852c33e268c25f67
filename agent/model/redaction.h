/* SPDX-License-Identifier: MIT */
/* What stands where a secret stood: letters only, so that every text format stays
 * valid; blanks and line ends of a key's body stay where they are, and so does a
 * backslash that a line end follows. act/ writes it and detect/ knows it again. */
#ifndef MODEL_REDACTION_H
#define MODEL_REDACTION_H

#include <stddef.h>

#include "model/coding.h"

/* Overwrites n bytes in place. */
void redaction_fill(char *bytes, size_t n);

/* Whether n > 0 bytes are what redaction_fill makes of any n bytes. */
bool redaction_is(const char *bytes, size_t n);

/* Where in a file a secret stands as something else. */
struct coded {
	enum coding coding;
	unsigned lead; /* BASE64: bits of the first character before the secret */
};

/* Whether a secret that stands so can be overwritten in place. */
bool redaction_knows(enum coding coding);
/* The same for encoded bytes: what they stand for is filled, what the first and
 * last character say of their neighbours stays. */
void redaction_fill_coded(char *bytes, size_t n, struct coded how);
bool redaction_is_coded(const char *bytes, size_t n, struct coded how);

#endif
