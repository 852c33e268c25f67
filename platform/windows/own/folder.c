/* SPDX-License-Identifier: MIT */
/* The directory is opened first. Then all that lies above it is looked at from the top of
 * its volume down: who can swap nothing in one directory can not lead us to another one
 * below it. Links that the caller's path went through do not count, since what is behind
 * them is looked at; only where that is was up to whoever made them. */
#include "folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../look/errors.h"
#include "../look/handles.h"
#include "../look/names.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "trust.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static int open_folder(const char *path, ULONG options, HANDLE *ret)
{
	struct handle_how how = {
		.access = READ_CONTROL | FILE_LIST_DIRECTORY | FILE_TRAVERSE,
		.share = SHARE_ALL,
		.disposition = FILE_OPEN,
		.options = FILE_DIRECTORY_FILE | options,
	};
	return handle_open_path(path, &how, ret);
}

static int check_one(const char *path, ULONG options, struct plat_info *ret)
{
	HANDLE handle;
	int r = open_folder(path, options, &handle);
	if (r < 0)
		return r;
	r = trust_check(handle, TRUST_FOLDER);
	if (!r)
		r = handle_info(handle, ret);
	CloseHandle(handle);
	return r;
}

/* A volume may be mounted there: then both count, the directory and the volume's top. */
static int check_prefix(const wchar_t *path, size_t units, struct plat_info *ret)
{
	_cleanup_(buf_free) struct buf text = {0};
	name_from_wide(path, units, &text);
	int r = check_one(buf_text(&text), FILE_OPEN_REPARSE_POINT, ret);
	return r ? r : check_one(buf_text(&text), 0, ret);
}

/* Where the directory really lies: \\?\C:\... or \\?\UNC\SERVER\SHARE\...; NULL when it has
 * no such path. The caller frees it. */
static wchar_t *final_path(HANDLE handle)
{
	DWORD room = GetFinalPathNameByHandleW(handle, NULL, 0, VOLUME_NAME_DOS);
	wchar_t *path = mem_alloc(((size_t)room + 1) * sizeof *path);
	DWORD len = GetFinalPathNameByHandleW(handle, path, room + 1, VOLUME_NAME_DOS);
	if (len && len <= room)
		return path;
	free(path);
	return NULL;
}

/* Behind the top of the volume, with its backslash; NULL: none. */
static const wchar_t *behind_top(const wchar_t *path)
{
	static const wchar_t server[] = L"\\\\?\\UNC\\";
	size_t head = wcslen(server);
	if (wcsncmp(path, server, head) == 0) {
		const wchar_t *share = wcschr(path + head, L'\\');
		path = share ? wcschr(share + 1, L'\\') : NULL;
	} else {
		path = wcslen(path) > 4 ? wcschr(path + 4, L'\\') : NULL;
	}
	return path ? path + 1 : NULL;
}

static int check_way(HANDLE handle)
{
	struct plat_info wanted, last;
	_cleanup_free_ wchar_t *path = final_path(handle);
	const wchar_t *at = path ? behind_top(path) : NULL;
	if (!at)
		return -EPERM;
	int r = check_prefix(path, (size_t)(at - path), &last);
	while (!r && *at) {
		size_t units = wcscspn(at, L"\\");
		r = check_prefix(path, (size_t)(at - path) + units, &last);
		at += units + (at[units] != 0);
	}
	if (!r)
		r = handle_info(handle, &wanted);
	return r ? r : plat_same(wanted.id, last.id) ? 0 : -EPERM;
}

/* Both separators count; \ is no part of a name on Windows. */
static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
	if (back && (!slash || back > slash))
		slash = back;
	return slash ? slash + 1 : path;
}

int folder_open(const char *path, HANDLE *ret, const char **ret_leaf)
{
	const char *leaf = leaf_of(path);
	_cleanup_free_ char *above = leaf == path ? mem_strdup(".")
						  : mem_strndup(path, (size_t)(leaf - path));
	HANDLE handle;
	int r = open_folder(above, 0, &handle);
	if (r < 0)
		return r;
	r = check_way(handle);
	if (r < 0) {
		CloseHandle(handle);
		return r;
	}
	*ret = handle;
	*ret_leaf = leaf;
	return 0;
}
