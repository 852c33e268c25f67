/* SPDX-License-Identifier: MIT */
/* Where a compressed stream ends, seen while its bytes pass by and without
 * unpacking it. libarchive takes what follows a stream of zstd or xz for damage
 * and swallows four bytes behind one of lz4, so it gets to see no more than the
 * stream. (gzip, bzip2 and lzma it leaves exactly at their end.)
 *
 *     frames_begin(&frames, kind);
 *     while (frames_go_on(&frames, bytes, have))    several streams in a row are one
 *         n = frames_take(&frames, bytes, have);    the first n belong to it
 *
 * Of an RPM both headers count as the stream: the payload follows. */
#ifndef DETECT_CONTAINER_FRAMES_H
#define DETECT_CONTAINER_FRAMES_H

#include "detect/container_kind.h"

enum { FRAMES_LOOK = 12 }; /* bytes frames_go_on wants to see, unless the input ends */

struct frames {
	enum container_kind kind;
	void (*step)(struct frames *frames); /* NULL: this kind is not followed */
	bool inside, ending, lost; /* lost: not what it should be; all belongs to it */
	bool legacy;		   /* lz4 */
	uint64_t skip, taken, records;
	size_t have, want;
	uint8_t head[16], flags;
	unsigned frames;
};

void frames_begin(struct frames *frames, enum container_kind kind);
bool frames_go_on(struct frames *frames, const uint8_t *bytes, size_t have);
size_t frames_take(struct frames *frames, const uint8_t *bytes, size_t have);

#endif
