/* SPDX-License-Identifier: MIT */
/* A stream that has to be read anywhere is kept in memory, up to a limit.
 *
 *     struct held held;
 *     if (held_take(&held, source, most)) ...   held.source can be read anywhere
 *     else ...                                  held.source is the stream anew
 *     held_clear(&held);
 */
#ifndef DETECT_HELD_H
#define DETECT_HELD_H

#include "base/buf.h"
#include "detect/source.h"

struct held {
	struct source source;
	struct source *from;
	struct buf bytes;
	size_t at;
	bool whole;
};

/* False when the stream is longer than `most` bytes (or has a hole): nothing is
 * lost, held->source begins with what was kept. A read error ends the stream
 * where it is, *ret_error (may be NULL) then holds it. A source that can be read
 * anywhere is copied as it is. */
bool held_take(struct held *held, struct source *source, size_t most, int *ret_error);
void held_clear(struct held *held); /* wipes */

#endif
