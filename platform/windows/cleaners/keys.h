/* SPDX-License-Identifier: MIT */
/* Small looks at the registry of the running system that several cleaners take. */
#ifndef CLEANERS_KEYS_H
#define CLEANERS_KEYS_H

#include "base/vec.h"
#include "plan/cleaner.h"

/* A value of text up to its first NUL, allocated; NULL: there is none. */
char *keys_text(const char *key, const char *value);
/* A DWORD. */
bool keys_number(const char *key, const char *value, uint32_t *ret);
bool keys_has(const char *key);

/* Calls for each key below; ends early with what `tell` gives when that is not 0. A key that
 * is not there has none. */
typedef int keys_tell(const char *name, void *context);
int keys_each(const char *key, keys_tell *tell, void *context);

/* Adds a finding of the cleaner at hand, which takes over `text`. */
void keys_say(struct plan *plan, enum finding_kind kind, const char *path, char *text);

#endif
