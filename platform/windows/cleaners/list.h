/* SPDX-License-Identifier: MIT */
/* The cleaners that cleaners.c lists, one file each. */
#ifndef WINDOWS_CLEANERS_LIST_H
#define WINDOWS_CLEANERS_LIST_H

#include "plan/cleaner.h"

extern const struct cleaner borrowed_hives_cleaner;
extern const struct cleaner certificates_cleaner;
extern const struct cleaner credentials_cleaner;
extern const struct cleaner stored_passwords_cleaner;
extern const struct cleaner winrm_cleaner;

#endif
