/* SPDX-License-Identifier: MIT */
/* --only and --skip: names of items, names of classes, or one of the categories
 * artefacts, cleaners, secrets. */
#ifndef PLAN_SELECTION_H
#define PLAN_SELECTION_H

#include "model/finding.h"

struct selection {
	const char *const *only, *const *skip; /* NULL-terminated, or NULL */
};

bool selection_has(const struct selection *selection, const char *name, enum class class,
		   const char *category);

#endif
