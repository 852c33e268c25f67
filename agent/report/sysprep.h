/* SPDX-License-Identifier: MIT */
/* What was asked of Sysprep and what came of it. */
#ifndef REPORT_SYSPREP_H
#define REPORT_SYSPREP_H

#include <jansson.h>

#include "model/outcome.h"

struct writer;

/* An object, or null where nobody asked for it. */
json_t *sysprep_json(const struct generalized *generalized);

/* A section of its own: what speaks against it with the remedies, or the run. */
void sysprep_section(struct writer *writer);
/* Behind everything else, whatever came of it. */
bool sysprep_has_run(const struct outcome *outcome);
/* Behind the counts of the verdict. */
void sysprep_verdict(const struct outcome *outcome, struct buf *out);

#endif
