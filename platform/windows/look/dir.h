/* SPDX-License-Identifier: MIT */
/* Members of directories, for what else opens them. */
#ifndef WINDOWS_DIR_H
#define WINDOWS_DIR_H

#include "handles.h"

/* Opens a member directory ("" or ".": itself), to list it or only to go on from there. A
 * link gives -ELOOP, another kind -ENOTDIR; -ENODATA: its members would have to be fetched
 * from elsewhere. */
int dir_open_handle(HANDLE parent, const char *name, bool to_list, HANDLE *ret);

/* plat_info_at by handle. */
int dir_member_info(HANDLE parent, const char *name, struct plat_info *ret);

/* A member that is not on this machine at all, so that even to open it would fetch it; the
 * listing is all that is known of it. Asks only where the listing has shown such members. */
bool dir_is_remote(struct plat_dir *dir, const char *name, struct plat_info *ret);

#endif
