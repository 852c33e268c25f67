/* SPDX-License-Identifier: MIT */
/* The one way to open. A name is looked up exactly as it is written and only then with any
 * case, because a directory may hold two that differ in nothing else: WSL, NFS and Linux
 * make such. Where the system knows no case it finds it at once; in a directory that is
 * case-sensitive by itself (Windows 10) the second look finds nothing either. */
#include "handles.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"
#include "names.h"
#include "native.h"
#include "paths.h"
#include "privilege.h"
#include "reparse.h"

enum { PATIENCE = 500, PAUSE = 20 }; /* milliseconds */

#define EPOCH 116444736000000000LL /* 1970 in units of 100 ns since 1601 */

struct plat_dir *plat_dir_wrap(HANDLE handle)
{
	struct plat_dir *dir = mem_alloc(sizeof *dir);
	dir->handle = handle;
	return dir;
}

struct plat_file *plat_file_wrap(HANDLE handle)
{
	struct plat_file *file = mem_alloc(sizeof *file);
	file->handle = handle;
	return file;
}

/* ---- opening ---- */

struct target {
	HANDLE parent;
	UNICODE_STRING name;
	ULONG options; /* added to those of `how` */
	const struct handle_how *how;
};

static NTSTATUS create(struct target *target, ULONG flags, HANDLE *ret)
{
	const struct handle_how *how = target->how;
	IO_STATUS_BLOCK io;
	OBJECT_ATTRIBUTES at = {
		.Length = sizeof at,
		.RootDirectory = target->parent,
		.ObjectName = &target->name,
		.Attributes = flags,
		.SecurityDescriptor = how->security,
	};
	return NtCreateFile(ret, how->access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, &at, &io,
			    NULL, how->attributes, how->share, how->disposition,
			    how->options | target->options | FILE_SYNCHRONOUS_IO_NONALERT |
				    FILE_OPEN_FOR_BACKUP_INTENT,
			    NULL, 0);
}

/* What may make something new must not put it beside another spelling. */
static NTSTATUS create_in_case(struct target *target, HANDLE *ret)
{
	bool exact = target->how->disposition == FILE_OPEN && target->name.Length;
	NTSTATUS status = exact ? create(target, 0, ret) : OURS_OBJECT_NAME_NOT_FOUND;
	return status == OURS_OBJECT_NAME_NOT_FOUND ? create(target, OBJ_CASE_INSENSITIVE, ret)
						    : status;
}

static NTSTATUS create_patiently(struct target *target, HANDLE *ret)
{
	ULONGLONG start = GetTickCount64();
	for (;;) {
		NTSTATUS status = create_in_case(target, ret);
		if (status != OURS_SHARING_VIOLATION || target->how->at_once ||
		    GetTickCount64() - start >= PATIENCE)
			return status;
		Sleep(PAUSE);
	}
}

/* An access list that shuts us out is the owner's business, not a reason to look away:
 * whoever may back up a machine may read it, whoever may restore it may write it. */
static NTSTATUS create_privileged(struct target *target, HANDLE *ret)
{
	static const enum privilege which[] = {PRIVILEGE_BACKUP, PRIVILEGE_RESTORE};
	static const ACCESS_MASK reading = FILE_READ_DATA | FILE_READ_EA | FILE_EXECUTE |
					   FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE;
	NTSTATUS status = create_patiently(target, ret);
	if (status != OURS_ACCESS_DENIED && status != OURS_PRIVILEGE_NOT_HELD)
		return status;
	bool only_reads = !(target->how->access & ~reading) &&
			  target->how->disposition == FILE_OPEN;
	_cleanup_(privileges_restore) struct privileges held = {0};
	privileges_enable(&held, which, only_reads ? 1 : 2);
	return held.before.count ? create_patiently(target, ret) : status;
}

/* `wide` without its zero. */
static int open_target(struct target *target, wchar_t *wide, size_t units, HANDLE *ret)
{
	if (units > 0xfffe / sizeof *wide)
		return -ENAMETOOLONG;
	target->name = (UNICODE_STRING){
		.Length = (USHORT)(units * sizeof *wide),
		.MaximumLength = (USHORT)(units * sizeof *wide),
		.Buffer = wide,
	};
	HANDLE handle;
	NTSTATUS status = create_privileged(target, &handle);
	if (status < 0)
		return error_of_status(status);
	*ret = handle;
	return 0;
}

static bool is_one_name(const wchar_t *name, size_t units)
{
	if (name[0] == L'.' && (units == 1 || (units == 2 && name[1] == L'.')))
		return false;
	for (size_t i = 0; i < units; i++)
		if (name[i] == L'\\' || name[i] == L'/' || !name[i])
			return false;
	return true;
}

int handle_open_at(HANDLE parent, const char *name, const struct handle_how *how, HANDLE *ret)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	struct target target = {
		.parent = parent, .options = FILE_OPEN_REPARSE_POINT, .how = how};
	if (!wide || !is_one_name(wide, units))
		return -EINVAL;
	return open_target(&target, wide, units, ret);
}

/* NULL: it can not be known. */
static char *current_directory(void)
{
	DWORD room = GetCurrentDirectoryW(0, NULL);
	_cleanup_free_ wchar_t *wide = mem_alloc(((size_t)room + 1) * sizeof *wide);
	DWORD len = GetCurrentDirectoryW(room + 1, wide);
	struct buf text = {0};
	if (!len || len > room)
		return NULL;
	name_from_wide(wide, len, &text);
	return text.data;
}

