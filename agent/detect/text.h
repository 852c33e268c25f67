/* SPDX-License-Identifier: MIT */
/* Whether bytes are text, from the first block of a file: by how many of them
 * text would not hold, never by a single NUL. */
#ifndef DETECT_TEXT_H
#define DETECT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "model/coding.h"

enum text_kind {
	TEXT_PLAIN,
	TEXT_UNSURE, /* bytes beyond ASCII that are not UTF-8 */
	TEXT_BINARY,
};

enum text_kind text_kind_of(const uint8_t *bytes, size_t len);

/* Text in units of two or four bytes: by a byte order mark that plausible units
 * follow, or by the zeros of nearly all its letters. NONE: it is no such text. */
enum coding text_coding_of(const uint8_t *bytes, size_t len);

#endif
