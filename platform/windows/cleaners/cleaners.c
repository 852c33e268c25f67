/* SPDX-License-Identifier: MIT */
#include "list.h"

/* clang-format off: one a line */
const struct cleaner *const cleaners[] = {
	&event_logs_cleaner,
	&local_accounts_cleaner,
	&orphaned_profiles_cleaner,
	&removed_accounts_cleaner,
	NULL,
};
/* clang-format on */
