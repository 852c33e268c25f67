/* SPDX-License-Identifier: MIT */
/* What stands at a place of the running system's registry, as a step's target: what a plan
 * saw, and what act/ compares. */
#ifndef MODEL_REGISTERED_H
#define MODEL_REGISTERED_H

#include "platform.h"

/* Of a value: kind PLAT_FILE, size its bytes. Of a key: PLAT_DIR, or PLAT_SYMLINK for one
 * that is a link. mtime: when the key, or the one that holds the value, was last written.
 * Nothing else is set. */
int registered_look(const char *path, struct plat_info *ret);

#endif
