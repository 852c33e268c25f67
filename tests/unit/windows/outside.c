/* SPDX-License-Identifier: MIT */
#include "outside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <windows.h>

#include <aclapi.h>
#include <winternl.h>

#include "base/mem.h"
#include "scratch.h"
#include "windows/look/names.h"

wchar_t *outside_path(const char *path)
{
	size_t units;
	char *full = mem_printf("\\\\?\\%s", scratch_at(path));
	for (char *c = full; *c; c++)
		if (*c == '/')
			*c = '\\';
	wchar_t *wide = name_to_wide(full, &units);
	assert_non_null(wide);
	free(full);
	return wide;
}

DWORD outside_attributes(const char *path)
{
	wchar_t *place = outside_path(path);
	DWORD found = GetFileAttributesW(place);
	free(place);
	return found;
}

bool outside_has(const char *path)
{
	return outside_attributes(path) != INVALID_FILE_ATTRIBUTES;
}

void outside_give(const char *path, DWORD what)
{
	wchar_t *place = outside_path(path);
	assert_true(SetFileAttributesW(place, what));
	free(place);
}

HANDLE outside_hold(const char *path, DWORD access, DWORD share)
{
	wchar_t *place = outside_path(path);
	HANDLE handle = CreateFileW(place, access, share, NULL, OPEN_EXISTING,
				    FILE_FLAG_BACKUP_SEMANTICS, NULL);
	free(place);
	assert_true(handle != INVALID_HANDLE_VALUE);
	return handle;
}

FILE_BASIC_INFO outside_basic(const char *path)
{
	FILE_BASIC_INFO info;
	HANDLE handle = outside_hold(path, FILE_READ_ATTRIBUTES, SHARE_ALL);
	assert_true(GetFileInformationByHandleEx(handle, FileBasicInfo, &info, sizeof info));
	CloseHandle(handle);
	return info;
}

void outside_age(const char *path)
{
	FILE_BASIC_INFO info = {
		.CreationTime.QuadPart = CREATED,
		.LastAccessTime.QuadPart = 132000000000000000,
		.LastWriteTime.QuadPart = WRITTEN,
	};
	HANDLE handle = outside_hold(path, FILE_WRITE_ATTRIBUTES, SHARE_ALL);
	assert_true(SetFileInformationByHandle(handle, FileBasicInfo, &info, sizeof info));
	CloseHandle(handle);
}

unsigned outside_names(const char *path)
{
	unsigned count = 0;
	WIN32_FIND_DATAW entry;
	char *all = mem_printf("%s/*", path);
	wchar_t *place = outside_path(all);
	HANDLE listing = FindFirstFileW(place, &entry);
	assert_true(listing != INVALID_HANDLE_VALUE);
	do
		count += wcscmp(entry.cFileName, L".") && wcscmp(entry.cFileName, L"..");
	while (FindNextFileW(listing, &entry));
	FindClose(listing);
	free(place);
	free(all);
	return count;
}

bool outside_volume_has(DWORD feature)
{
	DWORD flags = 0;
	char drive[] = {scratch_root[0], ':', '\\', 0};
	return GetVolumeInformationA(drive, NULL, 0, NULL, NULL, &flags, NULL, 0) &&
	       flags & feature;
}

void outside_write_stream(const char *path, const char *text)
{
	wchar_t *place = outside_path(path);
	DWORD n;
	HANDLE handle = CreateFileW(place, GENERIC_WRITE, SHARE_ALL, NULL, CREATE_ALWAYS, 0,
				    NULL);
	assert_true(handle != INVALID_HANDLE_VALUE);
	assert_true(WriteFile(handle, text, (DWORD)strlen(text), &n, NULL));
	CloseHandle(handle);
	free(place);
}

ACCESS_MASK outside_everybody(const char *path)
{
	BYTE sid[SECURITY_MAX_SID_SIZE];
	DWORD size = sizeof sid;
	wchar_t *place = outside_path(path);
	PSECURITY_DESCRIPTOR descriptor;
	PACL list;
	ACCESS_MASK mask = 0;
	assert_true(CreateWellKnownSid(WinWorldSid, NULL, sid, &size));
	assert_int_equal(GetNamedSecurityInfoW(place, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION,
					       NULL, NULL, &list, NULL, &descriptor),
			 0);
	assert_non_null(list);
	for (DWORD i = 0; i < list->AceCount; i++) {
		ACCESS_ALLOWED_ACE *entry;
		assert_true(GetAce(list, i, (void **)&entry));
		if (entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
		    EqualSid(&entry->SidStart, sid))
			mask |= entry->Mask;
	}
	LocalFree(descriptor);
	free(place);
	return mask;
}

ACCESS_MASK outside_rights(HANDLE handle)
{
	struct {
		ULONG attributes;
		ACCESS_MASK granted;
		ULONG others[12];
	} info;
	assert_true(NtQueryObject(handle, (OBJECT_INFORMATION_CLASS)0, &info, sizeof info,
				  NULL) >= 0);
	return info.granted;
}

int outside_make(void **state, struct plat_dir **ret)
{
	if (scratch_make(state))
		return -1;
	scratch_put_dir("/d");
	scratch_put("/d/file", "0123456789");
	return plat_dir_open(scratch_at("/d"), ret);
}
