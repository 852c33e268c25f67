/* SPDX-License-Identifier: MIT */
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
