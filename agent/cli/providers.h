/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROVIDERS_H
#define CLI_PROVIDERS_H

#include "base/buf.h"
#include "rules/rules.h"

/* What `imgsan list --providers` prints: provider, kind and rule, as a Markdown table. */
void providers_write(const struct rules *rules, struct buf *out);

#endif
