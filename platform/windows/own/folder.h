/* SPDX-License-Identifier: MIT */
/* Directories on the way to a file of ours. */
#ifndef WINDOWS_FOLDER_H
#define WINDOWS_FOLDER_H

#include <windows.h>

/* Opens the directory that holds the last component of a path of this machine, and points
 * *ret_leaf at that ("" when there is none). -EPERM when somebody else could swap a name on
 * the way to where the directory really lies (trust.h). */
int folder_open(const char *path, HANDLE *ret, const char **ret_leaf);

#endif
