/* SPDX-License-Identifier: MIT */
/* A 64-bit program sees the 64-bit view of the registry without asking for it ("Registry
 * Redirector" at learn.microsoft.com), and this one is never anything else. */
#include "keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/mem.h"
#include "errors.h"
#include "names.h"
#include "privilege.h"

enum {
	ROOM = 512,	    /* that most names and values fit into */
	MOST_NAME = 32767,  /* characters of a UNICODE_STRING; no name has as many */
	BACKUP_RESTORE = 4, /* REG_OPTION_BACKUP_RESTORE */
	READS = KEY_READ | ACCESS_SYSTEM_SECURITY,
};

_Static_assert(sizeof(void *) == 8, "the view of a 32-bit program is another one");

/* ---- names ---- */

static const char nul[] = "\xc0\x80";

int key_name_to_wide(const char *name, UNICODE_STRING *ret)
{
	wchar_t *all = mem_alloc((strlen(name) + 1) * sizeof *all);
	_cleanup_free_ char *copy = mem_strdup(name);
	size_t units = 0, some;
	for (char *part = copy, *end; part; part = end ? end + 2 : NULL) {
		end = strstr(part, nul);
		if (end)
			*end = 0;
		wchar_t *wide = name_to_wide(part, &some);
		if (!wide || units + some > MOST_NAME - 1) {
			free(wide);
			free(all);
			return -EINVAL;
		}
		memcpy(all + units, wide, some * sizeof *wide);
		units += some + (end != NULL); /* the room is zeroed */
		free(wide);
	}
	USHORT bytes = (USHORT)(units * sizeof *all);
	*ret = (UNICODE_STRING){bytes, (USHORT)(bytes + sizeof *all), all};
	return 0;
}

void key_name_free(UNICODE_STRING *name)
{
	free(name->Buffer);
	*name = (UNICODE_STRING){0};
}

void key_name_from_wide(const wchar_t *name, size_t bytes, struct buf *out)
{
	size_t units = bytes / sizeof *name;
	for (size_t i = 0, end; i <= units; i = end + 1) {
		for (end = i; end < units && name[end]; end++)
			;
		name_from_wide(name + i, end - i, out);
		if (end < units)
			buf_puts(out, nul);
	}
}

/* ---- asking ---- */

int key_query(HANDLE key, key_ask *ask, const void *which, struct buf *room)
{
	for (ULONG size = ROOM, need;; size = need > size ? need : 2 * size) {
		buf_cut(room, 0);
		NTSTATUS status = ask(key, which, buf_reserve(room, size), size, &need);
		if (status == OURS_NO_MORE_ENTRIES)
			return -ENODATA;
		if (status != OURS_BUFFER_OVERFLOW && status != OURS_BUFFER_TOO_SMALL)
			return error_of_status(status);
	}
}

static NTSTATUS ask_subkey(HANDLE key, const void *index, void *room, ULONG size,
			   ULONG *ret_size)
{
	return NtEnumerateKey(key, *(const ULONG *)index, OURS_KEY_BASIC, room, size, ret_size);
}

static NTSTATUS ask_value_at(HANDLE key, const void *index, void *room, ULONG size,
			     ULONG *ret_size)
{
	return NtEnumerateValueKey(key, *(const ULONG *)index, OURS_VALUE_FULL, room, size,
				   ret_size);
}

static NTSTATUS ask_value(HANDLE key, const void *name, void *room, ULONG size, ULONG *ret_size)
{
	UNICODE_STRING asked = *(const UNICODE_STRING *)name;
	return NtQueryValueKey(key, &asked, OURS_VALUE_FULL, room, size, ret_size);
}

static NTSTATUS ask_name(HANDLE key, const void *nothing, void *room, ULONG size,
			 ULONG *ret_size)
{
	(void)nothing;
	return NtQueryKey(key, OURS_KEY_NAME, room, size, ret_size);
}

int key_query_subkey(HANDLE key, ULONG index, struct buf *room)
{
	return key_query(key, ask_subkey, &index, room);
}

int key_query_value_at(HANDLE key, ULONG index, struct buf *room)
{
	return key_query(key, ask_value_at, &index, room);
}

int key_query_value(HANDLE key, const UNICODE_STRING *name, struct buf *room)
{
	return key_query(key, ask_value, name, room);
}

/* ---- links ---- */

/* What both begin with: the bytes of the name, then the name. */
static bool same_name(const struct buf *a, const struct buf *b)
{
	ULONG one, other;
	memcpy(&one, a->data, sizeof one);
	memcpy(&other, b->data, sizeof other);
	return one == other && memcmp(a->data, b->data, sizeof one + one) == 0;
}

static NTSTATUS open_one(HANDLE parent, const UNICODE_STRING *name, ACCESS_MASK access,
			 ULONG flags, ULONG options, HANDLE *ret)
{
	UNICODE_STRING asked = *name;
	OBJECT_ATTRIBUTES at = {
		.Length = sizeof at,
		.RootDirectory = parent,
		.ObjectName = &asked,
		.Attributes = OBJ_CASE_INSENSITIVE | flags,
	};
	return NtOpenKeyEx(ret, access, &at, options);
}

/* A link holds its target in a value ("Registry Key Security and Access Rights" and
 * RegCreateKeyEx, REG_OPTION_CREATE_LINK). A plain key may be given such a value by
 * somebody who would have it passed over; it leads to itself. */
