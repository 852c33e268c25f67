/* SPDX-License-Identifier: MIT */
/* Changing the running registry. Where the bytes of a value lie is no contract of Windows. As
 * the format of its files is known, and as what recovers deleted values relies on, the cell
 * of a value that is deleted or that grows is freed with what it held, and one that gets as
 * many bytes as it has is written over where it lies. So whatever goes is first written over
 * with as many bytes, and a copy of the old ones is left only in what the system has written
 * before: the hive's logs until they are used again, and the free space of the disk. The
 * name of a value stays in its freed cell; no call writes over it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../look/errors.h"
#include "../look/keys.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "fault.h"
#include "hives.h"
#include "mutate.h"

enum {
	CHANGES = KEY_QUERY_VALUE | KEY_SET_VALUE,
	REMOVES = CHANGES | KEY_ENUMERATE_SUB_KEYS | DELETE,
};

static void key_close(HANDLE *key)
{
	if (*key)
		NtClose(*key);
}

/* ---- values ---- */

static int set(HANDLE key, const UNICODE_STRING *name, ULONG type, const void *data, size_t len)
{
	UNICODE_STRING asked = *name;
	fault_point("NtSetValueKey");
	return error_of_status(NtSetValueKey(key, &asked, 0, type, (void *)data, (ULONG)len));
}

static int delete_value(HANDLE key, const UNICODE_STRING *name)
{
	UNICODE_STRING asked = *name;
	fault_point("NtDeleteValueKey");
	return error_of_status(NtDeleteValueKey(key, &asked));
}

/* As many bytes as there are: those of `data` as far as it goes, then zeros. */
static int overlay(HANDLE key, const UNICODE_STRING *name, const struct native_value *old,
		   const void *data, size_t len)
{
	size_t size = old->data_bytes;
	_cleanup_free_ uint8_t *bytes = mem_alloc(size + 1);
	if (len)
		memcpy(bytes, data, len < size ? len : size);
	return size ? set(key, name, old->type, bytes, size) : 0;
}

static int wipe_value(HANDLE key, const UNICODE_STRING *name, const struct native_value *old)
{
	int r = overlay(key, name, old, NULL, 0);
	return r < 0 ? r : delete_value(key, name);
}

/* Opens the key and finds the value; *old is empty when it is not there. */
static int find_value(const char *path, const char *name, HANDLE *ret_key,
		      UNICODE_STRING *ret_name, struct buf *old)
{
	int r = key_name_to_wide(name, ret_name);
	if (!r)
		r = key_open(path, CHANGES, ret_key);
	return r < 0 ? r : key_query_value(*ret_key, ret_name, old);
}

int plat_value_remove(const char *path, const char *name)
{
	_cleanup_(key_close) HANDLE key = NULL;
	_cleanup_(key_name_free) UNICODE_STRING wide = {0};
	_cleanup_(buf_wipe) struct buf old = {0};
	int r = find_value(path, name, &key, &wide, &old);
	if (!r)
		r = wipe_value(key, &wide, (const void *)old.data);
	if (!r)
		hives_changed(path);
	return r;
}

int plat_value_set(const char *path, const char *name, uint32_t type, const void *data,
		   size_t len)
{
	_cleanup_(key_close) HANDLE key = NULL;
	_cleanup_(key_name_free) UNICODE_STRING wide = {0};
	_cleanup_(buf_wipe) struct buf room = {0};
	int r = find_value(path, name, &key, &wide, &room);
	const struct native_value *old = (const void *)room.data;
	if (r == -ENOENT && key)
		r = 0;
	else if (!r && old->data_bytes != len)
		r = overlay(key, &wide, old, data, len);
	if (!r)
		r = set(key, &wide, type, data, len);
	if (!r)
		hives_changed(path);
	return r;
}

/* ---- keys ---- */

static UNICODE_STRING counted(const wchar_t *name, ULONG bytes)
{
	return (UNICODE_STRING){(USHORT)bytes, (USHORT)bytes, (wchar_t *)name};
}

/* Always what comes first, until nothing is left but what can not go. */
static int remove_values(HANDLE key)
{
	_cleanup_(buf_wipe) struct buf room = {0};
	int first = 0, r;
	for (ULONG stay = 0; !(r = key_query_value_at(key, stay, &room));) {
		const struct native_value *found = (const void *)room.data;
		UNICODE_STRING name = counted(found->name, found->name_bytes);
		r = wipe_value(key, &name, found);
		stay += r < 0;
		first = first ? first : r;
	}
	return r == -ENODATA ? first : r;
}

static int remove_open(HANDLE key, bool link);

static int remove_below(HANDLE key, const struct native_key *found)
{
	_cleanup_(key_close) HANDLE below = NULL;
	UNICODE_STRING name = counted(found->name, found->name_bytes);
	bool link;
	int r = key_open_below(key, &name, REMOVES, &below, &link);
	return r < 0 ? r : remove_open(below, link);
}

static int remove_keys(HANDLE key)
{
	_cleanup_(buf_free) struct buf room = {0};
	int first = 0, r;
	for (ULONG stay = 0; !(r = key_query_subkey(key, stay, &room));) {
		r = remove_below(key, (const void *)room.data);
		stay += r < 0;
		first = first ? first : r;
	}
	return r == -ENODATA ? first : r;
}

/* As deep as keys are, which is 512 at most ("Registry Element Size Limits"). */
static int remove_open(HANDLE key, bool link)
{
	int r = link ? 0 : remove_keys(key);
	if (!r && !link)
		r = remove_values(key);
	if (r < 0)
		return r;
	fault_point("NtDeleteKey");
	return error_of_status(NtDeleteKey(key));
}

int plat_key_remove(const char *path)
{
	_cleanup_(key_close) HANDLE key = NULL;
	bool link;
	int r = key_open_itself(path, REMOVES, &key, &link);
	if (!r)
		r = remove_open(key, link);
	if (!r)
		hives_changed(path);
	return r;
}
