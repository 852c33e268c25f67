/* SPDX-License-Identifier: MIT */
/* A security descriptor for what is ours, and only we, the system and administrators may
 * use: nothing is handed down to it by its directory. */
#ifndef WINDOWS_PRIVATE_H
#define WINDOWS_PRIVATE_H

#include <stdbool.h>

/* For CreateMutexW, NtCreateFile and their like; with `folder` its members get the same. NULL
 * when the system does not say who we are. Free with LocalFree. */
void *private_descriptor(bool folder);

#endif
