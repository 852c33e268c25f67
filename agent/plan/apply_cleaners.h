/* SPDX-License-Identifier: MIT */
/* Runs the stateful cleaners of the platform into a plan. */
#ifndef PLAN_APPLY_CLEANERS_H
#define PLAN_APPLY_CLEANERS_H

#include "plan/cleaner.h"
#include "plan/guard.h"
#include "plan/selection.h"
#include "rules/rules.h"

/* `list` ends with NULL. What the policy keeps is dropped, what it only reports
 * becomes a finding. */
void cleaners_apply(const struct cleaner *const *list, const struct guest *guest,
		    const struct rules *rules, const struct guard *guard,
		    const struct selection *selection, struct plan *plan);

#endif
