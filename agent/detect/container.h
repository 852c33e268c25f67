/* SPDX-License-Identifier: MIT */
/* Archives and compressed files, by their content, nested to a depth. */
#ifndef DETECT_CONTAINER_H
#define DETECT_CONTAINER_H

#include "detect/examine.h"

/* False: the bytes of the source are to be scanned as they are, and nothing was
 * taken from it (what can not be opened or stands behind a program was reported
 * or examined, though). Otherwise all members were examined, a trouble says
 * why not, or a package brought the file so. `member` is NULL for a file. */
bool container_expand(struct examiner *examiner, struct source *source, const char *member,
		      unsigned depth);

/* "/etc/shadow.gz" is asked for like "/etc/shadow": that name, to be freed, or
 * NULL for one without such an ending. */
char *container_unpacked_name(const char *path);

#endif
