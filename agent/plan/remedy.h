/* SPDX-License-Identifier: MIT */
/* What a human has to do about a secret that no redaction reaches. */
#ifndef PLAN_REMEDY_H
#define PLAN_REMEDY_H

#include "model/finding.h"

/* Why the secret's bytes can not be overwritten where they are and what to do, or
 * NULL when they can. */
const char *remedy_for(const struct finding *finding);

#endif
