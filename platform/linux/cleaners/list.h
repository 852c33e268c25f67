/* SPDX-License-Identifier: MIT */
/* The cleaners that cleaners.c lists, one file each. */
#ifndef CLEANERS_LIST_H
#define CLEANERS_LIST_H

#include "plan/cleaner.h"

extern const struct cleaner accounts_cleaner;
extern const struct cleaner cloudinit_settings_cleaner;
extern const struct cleaner initramfs_settings_cleaner;
extern const struct cleaner iscsi_initiator_cleaner;
extern const struct cleaner journald_cleaner;
extern const struct cleaner last_way_in_cleaner;
extern const struct cleaner machine_id_cleaner;
extern const struct cleaner moved_histories_cleaner;
extern const struct cleaner network_profiles_cleaner;
extern const struct cleaner removed_accounts_cleaner;
extern const struct cleaner snapshots_cleaner;
extern const struct cleaner ssh_host_keys_cleaner;
extern const struct cleaner sudo_rules_cleaner;
extern const struct cleaner swap_cleaner;

#endif
