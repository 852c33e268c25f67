/* SPDX-License-Identifier: MIT */
/* What the contract's handles are on Windows, and how one is opened: always below
 * another, by NtCreateFile, with the reparse point itself and never what it leads to. */
#ifndef WINDOWS_HANDLES_H
#define WINDOWS_HANDLES_H

#include <windows.h>

#include <winternl.h>

#include "platform.h"

struct plat_dir {
	HANDLE handle;
	struct dir_listing *listing; /* made by the first plat_dir_next */
	uint64_t inode;		     /* of the member that was read last */
};

struct plat_file {
	HANDLE handle;
};

struct plat_dir *plat_dir_wrap(HANDLE handle);
struct plat_file *plat_file_wrap(HANDLE handle);

/* How a name is opened, in the terms of NtCreateFile (its page at learn.microsoft.com).
 * SYNCHRONIZE and FILE_READ_ATTRIBUTES, FILE_OPEN_REPARSE_POINT, FILE_SYNCHRONOUS_IO_NONALERT
 * and FILE_OPEN_FOR_BACKUP_INTENT are added. */
struct handle_how {
	ACCESS_MASK access;
	ULONG share, disposition, options, attributes;
	bool at_once;	/* no waiting for what others hold open */
	void *security; /* descriptor of what is made; NULL: what its directory hands down */
};

/* `name`: one component in WTF-8, also FILE:STREAM, or "" for the parent itself, which may
 * then be a file. A name that Windows would take for something else (a \ or / in it, . or
 * ..) gives -EINVAL. What is held open by others is tried again for half a second (-EBUSY).
 * Where access is denied, the privileges to back up and, for more than reading, to restore
 * are enabled for the call. */
int handle_open_at(HANDLE parent, const char *name, const struct handle_how *how, HANDLE *ret);

/* A path of this machine, as a caller writes it: absolute or not, with / or \ (paths.h). "/"
 * is the system drive, "/D:" another. Names may be of any length. Links are followed, also
 * the last. */
int handle_open_path(const char *host_path, const struct handle_how *how, HANDLE *ret);

/* Opens the same file again without FILE_OPEN_REPARSE_POINT, which is how the content of
 * what is deduplicated or kept by another filter is read and written (reparse.h). -ELOOP:
 * what opened is another file. */
int handle_open_content(HANDLE handle, const struct handle_how *how, HANDLE *ret);

/* statx of an open handle. The device is the volume's serial number. The inode is the file
 * id of 64 bits, which NTFS never gives twice at a time; where a file system has no such for
 * a file (ReFS), the one of 128 bits is folded into it. No mode, no owner, no group. */
int handle_info(HANDLE handle, struct plat_info *ret);

/* FILE_ATTRIBUTE_* and, if it is a reparse point, its tag. */
int handle_attributes(HANDLE handle, ULONG *ret_attributes, ULONG *ret_tag);

/* What handle_info makes of ids and of times. */
uint64_t handle_inode(uint64_t number, const uint64_t wide[2]);
int64_t handle_time(LARGE_INTEGER at);

#endif
