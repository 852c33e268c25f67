/* SPDX-License-Identifier: MIT */
#include "list.h"

/* clang-format off: one a line */
const struct cleaner *const cleaners[] = {
	&change_journals_cleaner,  &event_logs_cleaner,	       &hibernation_cleaner,
	&local_accounts_cleaner,   &orphaned_profiles_cleaner, &page_files_cleaner,
	&removed_accounts_cleaner, &shadow_copies_cleaner,     NULL,
};
/* clang-format on */
