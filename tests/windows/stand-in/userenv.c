/* SPDX-License-Identifier: MIT */
/* Stands in for userenv.dll. Where C:\stand-in\userenv.txt does not say that DeleteProfileW
 * fails, what is below C:\Users and the profile's key go, as on a real system. The other
 * functions are what Wine's own programs start with. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>

#include "script.h"

#define LIST L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"

/* userenv.h says that these are another DLL's. */
BOOL WINAPI DeleteProfileW(LPCWSTR sid, LPCWSTR path, LPCWSTR computer);
BOOL WINAPI ExpandEnvironmentStringsForUserW(HANDLE token, LPCWSTR from, LPWSTR to, DWORD room);
BOOL WINAPI CreateEnvironmentBlock(LPVOID *block, HANDLE token, BOOL inherit);
BOOL WINAPI DestroyEnvironmentBlock(LPVOID block);

static struct script script = {.name = "userenv"};

static void remove_folder(const WCHAR *folder)
{
	WCHAR path[MAX_PATH];
	WIN32_FIND_DATAW found;
	_snwprintf(path, MAX_PATH, L"%ls\\*", folder);
	HANDLE list = FindFirstFileW(path, &found);
	for (BOOL more = list != INVALID_HANDLE_VALUE; more;
	     more = FindNextFileW(list, &found)) {
		_snwprintf(path, MAX_PATH, L"%ls\\%ls", folder, found.cFileName);
		if (!wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L".."))
			continue;
		if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
			remove_folder(path);
		else
			DeleteFileW(path);
	}
	if (list != INVALID_HANDLE_VALUE)
		FindClose(list);
	RemoveDirectoryW(folder);
}

BOOL WINAPI DeleteProfileW(LPCWSTR sid, LPCWSTR path, LPCWSTR computer)
{
	char text[TEXT];
	WCHAR key[TEXT], folder[MAX_PATH] = L"";
	DWORD bytes = sizeof folder;
	if (!sid || path || computer)
		return script_wrong("DeleteProfileW"), FALSE;
	script_narrow(sid, text);
	if (script_refuses(&script, "DeleteProfileW", text))
		return FALSE;
	_snwprintf(key, TEXT, LIST L"%ls", sid);
	if (RegGetValueW(HKEY_LOCAL_MACHINE, key, L"ProfileImagePath", RRF_RT_REG_SZ, NULL,
			 folder, &bytes))
		return SetLastError(ERROR_FILE_NOT_FOUND), FALSE;
	script_say("delete %s", text);
	if (_wcsnicmp(folder, L"C:\\Users\\", 9) == 0 && folder[9])
		remove_folder(folder);
	RegDeleteTreeW(HKEY_LOCAL_MACHINE, key);
	return TRUE;
}

BOOL WINAPI ExpandEnvironmentStringsForUserW(HANDLE token, LPCWSTR from, LPWSTR to, DWORD room)
{
	(void)token;
	DWORD units = ExpandEnvironmentStringsW(from, to, room);
	return units && units <= room;
}

BOOL WINAPI CreateEnvironmentBlock(LPVOID *block, HANDLE token, BOOL inherit)
{
	(void)token, (void)inherit;
	*block = GetEnvironmentStringsW();
	return TRUE;
}

BOOL WINAPI DestroyEnvironmentBlock(LPVOID block)
{
	return FreeEnvironmentStringsW(block);
}
