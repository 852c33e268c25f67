/* SPDX-License-Identifier: MIT */
/* Names that differ in case only, as NTFS sees them: by characters of UTF-8, through a
 * table of single characters, in no language. What is no UTF-8 stays as it is. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include <stddef.h>

/* Capitals for all letters that have one of the same length in UTF-8, so that no text
 * changes its length. Twice is as good as once. */
void fold_text(char *text);
char *fold_copy(const char *text); /* the caller frees it */

/* As strcmp of the folded texts; that is an order, too. */
int fold_compare(const char *a, const char *b);
/* As strncmp of the folded texts; `len` ends at the end of a character of `b`. */
int fold_compare_n(const char *a, const char *b, size_t len);

#endif
