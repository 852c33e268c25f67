/* SPDX-License-Identifier: MIT */
/* Directories by handle. Nothing here follows a link but plat_dir_open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "dir.h"
#include "errors.h"
#include "handles.h"
#include "listing.h"
#include "names.h"
#include "native.h"
#include "paths.h"
#include "quiet.h"
#include "reparse.h"

enum { LISTING_BYTES = 32 << 10, REPARSE_BYTES = 16 << 10 };

struct dir_listing {
	union {
		char data[LISTING_BYTES];
		LONGLONG aligned;
	};
	size_t len, at; /* of what is in `data` */
	const struct listing_layout *layout;
	bool begun;
	bool asked, truthful; /* whether the ids are what plat_info_at gives; asked once */
	bool fetches;	      /* some members are not here; to open one is to fetch it */
	struct buf name;
};

static const struct handle_how to_look = {
	.share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	.disposition = FILE_OPEN,
};

/* Callers say "." for the directory itself. */
static const char *native_name(const char *name)
{
	return strcmp(name, ".") == 0 ? "" : name;
}

/* ---- opening ---- */

int plat_dir_open(const char *host_path, struct plat_dir **ret)
{
	struct handle_how how = to_look;
	HANDLE place, handle;
	how.options = FILE_DIRECTORY_FILE;
	int r = handle_open_path(host_path, &how, &place);
	if (r < 0)
		return r;
	how.access = FILE_LIST_DIRECTORY;
	r = quiet_open(place, "", &how, &handle);
	NtClose(place);
	if (r < 0)
		return r;
	*ret = plat_dir_wrap(handle);
	return 0;
}

static int check_folder(HANDLE handle, bool to_list)
{
	ULONG attributes, tag;
	int r = handle_attributes(handle, &attributes, &tag);
	if (r < 0)
		return r;
	if (reparse_kind(attributes | FILE_ATTRIBUTE_DIRECTORY, tag) != PLAT_DIR)
		return -ELOOP;
	return to_list && reparse_is_away(attributes) ? -ENODATA : 0;
}

int dir_open_handle(HANDLE parent, const char *name, bool to_list, HANDLE *ret)
{
	struct handle_how how = to_look;
	HANDLE handle;
	how.options = FILE_DIRECTORY_FILE;
	how.access = to_list ? FILE_LIST_DIRECTORY : 0;
	name = native_name(name);
	int r = to_list ? quiet_open(parent, name, &how, &handle)
			: handle_open_at(parent, name, &how, &handle);
	struct plat_info info;
	if (r == -ENOTDIR && !dir_member_info(parent, name, &info) && info.kind == PLAT_SYMLINK)
		return -ELOOP;
	if (r < 0)
		return r;
	/* What is open already was looked at, or is a root that somebody named. */
	r = *name ? check_folder(handle, to_list) : 0;
	if (r < 0)
		NtClose(handle);
	else
		*ret = handle;
	return r;
}

struct plat_dir *plat_dir_close(struct plat_dir *dir)
{
	if (!dir)
		return NULL;
	NtClose(dir->handle);
	if (dir->listing)
		buf_free(&dir->listing->name);
	free(dir->listing);
	free(dir);
	return NULL;
}

/* ---- listing ---- */

/* One buffer full: its length, 0 at the end. `pattern`: only the member of that name. */
static int64_t fill(HANDLE handle, const struct listing_layout *layout, UNICODE_STRING *pattern,
		    bool restart, void *out, ULONG size)
{
	IO_STATUS_BLOCK io = {0};
	NTSTATUS status = NtQueryDirectoryFile(handle, NULL, NULL, NULL, &io, out, size,
					       layout->class, pattern != NULL, pattern,
					       restart);
	if (status == OURS_NO_MORE_FILES || status == OURS_NO_SUCH_FILE)
		return 0;
	if (status == OURS_INVALID_INFO_CLASS || status == OURS_INVALID_PARAMETER ||
	    status == OURS_NOT_SUPPORTED)
		return -ENOSYS;
	return status < 0 ? error_of_status(status) : (int64_t)io.Information;
}

