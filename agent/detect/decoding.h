/* SPDX-License-Identifier: MIT */
/* One encoded run on its way to plain bytes, and the way back: which characters
 * of the stream a part of the plain bytes came from. A run longer than what is
 * held at once comes in pieces that overlap. */
#ifndef DETECT_DECODING_H
#define DETECT_DECODING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "model/coding.h"

enum {
	DECODING_PIECE = 8000 << 10, /* plain bytes of one piece, a little less than 8 MiB, */
	DECODING_PARTS = 128 << 10,  /* and stretches */
};

/* What a run is looked for in: part of a stream. */
struct view {
	const uint8_t *at;
	size_t len, limit; /* runs go on to the limit; what follows is for looking ahead */
	uint64_t base;	   /* offset of the first byte in its stream */
	bool binary;
};

/* Lines before an offset, and where the one begins that it lies in. */
struct tally {
	uint64_t lines, line_start, offset;
};

/* Encoded characters one behind the other of which all stand for as many bits, and
 * that are on one line. */
struct stretch {
	int64_t bit;	     /* of the plain bytes, counted from where they begin now */
	uint64_t raw;	     /* offset of the first character */
	uint64_t line_start; /* behind the run's first line */
	uint32_t line;	     /* of the run, from 0 */
	uint8_t bits, chars; /* of one unit */
};

struct decoding {
	enum coding coding;
	struct tally begun; /* its first character; the lines once they were counted */
	bool continued;	    /* earlier pieces were told */
	bool labelled;	    /* the label of a key in PEM stands before it */
	uint8_t *plain;
	size_t len, cap;
	VEC(struct stretch) stretches;
	/* what a coding remembers from call to call */
	uint32_t word;
	unsigned have;		      /* bits in it */
	uint64_t units, rest;	      /* whole line: units; of the present one: left */
	uint64_t line_no, line_start; /* as in struct stretch */
};

/* A new run, behind one that was ended. */
void decoding_begin(struct decoding *d, enum coding coding, uint64_t offset);
/* From here on units of `chars` characters stand for `bits` bits each. */
void decoding_stretch(struct decoding *d, uint64_t raw, unsigned bits, unsigned chars);
void decoding_add(struct decoding *d, const void *bytes, size_t len);
/* Room for `more` bytes; the caller adds to d->len. */
uint8_t *decoding_reserve(struct decoding *d, size_t more);
bool decoding_is_full(const struct decoding *d);
/* Forgets all but the last `keep` plain bytes. */
void decoding_drop(struct decoding *d, size_t keep);
/* Wipes the run; the memory of a small one is kept for the next. */
void decoding_end(struct decoding *d);
void decoding_free(struct decoding *d);

struct origin {
	uint64_t offset, length;
	uint32_t line, column; /* from 1 */
	unsigned lead;	       /* bits of the first character before the part */
	bool literal;	       /* the bytes stand there as themselves */
};

/* Where plain[start .. start+len), not empty, stands; lines have been counted. */
struct origin decoding_origin(const struct decoding *d, uint64_t start, uint64_t len);

#endif
