/* SPDX-License-Identifier: MIT */
/* The script that runs us: it can not go before it ends, so it may travel. */
#ifndef PLAN_RUNNER_H
#define PLAN_RUNNER_H

#include "discover/discover.h"

/* Whether its text says that it is removed when it ends: by itself (rm of "$0")
 * or by Cloud Assistant, which removes what names oos-secret. */
bool runner_removes_itself(const struct discover_entry *script);

#endif
