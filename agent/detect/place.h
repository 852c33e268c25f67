/* SPDX-License-Identifier: MIT */
/* What the path of a file, and that of a member in it, says of a match: tests,
 * libraries, documentation, lock files, program source, configurations. Asked by the
 * parent for what was found; no worker knows a path. */
#ifndef DETECT_PLACE_H
#define DETECT_PLACE_H

#include "model/reason.h"

/* REASON_BITs. `member` names what is inside the file as a reply does, or is NULL. */
uint64_t place_reasons(const char *path, const char *member);

/* Those of a match, with what its place adds. */
uint64_t place_weigh_in(uint64_t because, const char *path, const char *member);

#endif
