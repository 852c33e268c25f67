/* SPDX-License-Identifier: MIT */
/* Taking names away. A link goes itself, never what it leads to; of "FILE:STREAM" only the
 * stream goes.
 *
 * Windows 10 removes a name at once, as POSIX has it, whoever holds the file open (NTFS;
 * learn.microsoft.com, FILE_DISPOSITION_INFORMATION_EX). Before, and on other file systems,
 * the name goes with the last handle of those who allowed the removal when they opened it,
 * at the latest with the shutdown that comes before the capture. */
#include <errno.h>
#include <string.h>

#include "../look/errors.h"
#include "change.h"
#include "flags.h"
#include "mutate.h"

enum { DISPOSITION_EX = 64 }; /* FileDispositionInformationEx */

#define IS_READ_ONLY ((NTSTATUS)0xc0000121) /* STATUS_CANNOT_DELETE, or it is running */

/* The best way that this Windows and this file system have. */
static NTSTATUS dispose(HANDLE handle)
{
	const ULONG posix = FILE_DISPOSITION_FLAG_DELETE |
			    FILE_DISPOSITION_FLAG_POSIX_SEMANTICS;
	/* The second one: Windows 10 before 1809 does not know the last flag. */
	ULONG flags[] = {posix | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE, posix};
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		NTSTATUS status = change_set("remove", handle, DISPOSITION_EX, &flags[i],
					     sizeof *flags);
		if (!change_is_unknown(status))
			return status;
	}
	FILE_DISPOSITION_INFORMATION gone = {TRUE};
	return change_set("remove", handle, FileDispositionInformation, &gone, sizeof gone);
}

/* The attribute belongs to the file: it goes back if the name stays or there are others. */
static int dispose_frozen(HANDLE handle)
{
	uint32_t flags;
	struct plat_info info;
	HANDLE again = change_begin(handle);
	int r = handle_info(handle, &info);
	if (!r)
		r = flags_thaw(again, &flags);
	if (r > 0) {
		r = error_of_status(dispose(handle));
		if (r < 0 || info.links > 1)
			(void)flags_freeze(again, flags);
	} else if (!r) {
		r = -EBUSY; /* not read-only: it is a running program */
	}
	change_end(handle, again);
	return r;
}

static int remove_open(HANDLE handle)
{
	NTSTATUS status = dispose(handle);
	return status == IS_READ_ONLY ? dispose_frozen(handle) : error_of_status(status);
}

/* A stream is no directory, even one of a directory. FILE::$DATA and DIR::$INDEX_ALLOCATION
 * are the file and the directory themselves, so only a plain name is a stream's. */
static int fits(HANDLE handle, const char *name, bool folder)
{
	struct plat_info info;
	const char *stream = strchr(name, ':');
	if (stream && (!stream[1] || strchr(stream + 1, ':')))
		return -EINVAL;
	if (stream)
		return folder ? -ENOTDIR : 0;
	int r = handle_info(handle, &info);
	if (r < 0 || folder == (info.kind == PLAT_DIR))
		return r;
	return folder ? -ENOTDIR : -EISDIR;
}

static int remove_name(struct plat_dir *dir, const char *name, bool folder)
{
	static const struct handle_how how = {
		.access = DELETE, .share = SHARE_ALL, .disposition = FILE_OPEN};
	HANDLE handle;
	if (!*name) /* would be the directory that is open */
		return -ENOENT;
	int r = handle_open_at(dir->handle, name, &how, &handle);
	if (r < 0)
		return r;
	r = fits(handle, name, folder);
	if (!r)
		r = remove_open(handle);
	CloseHandle(handle);
	return r;
}

int plat_unlink(struct plat_dir *dir, const char *name)
{
	return remove_name(dir, name, false);
}

int plat_rmdir(struct plat_dir *dir, const char *name)
{
	return remove_name(dir, name, true);
}
