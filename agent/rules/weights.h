/* SPDX-License-Identifier: MIT */
/* How much each reason counts (patterns/judge/weights.yaml), and what that comes to:
 * the one place that decides between high, medium and low. */
#ifndef RULES_WEIGHTS_H
#define RULES_WEIGHTS_H

#include "model/finding.h"
#include "model/reason.h"

struct weights {
	int of[REASON_WEIGHED];
	int low, medium, high; /* a score from here on; below `low` it is nothing */
};

/* Of a mask of REASON_BITs. */
int weights_sum(const struct weights *weights, uint64_t because);
/* False when more speaks against it than for it: no finding. */
bool weights_level(const struct weights *weights, uint64_t because, enum confidence *ret);

#endif
