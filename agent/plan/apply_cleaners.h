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
void cleaners_apply(const struct cleaner *const *list, const struct cleaning *cleaning,
		    const struct guard *guard, const struct selection *selection,
		    struct plan *plan);

/* The last word on a plan that is complete, also on one that was read from a file. */
void cleaners_check(const struct cleaner *const *list, const struct cleaning *cleaning,
		    struct plan *plan);

#endif
