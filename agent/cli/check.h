/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "base/buf.h"
#include "cli/options.h"

/* `imgsan rules check`: 0, or -EINVAL with what is wrong in *fault. */
int check_rules(const struct rules *rules, struct buf *out, struct buf *fault);

#endif