static bool is_link(HANDLE key, HANDLE parent, const UNICODE_STRING *name)
{
	static wchar_t text[] = L"SymbolicLinkValue";
	static const UNICODE_STRING target = {sizeof text - sizeof *text, sizeof text, text};
	_cleanup_(buf_free) struct buf value = {0}, itself = {0}, followed = {0};
	HANDLE other;
	if (key_query_value(key, &target, &value) < 0 ||
	    ((struct native_value *)value.data)->type != REG_LINK)
		return false;
	if (open_one(parent, name, KEY_QUERY_VALUE, 0, 0, &other) < 0)
		return true;
	bool same = !key_query(key, ask_name, NULL, &itself) &&
		    !key_query(other, ask_name, NULL, &followed) &&
		    same_name(&itself, &followed);
	NtClose(other);
	return !same;
}

/* ---- opening ---- */

/* With REG_OPTION_BACKUP_RESTORE what is asked for is not looked at: what is granted is what
 * the privileges stand for (RegCreateKeyExW, its parameter dwOptions). */
static NTSTATUS open_privileged(HANDLE parent, const UNICODE_STRING *name, ACCESS_MASK access,
				ULONG flags, ULONG options, HANDLE *ret)
{
	static const enum privilege both[] = {PRIVILEGE_BACKUP, PRIVILEGE_RESTORE};
	_cleanup_(privileges_restore) struct privileges held = {0};
	size_t count = access & ~(ACCESS_MASK)READS ? 2 : 1;
	if (!privileges_enable(&held, both, count))
		return OURS_ACCESS_DENIED;
	return open_one(parent, name, access, flags, options | BACKUP_RESTORE, ret);
}

static int open_with(HANDLE parent, const UNICODE_STRING *name, ACCESS_MASK access, bool follow,
		     HANDLE *ret)
{
	ULONG flags = follow ? 0 : OBJ_OPENLINK, options = follow ? 0 : REG_OPTION_OPEN_LINK;
	access |= KEY_QUERY_VALUE;
	NTSTATUS status = open_one(parent, name, access, flags, options, ret);
	if (status == OURS_ACCESS_DENIED)
		status = open_privileged(parent, name, access, flags, options, ret);
	/* Perflib\009 and the like stand for HKEY_PERFORMANCE_TEXT: no key that a hive holds,
	 * and a handle that is nobody's to close. */
	if (status == OURS_PREDEFINED_HANDLE)
		return -ELOOP;
	return error_of_status(status);
}

int key_open_below(HANDLE parent, const UNICODE_STRING *name, ACCESS_MASK access, HANDLE *ret,
		   bool *ret_link)
{
	HANDLE key;
	int r = open_with(parent, name, access, false, &key);
	if (r < 0)
		return r;
	*ret_link = is_link(key, parent, name);
	*ret = key;
	return 0;
}

static HANDLE done_with(HANDLE key)
{
	if (key)
		NtClose(key);
	return NULL;
}

static int open_top(const char *name, ACCESS_MASK access, HANDLE *ret)
{
	static wchar_t machine[] = L"\\Registry\\Machine", users[] = L"\\Registry\\User";
	bool user = strcmp(name, "HKU") == 0;
	UNICODE_STRING top = {sizeof machine - sizeof *machine, sizeof machine, machine};
	if (user)
		top = (UNICODE_STRING){sizeof users - sizeof *users, sizeof users, users};
	return !user && strcmp(name, "HKLM") != 0 ? -EINVAL
						  : open_with(NULL, &top, access, false, ret);
}

/* Whether `path` so far is the one link that is followed. */
static bool is_current_set(const char *path, size_t len)
{
	static const char name[] = "HKLM\\SYSTEM\\CurrentControlSet";
	return len == sizeof name - 1 && fold_compare_n(path, name, len) == 0;
}

/* The component that ends at path + len below *key, which is closed. With `itself` the last
 * one is not followed whatever it is. */
static int go_down(HANDLE *key, const char *path, size_t from, size_t len, ACCESS_MASK access,
		   bool itself, bool *ret_link)
{
	bool follow = is_current_set(path, len) && (path[len] || !itself);
	_cleanup_free_ char *part = mem_strndup(path + from, len - from);
	_cleanup_(key_name_free) UNICODE_STRING name = {0};
	HANDLE below = NULL;
	*ret_link = false;
	int r = *part ? key_name_to_wide(part, &name) : -EINVAL;
	if (!r)
		r = follow ? open_with(*key, &name, access, true, &below)
			   : key_open_below(*key, &name, access, &below, ret_link);
	done_with(*key);
	*key = r < 0 ? NULL : below;
	return r;
}

static int open_path(const char *path, ACCESS_MASK access, bool itself, HANDLE *ret,
		     bool *ret_link)
{
	size_t len = strcspn(path, "\\");
	_cleanup_free_ char *top = mem_strndup(path, len);
	bool link = false;
	HANDLE key = NULL;
	int r = open_top(top, path[len] ? KEY_QUERY_VALUE : access, &key);
	while (!r && path[len]) {
		size_t from = len + 1;
		len = from + strcspn(path + from, "\\");
		r = link ? -ELOOP
			 : go_down(&key, path, from, len, path[len] ? KEY_QUERY_VALUE : access,
				   itself, &link);
	}
	if (r < 0) {
		done_with(key);
		return r;
	}
	*ret = key;
	*ret_link = link;
	return 0;
}

int key_open_itself(const char *path, ACCESS_MASK access, HANDLE *ret, bool *ret_link)
{
	return open_path(path, access, true, ret, ret_link);
}

int key_open(const char *path, ACCESS_MASK access, HANDLE *ret)
{
	bool link;
	HANDLE key;
	int r = open_path(path, access, false, &key, &link);
	if (!r && link) {
		done_with(key);
		r = -ELOOP;
	}
	if (!r)
		*ret = key;
	return r;
}
