/* SPDX-License-Identifier: MIT */
/* The profiles that this Windows knows ("User Profiles Reference" at learn.microsoft.com):
 * of people and services a key each below ProfileList, the ones that new accounts and all
 * accounts share as values of it. */
#include <errno.h>
#include <stdlib.h>

#include <windows.h>

#include <userenv.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"
#include "paths.h"
#include "platform.h"

#define PROFILE_LIST L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

/* A value as it stands there, or NULL; the caller frees it. */
static wchar_t *value_of(HKEY key, const wchar_t *sub_key, const wchar_t *name)
{
	const DWORD flags = RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND;
	DWORD bytes = 0;
	if (RegGetValueW(key, sub_key, name, flags, NULL, NULL, &bytes) != ERROR_SUCCESS)
		return NULL;
	wchar_t *text = mem_alloc((size_t)bytes + sizeof *text);
	if (RegGetValueW(key, sub_key, name, flags, NULL, text, &bytes) == ERROR_SUCCESS)
		return text;
	free(text);
	return NULL;
}

/* Without a token it is the system's own variables that are put in (userenv.h): those of
 * whoever started us decide nothing. Wine takes ours all the same. */
static void tell_value(HKEY key, const wchar_t *sub_key, const wchar_t *name,
		       plat_profile_tell *tell, void *context)
{
	enum { ROOM = 32768 }; /* no longer path */
	_cleanup_free_ wchar_t *text = value_of(key, sub_key, name);
	_cleanup_free_ wchar_t *path = mem_alloc(ROOM * sizeof *path);
	_cleanup_(buf_free) struct buf inside = {0};
	if (text && ExpandEnvironmentStringsForUserW(NULL, text, path, ROOM) &&
	    !path_to_guest(path, wcslen(path), path_system_drive(), &inside))
		tell(inside.data, context);
}

int plat_profiles(plat_profile_tell *tell, void *context)
{
	HKEY list;
	wchar_t name[256]; /* no key has a longer one */
	LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROFILE_LIST, 0,
				      KEY_READ | KEY_WOW64_64KEY, &list);
	if (error != ERROR_SUCCESS)
		return error_of_win32((DWORD)error);
	for (DWORD i = 0; error == ERROR_SUCCESS; i++) {
		DWORD units = sizeof name / sizeof *name;
		error = RegEnumKeyExW(list, i, name, &units, NULL, NULL, NULL, NULL);
		if (error == ERROR_SUCCESS)
			tell_value(list, name, L"ProfileImagePath", tell, context);
	}
	tell_value(list, NULL, L"Default", tell, context);
	tell_value(list, NULL, L"Public", tell, context);
	RegCloseKey(list);
	return error == ERROR_NO_MORE_ITEMS ? 0 : error_of_win32((DWORD)error);
}