static int fill_listing(struct plat_dir *dir)
{
	struct dir_listing *listing = dir->listing;
	int64_t n;
	do
		n = fill(dir->handle, listing->layout, NULL, !listing->begun, listing->data,
			 LISTING_BYTES);
	while (n == -ENOSYS && !listing->begun && (++listing->layout)->class);
	if (n < 0)
		return (int)n;
	listing->begun = true;
	listing->at = 0;
	listing->len = (size_t)n;
	return n > 0;
}

static bool is_dots(const struct listing_entry *entry)
{
	return entry->name[0] == L'.' &&
	       (entry->units == 1 || (entry->units == 2 && entry->name[1] == L'.'));
}

int plat_dir_next(struct plat_dir *dir, const char **ret_name, enum plat_kind *ret_kind)
{
	struct listing_entry entry;
	if (!dir->listing) {
		dir->listing = mem_alloc(sizeof *dir->listing);
		dir->listing->layout = listing_layouts;
	}
	struct dir_listing *listing = dir->listing;
	do {
		int r = listing->at < listing->len ? 1 : fill_listing(dir);
		if (r <= 0)
			return r;
		if (!listing_take(listing->data, listing->len, listing->layout, &listing->at,
				  &entry))
			return -EIO;
	} while (is_dots(&entry));
	buf_cut(&listing->name, 0);
	name_from_wide(entry.name, entry.units, &listing->name);
	listing->fetches |= (entry.attributes & FILE_ATTRIBUTE_RECALL_ON_OPEN) != 0;
	dir->inode = entry.id;
	*ret_name = listing->name.data;
	*ret_kind = reparse_kind(entry.attributes, entry.tag);
	return 1;
}

/* Others may show numbers of their own making in a listing. */
static bool tells_true_ids(HANDLE handle)
{
	union {
		FILE_FS_ATTRIBUTE_INFORMATION info;
		char room[sizeof(FILE_FS_ATTRIBUTE_INFORMATION) + 64];
	} system;
	IO_STATUS_BLOCK io;
	static const wchar_t known[] = L"NTFS";
	const ULONG bytes = sizeof known - sizeof *known;
	return NtQueryVolumeInformationFile(handle, &io, &system, sizeof system,
					    OURS_FS_ATTRIBUTE_INFORMATION) >= 0 &&
	       system.info.FileSystemNameLength == bytes &&
	       memcmp(system.info.FileSystemName, known, bytes) == 0;
}

uint64_t plat_dir_inode(struct plat_dir *dir)
{
	struct dir_listing *listing = dir->listing;
	if (!listing)
		return 0;
	if (!listing->asked)
		listing->truthful = tells_true_ids(dir->handle);
	listing->asked = true;
	return listing->truthful ? dir->inode : 0;
}

int plat_dir_rewind(struct plat_dir *dir)
{
	if (!dir->listing)
		return 0;
	dir->listing->begun = false;
	dir->listing->at = dir->listing->len = 0;
	return 0;
}

/* ---- members ---- */

int plat_dir_info(struct plat_dir *dir, struct plat_info *ret)
{
	return handle_info(dir->handle, ret);
}

int dir_member_info(HANDLE parent, const char *name, struct plat_info *ret)
{
	HANDLE handle;
	int r = handle_open_at(parent, native_name(name), &to_look, &handle);
	if (r < 0)
		return r;
	r = handle_info(handle, ret);
	if (!r && strchr(name, ':')) /* of a link or a directory it is data, too */
		ret->kind = PLAT_FILE;
	NtClose(handle);
	return r;
}

/* As the listing has it, without opening the member: asked with a handle of its own, since
 * the first pattern stays. `data` is what the name then points into. What NtQueryDirectoryFile
 * takes for a pattern (FsRtlIsNameInExpression has the characters) is no name. */
