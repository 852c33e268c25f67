/* SPDX-License-Identifier: MIT */
/* What scratch.c needs of the system. Paths are as the host has them, in UTF-8, and on
 * Windows with / behind the root as well. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "platform.h"

/* A new folder for temporary things; its path. */
bool os_make_root(char *out, size_t len);
/* With all that is in it, never through a link. */
bool os_remove_tree(const char *path);
bool os_make_dir(const char *path);
/* False where the system has none. */
bool os_make_link(const char *to, const char *path);
FILE *os_open(const char *path, const char *mode);
bool os_hard_link(const char *from, const char *to);
/* A link is there, wherever it leads. */
bool os_exists(const char *path);
/* A file under the new name is replaced. */
bool os_rename(const char *from, const char *to);
/* A file, a link or an empty folder. */
bool os_remove(const char *path);
/* False where the system has none. */
bool os_make_pipe(const char *path);
/* Folders of this name, one in the other, below one that is there; how many there are then. */
unsigned os_make_deep(const char *path, const char *name, unsigned levels);
/* Empty files, called 0, 1 and so on, in a folder; how many are made. */
unsigned os_make_many(const char *path, unsigned count);
/* How many files may be open at once, raised to `wanted` as far as that goes. */
unsigned os_may_open(unsigned wanted);
/* Who lists a folder can leave its time of access as it is. */
bool os_keeps_access(void);
/* Times of the last access and change, in nanoseconds since 1970. */
bool os_set_times(const char *path, int64_t access, int64_t change);
bool os_times(const char *path, int64_t *ret_access, int64_t *ret_change);
/* To somebody who is neither root nor us; false: we may not. */
bool os_give_away(const char *path);
/* Whether everybody may write it. */
bool os_let_write(const char *path, bool everybody);
/* A file without a name; `holes`: blocks of zeros are none on the disk, where files can be
 * sparse. NULL when it can not be had; the caller closes it. */
struct plat_file *os_file_of(const void *bytes, size_t len, bool holes);
/* Mounts of this process are from now on seen by nobody else; false: it may not mount. */
bool os_hide_mounts(void);
