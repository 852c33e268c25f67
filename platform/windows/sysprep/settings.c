/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include "../look/names.h"
#include "base/cleanup.h"
#include "base/mem.h"

enum { MOST_BYTES = 1 << 20, MOST_NAME = 256 };

static bool open_key(const wchar_t *name, HKEY *ret)
{
	return RegOpenKeyExW(HKEY_LOCAL_MACHINE, name, 0, KEY_READ | KEY_WOW64_64KEY, ret) ==
	       ERROR_SUCCESS;
}

bool setting_has_key(const wchar_t *name)
{
	HKEY key;
	if (!open_key(name, &key))
		return false;
	RegCloseKey(key);
	return true;
}

/* NULL: there is no such value, or it is larger than any that is asked for. */
static void *value_of(const wchar_t *name, const wchar_t *value, DWORD *ret_type,
		      DWORD *ret_bytes)
{
	HKEY key;
	DWORD bytes = 0;
	void *data = NULL;
	if (!open_key(name, &key))
		return NULL;
	if (RegQueryValueExW(key, value, NULL, ret_type, NULL, &bytes) == ERROR_SUCCESS &&
	    bytes < MOST_BYTES) {
		data = mem_alloc(bytes + 2 * sizeof(wchar_t));
		if (RegQueryValueExW(key, value, NULL, ret_type, data, &bytes) !=
		    ERROR_SUCCESS) {
			free(data);
			data = NULL;
		}
		*ret_bytes = bytes;
	}
	RegCloseKey(key);
	return data;
}

bool setting_has_value(const wchar_t *key, const wchar_t *name)
{
	DWORD type, bytes;
	_cleanup_free_ void *data = value_of(key, name, &type, &bytes);
	return data != NULL;
}

bool setting_number(const wchar_t *key, const wchar_t *name, DWORD *ret)
{
	DWORD type, bytes;
	_cleanup_free_ DWORD *data = value_of(key, name, &type, &bytes);
	if (!data || type != REG_DWORD || bytes != sizeof *data)
		return false;
	*ret = *data;
	return true;
}

/* A value of several texts has a zero behind each (REG_MULTI_SZ). */
bool setting_text(const wchar_t *key, const wchar_t *name, struct buf *out)
{
	DWORD type, bytes;
	_cleanup_free_ wchar_t *data = value_of(key, name, &type, &bytes);
	size_t before = out->len;
	if (!data || (type != REG_SZ && type != REG_EXPAND_SZ && type != REG_MULTI_SZ))
		return false;
	for (size_t i = 0, units = bytes / sizeof *data; i < units;) {
		size_t len = wcsnlen(data + i, units - i);
		if (len && out->len > before)
			buf_puts(out, ", ");
		name_from_wide(data + i, len, out);
		if (type != REG_MULTI_SZ)
			break;
		i += len + 1;
	}
	return out->len > before;
}

void setting_each_key(const wchar_t *key, setting_tell *tell, void *context)
{
	HKEY list;
	wchar_t name[MOST_NAME];
	if (!open_key(key, &list))
		return;
	for (DWORD i = 0;; i++) {
		DWORD units = MOST_NAME;
		if (RegEnumKeyExW(list, i, name, &units, NULL, NULL, NULL, NULL) !=
			    ERROR_SUCCESS ||
		    !tell(name, context))
			break;
	}
	RegCloseKey(list);
}
