/* SPDX-License-Identifier: MIT */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "base/buf.h"
#include "cli/options.h"

/* What `imgsan list` prints. */
void list_write(const struct cli *cli, const struct rules *rules, struct buf *out);

#endif
