/* SPDX-License-Identifier: MIT */
#ifndef WINDOWS_CLEANERS_LIST_H
#define WINDOWS_CLEANERS_LIST_H

#include "plan/cleaner.h"

extern const struct cleaner event_logs_cleaner;

#endif
