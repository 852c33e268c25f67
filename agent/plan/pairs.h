/* SPDX-License-Identifier: MIT */
/* An id and its secret are one finding with two places.
 *
 *     size_t pairs = pairs_mark(plan, rules);   findings sorted by place
 *     ... each becomes part of a step, stays or leaves ...
 *     pairs_join(plan, pairs);
 *
 * In between each is weighed by itself, as a policy may speak of one of them only: what
 * then has not met the same fate is told apart. */
#ifndef PLAN_PAIRS_H
#define PLAN_PAIRS_H

#include "rules/rules.h"

/* Numbers the pairs from 1 (`pair`, `is_id`); how many there are. */
size_t pairs_mark(struct plan *plan, const struct rules *rules);
/* The id becomes the `partner` of its secret, among the findings and among what a step
 * takes away. */
void pairs_join(struct plan *plan, size_t pairs);

#endif
