/* SPDX-License-Identifier: MIT */
/* Which secrets stand in unchanged files of packages, or in what Python made of them.
 *
 *     vendor_mark(plan, owned);
 */
#ifndef PLAN_VENDOR_H
#define PLAN_VENDOR_H

#include "classify/owned.h"
#include "model/plan.h"

/* Findings, sorted by path, get SEEN_VENDOR where whoever read the file could not tell. Where
 * there is a secret, a database that could not be read is told as well. */
void vendor_mark(struct plan *plan, const struct owned *owned);

#endif
