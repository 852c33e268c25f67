/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "list.h"

/* clang-format off: one a line */
const struct cleaner *const cleaners[] = {
	&accounts_cleaner,
	&cloudinit_settings_cleaner,
	&initramfs_settings_cleaner,
	&iscsi_initiator_cleaner,
	&journald_cleaner,
	&last_way_in_cleaner,
	&machine_id_cleaner,
	&moved_histories_cleaner,
	&network_profiles_cleaner,
	&removed_accounts_cleaner,
	&snapshots_cleaner,
	&ssh_host_keys_cleaner,
	&sudo_rules_cleaner,
	&swap_cleaner,
	NULL,
};
/* clang-format on */

const struct cleaner *cleaner_find(const char *name)
{
	for (size_t i = 0; cleaners[i]; i++)
		if (strcmp(cleaners[i]->name, name) == 0)
			return cleaners[i];
	return NULL;
}

static bool blank(const char *text)
{
	return !text || !*text;
}

const char *cleaners_fault(void)
{
	for (size_t i = 0; cleaners[i]; i++) {
		const struct cleaner *cleaner = cleaners[i];
		if (blank(cleaner->name) || blank(cleaner->title) || blank(cleaner->why) ||
		    (!cleaner->plan && !cleaner->check) || !cleaner->os)
			return "a cleaner lacks its name, title, reason, system, plan or check";
		if (i && strcmp(cleaners[i - 1]->name, cleaner->name) >= 0)
			return "the cleaners are not sorted, or a name is there twice";
	}
	return NULL;
}
