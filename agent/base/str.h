/* SPDX-License-Identifier: MIT */
/* Text helpers. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
static inline const char *str_or(const char *text, const char *other)
{
	return text ? text : other;
}

/* Where `word` begins for the first time in so many bytes, or NULL. */
const void *str_find(const void *bytes, size_t len, const char *word);

/* The part of a path behind its last slash. */
const char *str_leaf(const char *path);

/* Appends bytes of unknown origin so that the result is printable ASCII on one
 * line and can be told apart from any other input: a backslash becomes \\, all
 * other bytes outside 0x20..0x7e become \xNN. */
void str_quote(struct buf *out, const char *text);

/* "1.2 MB"; decimal units, at most 15 characters. */
const char *str_bytes(uint64_t bytes, char out[16]);

/* "12,345" */
const char *str_count(uint64_t count, char out[28]);

/* A whole decimal number without sign, or false. */
bool str_number(const char *text, uint64_t *ret);

#endif
