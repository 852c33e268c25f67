/* SPDX-License-Identifier: MIT */
/* Attributes that forbid changes, and the times of directories. */
#include "flags.h"

#include "../look/errors.h"
#include "change.h"
#include "fault.h"
#include "mutate.h"

/* Nanoseconds from 1601 to 1970, in units of 100. */
#define EPOCH INT64_C(116444736000000000)

static int basic_get(HANDLE handle, FILE_BASIC_INFO *ret)
{
	return GetFileInformationByHandleEx(handle, FileBasicInfo, ret, sizeof *ret)
		       ? 0
		       : error_last();
}

/* A time of zero, and no attribute at all, mean that it stays as it is. */
static int basic_set(HANDLE handle, FILE_BASIC_INFO *info)
{
	fault_point("attributes");
	return SetFileInformationByHandle(handle, FileBasicInfo, info, sizeof *info)
		       ? 0
		       : error_last();
}

static int attributes_set(HANDLE handle, DWORD attributes)
{
	FILE_BASIC_INFO info = {.FileAttributes = attributes ? attributes
							     : FILE_ATTRIBUTE_NORMAL};
	return basic_set(handle, &info);
}

int flags_thaw(HANDLE handle, uint32_t *ret_flags)
{
	FILE_BASIC_INFO info;
	int r = basic_get(handle, &info);
	if (r < 0 || !(info.FileAttributes & FILE_ATTRIBUTE_READONLY))
		return r;
	r = attributes_set(handle, info.FileAttributes & ~(DWORD)FILE_ATTRIBUTE_READONLY);
	if (r < 0)
		return r;
	*ret_flags = info.FileAttributes;
	return 1;
}

int flags_freeze(HANDLE handle, uint32_t flags)
{
	FILE_BASIC_INFO info;
	int r = basic_get(handle, &info);
	return r ? r
		 : attributes_set(handle,
				  info.FileAttributes | (flags & FILE_ATTRIBUTE_READONLY));
}

int plat_file_thaw(struct plat_file *file, uint32_t *ret_flags)
{
	HANDLE again = change_begin(file->handle);
	int r = flags_thaw(again, ret_flags);
	change_end(file->handle, again);
	return r;
}

int plat_file_freeze(struct plat_file *file, uint32_t flags)
{
	HANDLE again = change_begin(file->handle);
	int r = flags_freeze(again, flags);
	change_end(file->handle, again);
	return r;
}

/* On a directory the attribute forbids nothing below it (learn.microsoft.com,
 * "File Attribute Constants"); plat_rmdir() sees to the directory itself. */
int plat_thaw_dir(struct plat_dir *dir, uint32_t *ret_flags)
{
	(void)dir;
	(void)ret_flags;
	return 0;
}

int plat_freeze_dir(struct plat_dir *dir, uint32_t flags)
{
	(void)dir;
	(void)flags;
	return 0;
}

int plat_times_get(struct plat_dir *dir, struct plat_times *ret)
{
	FILE_BASIC_INFO info;
	int r = basic_get(dir->handle, &info);
	if (r < 0)
		return r;
	ret->atime = (info.LastAccessTime.QuadPart - EPOCH) * 100;
	ret->mtime = (info.LastWriteTime.QuadPart - EPOCH) * 100;
	return 0;
}

int plat_times_set(struct plat_dir *dir, const struct plat_times *times)
{
	FILE_BASIC_INFO info = {
		.LastAccessTime.QuadPart = times->atime / 100 + EPOCH,
		.LastWriteTime.QuadPart = times->mtime / 100 + EPOCH,
	};
	HANDLE again = change_begin(dir->handle);
	int r = basic_set(again, &info);
	change_end(dir->handle, again);
	return r;
}
