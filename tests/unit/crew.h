/* SPDX-License-Identifier: MIT */
/* Real workers with one rule, which finds tokens (own_rules.h) in text. They are forked by
 * crew_start(): what a worker is to do wrong has to be set before. */
#pragma once

#include "detect/detect.h"

/* Ends the whole test as skipped where there can be no workers. */
struct detect *crew_start(const struct detect_limits *limits);
void crew_end(struct detect *detect);

/* Hands over the file at `place` of the host under another name. */
void crew_file(struct detect *detect, const char *place, const char *name);
