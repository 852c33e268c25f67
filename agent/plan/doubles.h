/* SPDX-License-Identifier: MIT */
/* One matter is told once. */
#ifndef PLAN_DOUBLES_H
#define PLAN_DOUBLES_H

#include "model/plan.h"
#include "rules/rules.h"

/* A cleaner may name a file that an artefact takes as well. The first step stays, and goes
 * last if any of them says so. */
void doubles_removals(struct plan *plan);

/* Two rules that see the same bytes are one finding over both ranges. Leaves the findings by
 * their places, the secrets of a file behind what else is said about it. */
void doubles_secrets(struct plan *plan, const struct rules *rules);

/* An artefact that stays and the secret found in it are one matter, unless the secret weighs
 * less. Behind doubles_secrets: goes by its order. */
void doubles_postures(struct plan *plan);

#endif