static int list_one(struct plat_dir *dir, const char *name, void *data, ULONG size,
		    struct listing_entry *ret)
{
	struct handle_how how = to_look;
	const struct listing_layout *layout = listing_layouts;
	HANDLE handle;
	size_t units, at = 0;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	how.access = FILE_LIST_DIRECTORY;
	how.options = FILE_DIRECTORY_FILE;
	bool plain = wide && units && units < 0x4000 && !strpbrk(name, "*?<>\"");
	int r = plain ? handle_open_at(dir->handle, "", &how, &handle) : -EINVAL;
	if (r < 0)
		return r;
	USHORT bytes = (USHORT)(units * sizeof *wide);
	UNICODE_STRING pattern = {.Length = bytes, .MaximumLength = bytes, .Buffer = wide};
	int64_t n;
	do
		n = fill(handle, layout, &pattern, true, data, size);
	while (n == -ENOSYS && (++layout)->class);
	NtClose(handle);
	if (n <= 0)
		return n < 0 ? (int)n : -ENOENT;
	return listing_take(data, (size_t)n, layout, &at, ret) ? 0 : -EIO;
}

static struct plat_info info_of_entry(const struct listing_entry *entry,
				      const struct plat_info *above)
{
	return (struct plat_info){
		.id = {above->id.device, entry->id},
		.kind = reparse_kind(entry->attributes, entry->tag),
		.size = entry->size,
		.allocated = entry->allocated,
		.links = 1,
		.mount = above->mount,
		.mtime = handle_time(entry->mtime),
		.ctime = handle_time(entry->ctime),
	};
}

bool dir_is_remote(struct plat_dir *dir, const char *name, struct plat_info *ret)
{
	LONGLONG data[128]; /* for one name */
	struct listing_entry entry;
	struct plat_info above;
	if (!dir->listing || !dir->listing->fetches ||
	    list_one(dir, name, data, sizeof data, &entry) < 0 ||
	    !(entry.attributes & FILE_ATTRIBUTE_RECALL_ON_OPEN) ||
	    handle_info(dir->handle, &above) < 0)
		return false;
	*ret = info_of_entry(&entry, &above);
	return true;
}

int plat_info_at(struct plat_dir *dir, const char *name, struct plat_info *ret)
{
	struct plat_info info;
	if (!dir_is_remote(dir, name, &info))
		return dir_member_info(dir->handle, name, ret);
	*ret = info;
	return 0;
}

int plat_name_at(struct plat_dir *dir, const char *name, struct buf *out)
{
	LONGLONG data[128]; /* for one name */
	struct listing_entry entry;
	int r = list_one(dir, name, data, sizeof data, &entry);
	if (!r)
		name_from_wide(entry.name, entry.units, out);
	return r;
}

int plat_dir_open_at(struct plat_dir *parent, const char *name, struct plat_dir **ret)
{
	struct plat_info info;
	HANDLE handle;
	int r = dir_is_remote(parent, name, &info)
			? -ENODATA
			: dir_open_handle(parent->handle, name, true, &handle);
	if (r < 0)
		return r;
	*ret = plat_dir_wrap(handle);
	return 0;
}

int plat_link_read(struct plat_dir *dir, const char *name, struct buf *out)
{
	HANDLE handle;
	IO_STATUS_BLOCK io;
	_cleanup_free_ void *data = mem_alloc(REPARSE_BYTES);
	int r = handle_open_at(dir->handle, name, &to_look, &handle);
	if (r < 0)
		return r;
	NTSTATUS status = NtFsControlFile(handle, NULL, NULL, NULL, &io,
					  FSCTL_GET_REPARSE_POINT, NULL, 0, data,
					  REPARSE_BYTES);
	NtClose(handle);
	if (status < 0)
		return status == OURS_NOT_A_REPARSE_POINT ? -EINVAL : error_of_status(status);
	return reparse_target(data, io.Information, path_system_drive(), out);
}
