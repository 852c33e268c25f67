/* SPDX-License-Identifier: MIT */
/* Where the time of a run went, for --stats. */
#ifndef REPORT_STATS_H
#define REPORT_STATS_H

#include <jansson.h>

#include "model/outcome.h"

/* A few lines; nothing when it was not measured. */
void stats_text(const struct outcome *outcome, struct buf *out);
/* Microseconds by stage, or NULL. */
json_t *stats_stages(const struct outcome *outcome);

#endif