int handle_open_path(const char *host_path, const struct handle_how *how, HANDLE *ret)
{
	_cleanup_(buf_free) struct buf native = {0};
	_cleanup_free_ char *here = current_directory();
	int r = path_native(host_path, here, path_system_drive(), &native);
	if (r)
		return r;
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(native.data, &units);
	struct target target = {.how = how};
	return wide ? open_target(&target, wide, units, ret) : -EINVAL;
}

int handle_open_content(HANDLE handle, const struct handle_how *how, HANDLE *ret)
{
	struct plat_info named, opened;
	struct target target = {.parent = handle, .how = how};
	wchar_t nothing[1] = {0};
	HANDLE content = NULL;
	int r = open_target(&target, nothing, 0, &content);
	if (r < 0)
		return r;
	r = handle_info(handle, &named);
	if (!r)
		r = handle_info(content, &opened);
	if (!r && !plat_same(named.id, opened.id))
		r = -ELOOP; /* it has become a link meanwhile */
	if (r < 0)
		NtClose(content);
	else
		*ret = content;
	return r;
}

/* ---- what it is ---- */

static bool is_unknown(NTSTATUS status)
{
	return status == OURS_INVALID_PARAMETER || status == OURS_INVALID_INFO_CLASS ||
	       status == OURS_INVALID_DEVICE_REQUEST || status == OURS_NOT_SUPPORTED ||
	       status == OURS_NOT_IMPLEMENTED;
}

/* FAT and its like know of no tags, and have no reparse points either. */
int handle_attributes(HANDLE handle, ULONG *ret_attributes, ULONG *ret_tag)
{
	FILE_ATTRIBUTE_TAG_INFORMATION info = {0};
	IO_STATUS_BLOCK io;
	NTSTATUS status = NtQueryInformationFile(handle, &io, &info, sizeof info,
						 FileAttributeTagInformation);
	if (is_unknown(status)) {
		FILE_BASIC_INFORMATION basic = {0};
		status = NtQueryInformationFile(handle, &io, &basic, sizeof basic,
						FileBasicInformation);
		info.FileAttributes = basic.FileAttributes;
		info.ReparseTag = 0;
	}
	if (status < 0)
		return error_of_status(status);
	*ret_attributes = info.FileAttributes;
	*ret_tag = info.ReparseTag;
	return 0;
}

/* Which volume, and the file's number of 128 bits where it has one (Windows 8). */
static int volume_of(HANDLE handle, struct native_file_id *ret)
{
	IO_STATUS_BLOCK io;
	*ret = (struct native_file_id){0};
	if (NtQueryInformationFile(handle, &io, ret, sizeof *ret, OURS_FILE_ID_INFORMATION) >=
	    0)
		return 0;
	union {
		FILE_FS_VOLUME_INFORMATION info;
		char room[sizeof(FILE_FS_VOLUME_INFORMATION) + 64]; /* for the label */
	} volume;
	NTSTATUS status = NtQueryVolumeInformationFile(handle, &io, &volume, sizeof volume,
						       OURS_FS_VOLUME_INFORMATION);
	if (status < 0 && status != OURS_BUFFER_OVERFLOW)
		return error_of_status(status);
	*ret = (struct native_file_id){.volume = volume.info.VolumeSerialNumber};
	return 0;
}

uint64_t handle_inode(uint64_t number, const uint64_t wide[2])
{
	if (number && number != UINT64_MAX)
		return number;
	return wide[0] ^ wide[1] * 0x9e3779b97f4a7c15;
}

int64_t handle_time(LARGE_INTEGER at)
{
	return (at.QuadPart - EPOCH) * 100;
}

int handle_info(HANDLE handle, struct plat_info *ret)
{
	union {
		FILE_ALL_INFORMATION info;
		char room[sizeof(FILE_ALL_INFORMATION) + 64]; /* the name is cut off */
	} all;
	IO_STATUS_BLOCK io;
	NTSTATUS status = NtQueryInformationFile(handle, &io, &all, sizeof all,
						 FileAllInformation);
	if (status < 0 && status != OURS_BUFFER_OVERFLOW)
		return error_of_status(status);
	struct native_file_id id;
	ULONG attributes = all.info.BasicInformation.FileAttributes, tag = 0;
	int r = volume_of(handle, &id);
	if (!r && attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		r = handle_attributes(handle, &attributes, &tag);
	if (r < 0)
		return r;
	attributes &= ~(ULONG)FILE_ATTRIBUTE_DIRECTORY; /* a stream of one is none */
	if (all.info.StandardInformation.Directory)
		attributes |= FILE_ATTRIBUTE_DIRECTORY;
	uint64_t number = (uint64_t)all.info.InternalInformation.IndexNumber.QuadPart;
	*ret = (struct plat_info){
		.id = {id.volume, handle_inode(number, id.id)},
		.kind = reparse_kind(attributes, tag),
		.size = (uint64_t)all.info.StandardInformation.EndOfFile.QuadPart,
		.allocated = (uint64_t)all.info.StandardInformation.AllocationSize.QuadPart,
		.links = all.info.StandardInformation.NumberOfLinks,
		.mount = id.volume,
		.mtime = handle_time(all.info.BasicInformation.LastWriteTime),
		.ctime = handle_time(all.info.BasicInformation.ChangeTime),
	};
	return 0;
}
