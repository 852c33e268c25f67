/* SPDX-License-Identifier: MIT */
/* What a locked-down worker must not be able to do, to be tried from inside. */
#pragma once

#include <stdbool.h>

#include "platform.h"

#define MIB ((uint64_t)1 << 20)
/* Files, listeners and a process, all made by surroundings_make, are what is tried on. */
int surroundings_make(void **state);
int surroundings_remove(void **state);
extern char attempts_home[]; /* where the attempts expect to be */

/* Each gives true when it succeeded, and has the guards that stop it alone. Scopes
 * came with Landlock 6. */
struct attempt {
	const char *name;
	bool (*try)(void);
	unsigned stopped_by;
	bool by_scope;
};
enum { ATTEMPTS = 13, EXECUTE = ATTEMPTS - 1 /* ends the process that succeeds */ };
extern const struct attempt attempts[ATTEMPTS];
bool try_trace(void); /* the one that may fail although nothing stops it */

struct sheet {
	unsigned holds; /* PLAT_GUARD_* */
	bool done[ATTEMPTS];
};
void sheet_fill(struct sheet *sheet); /* tries all */

long landlock_version(void);
unsigned guards_expected(void); /* that can be had here */
