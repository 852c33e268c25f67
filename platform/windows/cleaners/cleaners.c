/* SPDX-License-Identifier: MIT */
#include "list.h"

/* clang-format off: one a line */
const struct cleaner *const cleaners[] = {
	&event_logs_cleaner,
	NULL,
};
/* clang-format on */
