/* SPDX-License-Identifier: MIT */
/* Regular files, opened so that nothing waits, nothing is fetched from elsewhere and no
 * time changes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dir.h"
#include "errors.h"
#include "native.h"
#include "quiet.h"
#include "reparse.h"

static const struct handle_how to_read = {
	.access = FILE_READ_DATA,
	.share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	.disposition = FILE_OPEN,
	.options = FILE_NON_DIRECTORY_FILE,
};

/* ---- opening ---- */

/* What was opened, and whether it has to be opened again to be read: 1. */
static int check_file(HANDLE handle, bool is_stream)
{
	ULONG attributes, tag;
	int r = handle_attributes(handle, &attributes, &tag);
	if (r < 0)
		return r;
	if (is_stream) { /* no filter keeps it; what it belongs to may be anything */
		tag = 0;
		attributes &= ~(ULONG)(FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT);
	}
	enum plat_kind kind = reparse_kind(attributes, tag);
	if (kind != PLAT_FILE)
		return kind == PLAT_SYMLINK ? -ELOOP : -ENXIO;
	if (reparse_is_away(attributes))
		return -ENODATA;
	return attributes & FILE_ATTRIBUTE_REPARSE_POINT ? 1 : 0;
}

static int open_regular(HANDLE parent, const char *name, const struct handle_how *how,
			struct plat_file **ret)
{
	HANDLE handle, content;
	struct plat_info info;
	int r = quiet_open(parent, name, how, &handle);
	if (r == -EISDIR)
		return !dir_member_info(parent, name, &info) && info.kind == PLAT_SYMLINK
			       ? -ELOOP
			       : -ENXIO;
	if (r < 0)
		return r;
	r = check_file(handle, strchr(name, ':'));
	if (r > 0) {
		r = quiet_open(handle, NULL, how, &content);
		NtClose(handle);
		handle = content;
	} else if (r < 0) {
		NtClose(handle);
	}
	if (r < 0)
		return r;
	*ret = plat_file_wrap(handle);
	return 0;
}

/* -ENODATA: the content is in a cloud or an archive and would have to be fetched, which
 * changes this machine, takes an account there and may take hours. */
int plat_file_open_at(struct plat_dir *dir, const char *name, struct plat_file **ret)
{
	struct plat_info info;
	return dir_is_remote(dir, name, &info) ? -ENODATA
					       : open_regular(dir->handle, name, &to_read, ret);
}

int plat_file_look_at(struct plat_dir *dir, const char *name, struct plat_file **ret,
		      struct plat_info *ret_info)
{
	struct handle_how how = to_read;
	struct plat_file *file;
	struct plat_info info;
	how.at_once = true; /* who needs it opens it again, and waits then */
	*ret = NULL;
	if (dir_is_remote(dir, name, &info)) {
		*ret_info = info;
		return 0;
	}
	if (open_regular(dir->handle, name, &how, &file) < 0)
		return dir_member_info(dir->handle, name, ret_info);
	int r = plat_file_info(file, ret_info);
	if (r < 0)
		plat_file_close(file);
	else
		*ret = file;
	return r;
}

int plat_file_open(const char *host_path, struct plat_file **ret)
{
	HANDLE handle;
	int r = handle_open_path(host_path, &to_read, &handle);
	if (r == -EISDIR)
		return -ENXIO;
	if (r < 0)
		return r;
	r = check_file(handle, false);
	if (r < 0) {
		NtClose(handle);
		return r;
	}
	*ret = plat_file_wrap(handle);
	return 0;
}

int plat_file_info(struct plat_file *file, struct plat_info *ret)
{
	return handle_info(file->handle, ret);
}

struct plat_file *plat_file_close(struct plat_file *file)
{
	if (file)
		NtClose(file->handle);
	free(file);
	return NULL;
}

/* ---- reading ---- */

/* Windows reads ahead by itself, and a handle has no way to ask for more. */
void plat_file_fetch(struct plat_file *file)
{
	(void)file;
}

int64_t plat_file_read(struct plat_file *file, void *out, size_t len, uint64_t offset)
{
	enum { MOST = 1 << 30 }; /* a length is 32 bits */
	size_t done = 0;
	while (done < len) {
		IO_STATUS_BLOCK io = {0};
		LARGE_INTEGER at = {.QuadPart = (LONGLONG)(offset + done)};
		ULONG part = len - done < MOST ? (ULONG)(len - done) : MOST;
		NTSTATUS status = NtReadFile(file->handle, NULL, NULL, NULL, &io,
					     (char *)out + done, part, &at, NULL);
		if (status == OURS_END_OF_FILE)
			break;
		if (status < 0)
			return error_of_status(status);
		if (!io.Information)
			break;
		done += io.Information;
	}
	return (int64_t)done;
}

/* The kernel has no way to map what is certain to be in memory. */
const uint8_t *plat_file_map(struct plat_file *file, size_t len)
{
	(void)file;
	(void)len;
	return NULL;
}

int plat_file_unmap(struct plat_file *file)
{
	(void)file;
	return 0;
}

/* Of what a filter keeps elsewhere (compressed by the system, deduplicated), the file
 * system itself has only a hole. FSCTL_GET_EXTERNAL_BACKING tells of the first kind. */
static bool holes_are_true(HANDLE handle)
{
	ULONG attributes, tag;
	ULONG backing[16];
	IO_STATUS_BLOCK io;
	if (handle_attributes(handle, &attributes, &tag) < 0 ||
	    (attributes & (FILE_ATTRIBUTE_SPARSE_FILE | FILE_ATTRIBUTE_REPARSE_POINT)) !=
		    FILE_ATTRIBUTE_SPARSE_FILE)
		return false;
	NTSTATUS status = NtFsControlFile(handle, NULL, NULL, NULL, &io,
					  OURS_FSCTL_GET_EXTERNAL_BACKING, NULL, 0, backing,
					  sizeof backing);
	return status < 0 && status != OURS_BUFFER_OVERFLOW && status != OURS_BUFFER_TOO_SMALL;
}

/* A range begins at a multiple of the file system's own units. */
static int clip(uint64_t start, uint64_t len, uint64_t offset, uint64_t size,
		uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t end = len < size && start < size - len ? start + len : size;
	if (start >= size || end <= offset)
		return 1;
	*ret_start = start > offset ? start : offset;
	*ret_end = end;
	return 0;
}

int plat_file_data(struct plat_file *file, uint64_t offset, uint64_t size, uint64_t *ret_start,
		   uint64_t *ret_end)
{
	FILE_ALLOCATED_RANGE_BUFFER asked, run = {0};
	IO_STATUS_BLOCK io = {0};
	if (offset >= size)
		return 1;
	*ret_start = offset;
	*ret_end = size;
	if (!holes_are_true(file->handle))
		return 0;
	asked.FileOffset.QuadPart = (LONGLONG)offset;
	asked.Length.QuadPart = (LONGLONG)(size - offset);
	NTSTATUS status = NtFsControlFile(file->handle, NULL, NULL, NULL, &io,
					  FSCTL_QUERY_ALLOCATED_RANGES, &asked, sizeof asked,
					  &run, sizeof run);
	if (status < 0 && status != OURS_BUFFER_OVERFLOW) /* there are more */
		return 0;
	if (io.Information < sizeof run)
		return 1;
	return clip((uint64_t)run.FileOffset.QuadPart, (uint64_t)run.Length.QuadPart, offset,
		    size, ret_start, ret_end);
}
