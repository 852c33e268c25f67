/* SPDX-License-Identifier: MIT */
/* Making files and directories, and changing what a file holds. */
#include <errno.h>
#include <string.h>

#include "../look/errors.h"
#include "../look/private.h"
#include "../look/reparse.h"
#include "change.h"
#include "fault.h"
#include "mutate.h"

#define READ_AND_WRITE (FILE_GENERIC_READ | FILE_GENERIC_WRITE)

/* ---- opening ---- */

/* The times of access and of the last change stay, for all that is done through this
 * handle: -1 asks for that (learn.microsoft.com, FILE_BASIC_INFORMATION). The time of change
 * that only the file system sees goes on. What does not know it changes the times. */
static void keep_times(HANDLE handle)
{
	FILE_BASIC_INFO info = {.LastAccessTime.QuadPart = -1, .LastWriteTime.QuadPart = -1};
	(void)SetFileInformationByHandle(handle, FileBasicInfo, &info, sizeof info);
}

/* Whether it may be written as it was opened (0), or only through the filter of the system
 * that keeps its content (1). */
static int writable(HANDLE handle)
{
	struct plat_info info;
	ULONG attributes, tag;
	int r = handle_info(handle, &info);
	if (r < 0 || info.kind != PLAT_FILE)
		return r < 0 ? r : info.kind == PLAT_SYMLINK ? -ELOOP : -ENXIO;
	r = handle_attributes(handle, &attributes, &tag);
	if (r < 0)
		return r;
	if (reparse_is_away(attributes))
		return -ENXIO; /* to write a part is to fetch it all */
	return (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
}

int plat_file_open_write(struct plat_dir *dir, const char *name, struct plat_file **ret)
{
	static const struct handle_how how = {
		.access = READ_AND_WRITE, .share = SHARE_ALL, .disposition = FILE_OPEN};
	HANDLE handle, content;
	if (!*name)
		return -ENOENT;
	int r = handle_open_at(dir->handle, name, &how, &handle);
	if (r < 0)
		return r;
	r = writable(handle);
	if (r > 0) {
		r = handle_open_content(handle, &how, &content);
		if (!r) {
			CloseHandle(handle);
			handle = content;
		}
	}
	if (r < 0) {
		CloseHandle(handle);
		return r;
	}
	keep_times(handle);
	*ret = plat_file_wrap(handle);
	return 0;
}

/* ---- making ---- */

/* Permission bits that give others nothing ask for a list that does the same; with any
 * bits for others it is what the directory hands down to its members. */
static int make(struct plat_dir *dir, const char *name, uint32_t mode, bool folder, HANDLE *ret)
{
	struct handle_how how = {
		.access = folder ? FILE_GENERIC_READ : READ_AND_WRITE | DELETE,
		.share = SHARE_ALL,
		.disposition = FILE_CREATE,
		.options = folder ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE,
		.attributes = FILE_ATTRIBUTE_NORMAL,
	};
	if (!*name || strchr(name, ':')) /* a stream would leave its file behind */
		return -EINVAL;
	if (!(mode & 077)) {
		how.security = private_descriptor(folder);
		if (!how.security)
			return -EPERM;
	}
	fault_point("create");
	int r = handle_open_at(dir->handle, name, &how, ret);
	LocalFree(how.security);
	return r;
}

int plat_mkdir(struct plat_dir *dir, const char *name, uint32_t mode)
{
	HANDLE handle;
	int r = make(dir, name, mode, true, &handle);
	if (!r)
		CloseHandle(handle);
	return r;
}

int plat_file_create(struct plat_dir *dir, const char *name, uint32_t mode,
		     struct plat_file **ret)
{
	HANDLE handle;
	int r = make(dir, name, mode, false, &handle);
	if (!r)
		*ret = plat_file_wrap(handle);
	return r;
}

/* ---- changing ---- */

int plat_file_write(struct plat_file *file, const void *bytes, size_t len, uint64_t offset)
{
	for (size_t done = 0; done < len;) {
		size_t part = len - done > 1u << 20 ? 1u << 20 : len - done;
		uint64_t at = offset + done;
		DWORD n;
		OVERLAPPED place = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
		fault_point("write");
		if (!WriteFile(file->handle, (const char *)bytes + done, (DWORD)part, &n,
			       &place))
			return error_last();
		if (!n)
			return -EIO;
		done += n;
	}
	return 0;
}

int plat_file_truncate(struct plat_file *file)
{
	FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = 0};
	fault_point("truncate");
	return SetFileInformationByHandle(file->handle, FileEndOfFileInfo, &end, sizeof end)
		       ? 0
		       : error_last();
}

int plat_file_sync(struct plat_file *file)
{
	fault_point("sync");
	return FlushFileBuffers(file->handle) ? 0 : error_last();
}

/* Needs a handle that may add members, though none is added (learn.microsoft.com,
 * ZwFlushBuffersFile): who may only remove them has to leave it to the log of NTFS, which
 * keeps the order of what is done to names. A file system that has nothing to flush for a
 * directory says so. */
int plat_dir_sync(struct plat_dir *dir)
{
	HANDLE again;
	int r = handle_again(dir->handle, FILE_ADD_FILE, &again);
	if (r < 0)
		return r == -EACCES ? 0 : r;
	fault_point("sync directory");
	r = FlushFileBuffers(again) ? 0 : error_last();
	CloseHandle(again);
	return r == -EINVAL || r == -ENOSYS ? 0 : r;
}
