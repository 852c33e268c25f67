/* SPDX-License-Identifier: MIT */
#ifndef WINDOWS_SYSPREP_PACKAGES_H
#define WINDOWS_SYSPREP_PACKAGES_H

#include "base/buf.h"

/* Appends the app packages that a user has and that are not provisioned for all, with
 * commas between them. */
void packages_of_users_alone(struct buf *out);

#endif
