/* SPDX-License-Identifier: MIT */
/* What the files about guests share. */
#ifndef DISCOVER_INSIDE_H
#define DISCOVER_INSIDE_H

#include "discover/discover.h"

bool inside_listed(const char *const *list, const char *text); /* ends with NULL, may be NULL */

/* It is not looked at, and that is as it should be. */
void inside_leave_out(struct guest *guest, const char *path, const char *why);
/* It belongs to what is captured, so the guest can not be called clean. */
void inside_miss(struct guest *guest, const char *path, const char *why, int error);

/* Whether the volumes of a Windows guest may be changed: sets guest->unfit. */
void inside_fit(struct guest *guest);

/* Accounts, homes and the name of the distribution. */
void inside_linux(struct guest *guest);
void inside_windows(struct guest *guest, const struct registry_reader *registry);

#endif
