/* SPDX-License-Identifier: MIT */
/* Which places of a guest the guard knows: one list of each kind for each system. */
#ifndef PLAN_GUARD_PLACES_H
#define PLAN_GUARD_PLACES_H

#include "model/guest.h"

struct guard_places {
	/* All end with NULL. Where names ignore case, so do these. */
	const char *const *skeleton;  /* directories that stay whatever a pack says, */
	const char *const *transient; /* but for the members of these */
	const char *const *vital;  /* files that nobody takes away or redacts; "~" is a home */
	const char *const *system; /* what lies below is a part of the system, */
	const char *const *spared; /* unless it is one of these or below, */
	const char *const *spared_leaf; /* or its path ends so */
	/* A guest without package databases: whatever looks like a secret in a part of the
	 * system stays, but in these files (globs). NULL: packages are asked. */
	const char *const *settings;
	/* Of the registry (model/keyglob.h): keys that are neither removed nor emptied, nor is
	 * one above them, and values that nobody takes away or redacts. */
	const char *const *vital_keys, *const *vital_values;
};

const struct guard_places *guard_places(enum guest_os os);

#endif
