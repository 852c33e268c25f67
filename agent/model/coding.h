/* SPDX-License-Identifier: MIT */
/* How bytes stand for other bytes. A path of codings says what was undone to
 * read a secret, the outermost first: four bits each in one number. */
#ifndef MODEL_CODING_H
#define MODEL_CODING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum coding {
	CODING_NONE,
	CODING_BASE64, /* RFC 4648, also its URL alphabet and over several lines */
	CODING_HEX,
	CODING_PERCENT, /* RFC 3986 */
	CODING_ESCAPES, /* \x41 and \u0041 */
	CODING_UTF16LE,
	CODING_UTF16BE,
	CODING_UTF32LE,
	CODING_UTF32BE,
	CODING_COUNT
};

enum { CODINGS_MAX = 5 /* one inside the other */, CODING_BITS = 4 /* of one in a path */ };

/* The path with one more inside; 0 when it is full. */
uint32_t codings_add(uint32_t path, enum coding coding);
/* The first of the path, and the path behind it. */
enum coding codings_outer(uint32_t path);
uint32_t codings_inner(uint32_t path);
unsigned codings_depth(uint32_t path);
/* Whether a number from elsewhere is a path. */
bool codings_hold(uint32_t path);
const char *coding_name(enum coding coding);
bool coding_parse(const char *text, enum coding *ret);
/* "base64, utf-16le" */
void codings_text(uint32_t path, struct buf *out);

#endif
