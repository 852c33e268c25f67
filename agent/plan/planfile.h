/* SPDX-License-Identifier: MIT */
/* A plan as a file that a person can review and hand back: JSON, schema
 * "imgsan.plan/1". It holds no secret and no finding. */
#ifndef PLAN_PLANFILE_H
#define PLAN_PLANFILE_H

#include "base/buf.h"
#include "plan/cleaner.h"
#include "rules/rules.h"

void planfile_write(const struct plan *plan, const struct guest *guest, struct buf *out);

/* Fills an empty plan. Names must be known to the rules or the cleaners. -EINVAL
 * with what is wrong in *fault. */
int planfile_read(const struct buf *text, const struct rules *rules,
		  const struct cleaner *const *list, struct plan *plan, struct buf *fault);

#endif
