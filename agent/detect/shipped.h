/* SPDX-License-Identifier: MIT */
/* Most archives of a system are documentation as packages brought it, and need not be
 * looked into. Those of one batch are known by their digests together, before its files
 * are examined one by one. */
#ifndef DETECT_SHIPPED_H
#define DETECT_SHIPPED_H

#include "detect/wire.h"

struct shipped {
	uint8_t *room; /* for the files of a batch; NULL before the first */
	bool known[WIRE_FILES];
};

/* Sets `known` of each file that is an archive and what its package listed; what it
 * does not say of the others is for examine_file to find out. `tick` is asked as in an
 * examiner. */
void shipped_look(struct shipped *shipped, const struct wire_batch *batch,
		  struct plat_file *const *files, bool (*tick)(void *context), void *context);
void shipped_free(struct shipped *shipped);

#endif
