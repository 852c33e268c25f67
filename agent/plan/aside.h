/* SPDX-License-Identifier: MIT */
/* What users have set aside is told, and counts for nothing. */
#ifndef PLAN_ASIDE_H
#define PLAN_ASIDE_H

#include "rules/rules.h"

/* A secret whose line says that it may stay becomes a note: nobody hides one unseen. */
void aside_inline(struct finding *finding);
/* Notes what a gitleaks configuration says that has no effect here. */
void aside_idle(const struct rules *rules, struct plan *plan);

#endif
