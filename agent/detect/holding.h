/* SPDX-License-Identifier: MIT */
/* A stream that has to be read anywhere is kept in memory, up to a limit.
 *
 *     struct holding held;
 *     if (holding_take(&held, source, most)) ...   held.source can be read anywhere
 *     else ...                                  held.source is the stream anew
 *     holding_clear(&held);
 */
#ifndef DETECT_HOLDING_H
#define DETECT_HOLDING_H

#include "base/buf.h"
#include "detect/source.h"

struct holding {
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
bool holding_take(struct holding *held, struct source *source, size_t most, int *ret_error);
void holding_clear(struct holding *held); /* wipes */

#endif
