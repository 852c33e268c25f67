/* SPDX-License-Identifier: MIT */
#ifndef CLI_BECAUSE_H
#define CLI_BECAUSE_H

#include "base/buf.h"
#include "rules/rules.h"

/* `imgsan explain --finding ID --report FILE`: what spoke for and against a finding of a
 * JSON report, by the weights that `rules` hold. Reports hold no secret, so neither does
 * this. 0, or -EINVAL with what is wrong in *fault. */
int because_explain(const struct rules *rules, const char *report_file, const char *id,
		    struct buf *out, struct buf *fault);

#endif
