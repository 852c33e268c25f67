/* SPDX-License-Identifier: MIT */
/* What stands where a secret stood: letters only, so that every text format
 * stays valid; blanks and line ends of a key's body stay where they are. act/
 * writes it and detect/ knows it again. */
#ifndef MODEL_REDACTION_H
#define MODEL_REDACTION_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites n bytes in place. */
void redaction_fill(char *bytes, size_t n);

/* Whether n > 0 bytes are what redaction_fill makes of any n bytes. */
bool redaction_is(const char *bytes, size_t n);

#endif
