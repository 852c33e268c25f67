/* SPDX-License-Identifier: MIT */
/* Which secrets stand in unchanged files of packages, or in what Python made of them.
 *
 *     vendor_mark(plan, guest, packages, on_unread);
 */
#ifndef PLAN_VENDOR_H
#define PLAN_VENDOR_H

#include "classify/classify.h"
#include "model/plan.h"

/* Findings get SEEN_VENDOR; `unread` is called with the plan. */
void vendor_mark(struct plan *plan, const struct guest *guest,
		 const struct packages_reader *reader, classify_unread *unread);

#endif
