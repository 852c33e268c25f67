/* SPDX-License-Identifier: MIT */
#ifndef CLI_ITEMS_H
#define CLI_ITEMS_H

#include "base/buf.h"
#include "cli/catalog.h"

/* What `imgsan list --page` prints: every item in full, as Markdown. */
void items_write(const struct rules *rules, const catalog *items, struct buf *out);

#endif
