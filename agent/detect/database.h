/* SPDX-License-Identifier: MIT */
/* SQLite databases, their logs and journals, by content: rows, and what was deleted
 * or overwritten and still lies there. */
#ifndef DETECT_DATABASE_H
#define DETECT_DATABASE_H

#include "detect/examine.h"

/* False: none, nothing was taken from the source. As container_expand. */
bool database_expand(struct examiner *examiner, struct source *source, const char *member,
		     unsigned depth);

#endif
