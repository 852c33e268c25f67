/* SPDX-License-Identifier: MIT */
/* Directories on the way to a file of ours. */
#ifndef LINUX_FOLDER_H
#define LINUX_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

/* Opens the directory that holds the last component of a path. -EPERM when
 * another user could swap a name on the way: each directory has to belong to root
 * or to us and nobody else may write it, unless it is sticky; each link has to
 * belong to root or to us. */
int folder_open(const char *path, int *ret);

/* Whether it belongs to root or to us. */
bool folder_trusts(const struct stat *st);

#endif
