/* SPDX-License-Identifier: MIT */
/* The cleaners that cleaners.c lists, one file each. */
#ifndef CLEANERS_LIST_H
#define CLEANERS_LIST_H

#include "plan/cleaner.h"

extern const struct cleaner borrowed_hives_cleaner;

#endif
