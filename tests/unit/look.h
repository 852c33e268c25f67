/* SPDX-License-Identifier: MIT */
/* The scratch tree looked at with rules of a test's own. */
#pragma once

#include "classify/owned.h"
#include "model/writers.h"
#include "plan/guard.h"
#include "plan/selection.h"
#include "rules/rules.h"

struct look {
	struct rules rules;
	struct guest *guest;
	struct guard *guard;
	struct plan *plan;
	struct owned *owned; /* NULL: no packages */
	struct selection selection;
	struct writers writers;
	struct buf examined; /* paths, one a line */
};

/* Everything is removed but the class service, which is redacted. */
struct look *look_new(void);
void look_free(struct look *look);

/* One more artefact, of the class trace; `keep` may be NULL. */
struct artefact *rule(struct look *look, const char *name, enum action action, const char *glob,
		      const char *keep);
void survey(struct look *look); /* fills plan and examined */
bool was_examined(const struct look *look, const char *path);
