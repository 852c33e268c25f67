/* SPDX-License-Identifier: MIT */
/* What is doubtful about rules that load and whose samples hold. */
#ifndef DETECT_LINT_H
#define DETECT_LINT_H

#include "rules/rules.h"

/* Of rules without samples, as those inside when `check_inside` was not asked for, they say
 * nothing.
 *
 * Faults: a pattern that reaches the limit of PCRE2 on text made to that end. Each is a
 * line in *out; how many. */
int lint_limits(const struct rules *rules, struct buf *out);

/* Warnings, likewise: a keyword that no `match` sample has, rules that find the same bytes
 * in a sample, and of rules from `from` on how many small changes to them their samples
 * do not notice; and an expression of a gitleaks configuration that reaches that limit. */
int lint_doubts(const struct rules *rules, size_t from, struct buf *out);

#endif
