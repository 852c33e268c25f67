/* SPDX-License-Identifier: MIT */
#include "planted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "base/mem.h"

#define TOP_WIDE L"SOFTWARE\\imgsan-test"

int planted_make(void **state)
{
	planted_remove(state);
	RegCloseKey(planted_key(L""));
	return 0;
}

int planted_remove(void **state)
{
	(void)state;
	LSTATUS error = RegDeleteTreeW(HKEY_LOCAL_MACHINE, TOP_WIDE);
	return error == ERROR_SUCCESS || error == ERROR_FILE_NOT_FOUND ? 0 : -1;
}

/* The caller frees it. */
static wchar_t *place_of(const wchar_t *key)
{
	size_t room = wcslen(TOP_WIDE) + wcslen(key) + 2;
	wchar_t *place = mem_alloc(room * sizeof *place);
	wcscpy(place, TOP_WIDE);
	if (*key)
		wcscat(wcscat(place, L"\\"), key);
	return place;
}

HKEY planted_key(const wchar_t *key)
{
	HKEY made = NULL;
	wchar_t *place = place_of(key);
	assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, place, 0, NULL, 0, KEY_ALL_ACCESS,
					 NULL, &made, NULL),
			 ERROR_SUCCESS);
	free(place);
	return made;
}

void planted_link(const wchar_t *key, const wchar_t *to)
{
	HKEY made;
	wchar_t *place = place_of(key);
	assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, place, 0, NULL,
					 REG_OPTION_CREATE_LINK, KEY_ALL_ACCESS, NULL, &made,
					 NULL),
			 ERROR_SUCCESS);
	assert_int_equal(RegSetValueExW(made, L"SymbolicLinkValue", 0, REG_LINK,
					(const BYTE *)to, (DWORD)(wcslen(to) * sizeof *to)),
			 ERROR_SUCCESS);
	RegCloseKey(made);
	free(place);
}

void planted_put(const wchar_t *key, const wchar_t *name, DWORD type, const void *data,
		 size_t bytes)
{
	HKEY made = planted_key(key);
	assert_int_equal(RegSetValueExW(made, name, 0, type, data, (DWORD)bytes),
			 ERROR_SUCCESS);
	RegCloseKey(made);
}

void planted_text(const wchar_t *key, const wchar_t *name, const wchar_t *text)
{
	planted_put(key, name, REG_SZ, text, (wcslen(text) + 1) * sizeof *text);
}

static HKEY find(const wchar_t *key)
{
	HKEY found = NULL;
	wchar_t *place = place_of(key);
	RegOpenKeyExW(HKEY_LOCAL_MACHINE, place, REG_OPTION_OPEN_LINK, KEY_READ, &found);
	free(place);
	return found;
}

bool planted_has_key(const wchar_t *key)
{
	HKEY found = find(key);
	if (found)
		RegCloseKey(found);
	return found;
}

bool planted_has(const wchar_t *key, const wchar_t *name)
{
	HKEY found = find(key);
	bool has = found && RegQueryValueExW(found, name, NULL, NULL, NULL, NULL) == 0;
	if (found)
		RegCloseKey(found);
	return has;
}

bool planted_is(const wchar_t *key, const wchar_t *name, DWORD type, const void *data,
		size_t bytes)
{
	DWORD size = (DWORD)bytes, got = 0;
	BYTE *room = mem_alloc(bytes + 1);
	HKEY found = find(key);
	bool is = found && RegQueryValueExW(found, name, NULL, &got, room, &size) == 0 &&
		  got == type && size == bytes && memcmp(room, data, bytes) == 0;
	if (found)
		RegCloseKey(found);
	free(room);
	return is;
}

bool planted_is_text(const wchar_t *key, const wchar_t *name, const wchar_t *text)
{
	return planted_is(key, name, REG_SZ, text, (wcslen(text) + 1) * sizeof *text);
}
