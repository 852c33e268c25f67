/* SPDX-License-Identifier: MIT */
/* New names for files, inside one directory.
 *
 * act/ holds the old file open while the new one takes its name. From Windows 10 1607 on NTFS
 * lets that happen in one step (FILE_RENAME_POSIX_SEMANTICS; learn.microsoft.com,
 * FILE_RENAME_INFORMATION). Before, and on other file systems, nothing takes the place of a
 * file that anybody has open: there the old file stays and the content of the new one is
 * written over its own. That is not one step for who reads it meanwhile, and a kill between
 * writing and cutting leaves the end of a longer old file; but no kill leaves the name
 * without a file, or the new file under the name that it had at first. */
#include <errno.h>
#include <string.h>

#include "../look/errors.h"
#include "../look/native.h"
#include "../look/privilege.h"
#include "../look/rename_order.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "change.h"
#include "mutate.h"

static NTSTATUS rename_best(HANDLE file, struct rename_order *order)
{
	NTSTATUS status = change_set("rename", file, RENAME_EX, order,
				     rename_order_size(order));
	if (!change_is_unknown(status))
		return status;
	order->flags &= FILE_RENAME_FLAG_REPLACE_IF_EXISTS;
	return change_set("rename", file, FileRenameInformation, order,
			  rename_order_size(order));
}

/* Gives an open file another name. The directory is opened by the system itself, for backup
 * intent, so that the privileges count there too. */
static int rename_open(HANDLE file, HANDLE folder, const char *to, ULONG flags)
{
	static const enum privilege which[] = {PRIVILEGE_BACKUP, PRIVILEGE_RESTORE};
	_cleanup_free_ struct rename_order *order = rename_order_make(folder, to, flags);
	if (!order)
		return -EINVAL;
	NTSTATUS status = rename_best(file, order);
	if (status == OURS_ACCESS_DENIED) {
		_cleanup_(privileges_restore) struct privileges held = {0};
		privileges_enable(&held, which, 2);
		if (held.before.count)
			status = rename_best(file, order);
	}
	return error_of_status(status);
}

static int open_name(struct plat_dir *dir, const char *name, HANDLE *ret)
{
	static const struct handle_how how = {.access = DELETE | FILE_READ_DATA,
					      .share = SHARE_ALL,
					      .disposition = FILE_OPEN};
	if (!*name || strchr(name, ':'))
		return -EINVAL;
	return handle_open_at(dir->handle, name, &how, ret);
}

static int copy_content(HANDLE from, struct plat_file *to)
{
	enum { PIECE = 1 << 20 };
	struct plat_file source = {from};
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = 0};
	int64_t n;
	while ((n = plat_file_read(&source, piece, PIECE, (uint64_t)end.EndOfFile.QuadPart)) >
	       0) {
		int r = plat_file_write(to, piece, (size_t)n, (uint64_t)end.EndOfFile.QuadPart);
		if (r < 0)
			return r;
		end.EndOfFile.QuadPart += n;
	}
	if (n < 0)
		return (int)n;
	NTSTATUS status = change_set("cut", to->handle, FileEndOfFileInformation, &end,
				     sizeof end);
	return status < 0 ? error_of_status(status) : plat_file_sync(to);
}

/* Another name of the old file would get the new content, too. */
static int open_only_name(struct plat_dir *dir, const char *name, struct plat_file **ret)
{
	struct plat_file *file;
	struct plat_info info;
	int r = plat_file_open_write(dir, name, &file);
	if (r < 0)
		return r;
	r = plat_file_info(file, &info);
	if (!r && info.links > 1)
		r = -EBUSY;
	if (r < 0)
		plat_file_close(file);
	else
		*ret = file;
	return r;
}

/* `from` goes with its last handle from here on, so also when we are killed. */
static int rename_into(struct plat_dir *dir, HANDLE from, const char *to)
{
	FILE_DISPOSITION_INFORMATION goes = {TRUE}, stays = {FALSE};
	struct plat_file *old;
	int r = open_only_name(dir, to, &old);
	if (r < 0)
		return r;
	NTSTATUS status = change_set("remove", from, FileDispositionInformation, &goes,
				     sizeof goes);
	r = status < 0 ? error_of_status(status) : copy_content(from, old);
	if (status >= 0 && r < 0)
		(void)change_set("keep", from, FileDispositionInformation, &stays,
				 sizeof stays);
	plat_file_close(old);
	return r;
}

int plat_rename(struct plat_dir *dir, const char *from, const char *to)
{
	HANDLE file;
	int r = open_name(dir, from, &file);
	if (r < 0)
		return r;
	r = rename_open(file, dir->handle, to,
			FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS);
	if (r == -EACCES)
		r = rename_into(dir, file, to);
	CloseHandle(file);
	return r;
}

int plat_rename_new(struct plat_dir *dir, const char *from, const char *to)
{
	HANDLE file;
	int r = open_name(dir, from, &file);
	if (r < 0)
		return r;
	r = rename_open(file, dir->handle, to, 0);
	CloseHandle(file);
	return r;
}
