/* SPDX-License-Identifier: MIT */
#include "list.h"

/* clang-format off: one a line */
const struct cleaner *const cleaners[] = {
	&borrowed_hives_cleaner,
	&change_journals_cleaner,
	&credentials_cleaner,
	&event_logs_cleaner,
	&hibernation_cleaner,
	&local_accounts_cleaner,
	&orphaned_profiles_cleaner,
	&page_files_cleaner,
	&certificates_cleaner,
	&removed_accounts_cleaner,
	&shadow_copies_cleaner,
	&stored_passwords_cleaner,
	&winrm_cleaner,
	NULL,
};
/* clang-format on */
