/* SPDX-License-Identifier: MIT */
/* What is done with every byte of a disk, once for each instruction set. What comes of
 * it is the same, but for the places at which no window begins: each way finds others of
 * those, to be dropped. */
#ifndef DETECT_WAYS_H
#define DETECT_WAYS_H

#include "detect/prefilter_windows.h"
#include "detect/sieve.h"

enum { WAY_SPARE = 8 }; /* places that may be written behind those that count */

struct way {
	const char *name;
	/* The i below count where a window of one bucket can begin at bytes + i, in
	 * order: their number, the i in `places`, which has room for count + WAY_SPARE.
	 * Reads count + PLACES - 1 bytes. */
	size_t (*find)(const struct lookup *lookup, const uint8_t *bytes, size_t count,
		       uint16_t *places);
	/* Adds so many blocks. */
	void (*sift)(const uint8_t *bytes, size_t blocks, struct sieve *sieve);
	bool (*is_here)(void);
};
/* Of this build, best first; the last is `portable` and is everywhere. */
extern const struct way ways[];
/* The best on this processor. */
const struct way *way_here(void);

#endif
