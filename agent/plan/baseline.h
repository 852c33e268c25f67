/* SPDX-License-Identifier: MIT */
/* An earlier JSON report: what stayed then and is the same now is not told again.
 *
 *     struct baseline *baseline;
 *     if (baseline_read("r.json", key_id, &baseline, &fault) < 0) ...
 *     ... settle_findings ...
 *     baseline_apply(baseline, plan);
 *
 * It is asked only of findings that stay: whatever clean can take away it takes away.
 * A secret is the same when the keyed hash of its bytes is and it is in the same file;
 * where the two runs had different keys, when rule, place and length are the same. What
 * could not be examined is always told: it may hold something else by now. */
#ifndef PLAN_BASELINE_H
#define PLAN_BASELINE_H

#include "model/plan.h"

struct baseline;

/* The file needs the same owner and mode as a policy. `key_id` of this run, or "".
 * -EINVAL with a fault. */
int baseline_read(const char *host_path, const char *key_id, struct baseline **ret,
		  struct buf *fault);
/* Moves findings that it knows to plan->known, so that the report made now can be the
 * next baseline, and notes how many. NULL: none. */
void baseline_apply(const struct baseline *baseline, struct plan *plan);
void baseline_free(struct baseline *baseline); /* NULL is fine */

#endif
