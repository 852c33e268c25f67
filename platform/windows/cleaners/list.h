/* SPDX-License-Identifier: MIT */
/* The cleaners that cleaners.c lists, one file each. */
#ifndef WINDOWS_CLEANERS_LIST_H
#define WINDOWS_CLEANERS_LIST_H

#include "plan/cleaner.h"

extern const struct cleaner borrowed_hives_cleaner;
extern const struct cleaner certificates_cleaner;
extern const struct cleaner change_journals_cleaner;
extern const struct cleaner credentials_cleaner;
extern const struct cleaner event_logs_cleaner;
extern const struct cleaner hibernation_cleaner;
extern const struct cleaner local_accounts_cleaner;
extern const struct cleaner orphaned_profiles_cleaner;
extern const struct cleaner page_files_cleaner;
extern const struct cleaner removed_accounts_cleaner;
extern const struct cleaner shadow_copies_cleaner;
extern const struct cleaner stored_passwords_cleaner;
extern const struct cleaner winrm_cleaner;

#endif
