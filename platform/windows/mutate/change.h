/* SPDX-License-Identifier: MIT */
/* What the files here share. handle_open_at() sees to the privileges that an open needs:
 * with those to back up and to restore no access list is in the way ("File Security and
 * Access Rights", "Privilege Constants" at learn.microsoft.com). So nobody has to take the
 * ownership of anything, which could not be put back without the same privilege. */
#ifndef WINDOWS_CHANGE_H
#define WINDOWS_CHANGE_H

#include "../look/handles.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* An open file or directory once more, with other rights. Of a stream it may be the file
 * itself that opens: for attributes, times and security only. */
int handle_again(HANDLE handle, ACCESS_MASK access, HANDLE *ret);

/* A handle for setting attributes and times: `handle` opened once more, or `handle` itself
 * where that is denied, since the change will say whether it is allowed. */
HANDLE change_begin(HANDLE handle);
void change_end(HANDLE handle, HANDLE begun);

/* FileRenameInformationEx and the like: this Windows, or this file system, has none such. */
bool change_is_unknown(NTSTATUS status);

/* NtSetInformationFile. The name is for tests/fault. */
NTSTATUS change_set(const char *name, HANDLE handle, int what, void *order, size_t len);

#endif
