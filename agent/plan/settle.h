/* SPDX-License-Identifier: MIT */
/* From findings to steps: what the detector found in files that stay is merged,
 * weighed by the policy and turned into redactions and removals. */
#ifndef PLAN_SETTLE_H
#define PLAN_SETTLE_H

#include "classify/owned.h"
#include "plan/guard.h"
#include "plan/selection.h"
#include "rules/rules.h"

/* Works on plan->findings: secrets that a step takes away leave the list, the
 * others stay with the reason in their text. Without `owned` no package has
 * anything. */
void settle_findings(struct plan *plan, const struct guest *guest, const struct rules *rules,
		     const struct guard *guard, const struct selection *selection,
		     const struct owned *owned);

#endif
