/* SPDX-License-Identifier: MIT */
/* Archives and compressed streams made by libarchive, in memory. What can not be made
 * fails the test.
 *
 *     struct packing p;
 *     packing_begin(&p, "ustar", "gzip", NULL, room, &out);
 *     packing_add(&p, "a/file", bytes, len);
 *     packing_end(&p);                     behind what stands in `out`
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

struct packing {
	struct archive *archive;
	struct buf *out;
	size_t used;
};

/* Format, filter and options as libarchive calls them; NULL for no filter, no options.
 * room: bytes that are enough for all. */
void packing_begin(struct packing *p, const char *format, const char *filter,
		   const char *options, size_t room, struct buf *out);
void packing_add(struct packing *p, const char *name, const void *bytes, size_t len);
void packing_end(struct packing *p);

/* An archive of one file; in the format "raw" a stream, and nobody learns the name. */
void packing_one(const char *format, const char *filter, const char *name, const void *bytes,
		 size_t len, struct buf *out);
