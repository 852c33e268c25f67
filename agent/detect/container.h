/* SPDX-License-Identifier: MIT */
/* Archives and compressed files, by their content, nested to a depth. */
#ifndef DETECT_CONTAINER_H
#define DETECT_CONTAINER_H

#include "detect/examine.h"

/* False: no container, nothing was taken from the source. Otherwise all members
 * were examined, or a trouble says why not. `member` is NULL for a file. */
bool container_expand(struct examiner *examiner, struct source *source, const char *member,
		      unsigned depth);

#endif
