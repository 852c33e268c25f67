/* SPDX-License-Identifier: MIT */
/* Small measures of a string of bytes, for the judges. */
#ifndef DETECT_SHAPE_H
#define DETECT_SHAPE_H

#include "detect/judge.h"

struct shape {
	size_t lower, upper, digit, symbol, space, high; /* how many */
	size_t distinct;
	size_t longest_run; /* of one byte repeated */
	double entropy;	    /* Shannon, bits a byte */
};

struct shape shape_of(struct span span);
unsigned shape_classes(const struct shape *shape); /* 0..4, spaces not counted */

bool shape_equals(struct span span, const char *text); /* case ignored */
bool shape_starts(struct span span, const char *text);
bool shape_ends(struct span span, const char *text);
bool shape_has(struct span span, const char *text);
bool shape_equals_any(struct span span, const char *const *texts);
bool shape_has_any(struct span span, const char *const *texts);

/* "changeme", "<your-key>", "${VAR}", "xxxx", our own redaction and the like. */
bool shape_placeholder(struct span span);
/* Of these, words and repetitions alone. */
bool shape_filler(struct span span);
/* A whole field that is filled in later, "{name}", "<name>", "${name", wherever it stands: what
 * a value drawn from all characters does not hold by chance. */
bool shape_field(struct span span);
/* "0123456789", "abcdefgh": a run of neighbours over most of the span. */
bool shape_sequence(struct span span);

/* Bytes of base64, standard or URL alphabet; white space and escaped line ends
 * are passed over, anything else ends it. The bytes decoded. */
size_t shape_base64(struct span span, uint8_t *out, size_t cap);

#endif
