/* SPDX-License-Identifier: MIT */
/* One clean at a time for a guest. The lock is that a named object is there, not that
 * somebody owns it: it goes with the last handle to it, so with our process. Everybody may
 * make names in Global\, so what we find there has to belong to one who may (trust.h). */
#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

#include "../look/errors.h"
#include "../look/handles.h"
#include "../look/private.h"
#include "base/mem.h"
#include "trust.h"

struct plat_lock {
	HANDLE handle;
};

enum { NAME_MOST = 80 };

/* A name of ours for a guest. */
static int name_for(struct plat_dir *root, const wchar_t *before, wchar_t out[NAME_MOST])
{
	struct plat_info info;
	int r = handle_info(root->handle, &info);
	if (r < 0)
		return r;
	swprintf(out, NAME_MOST, L"%ls%llx-%llx", before, (unsigned long long)info.id.device,
		 (unsigned long long)info.id.inode);
	return 0;
}

static int take_named(const wchar_t *name, HANDLE *ret)
{
	void *descriptor = private_descriptor(false);
	SECURITY_ATTRIBUTES security = {sizeof security, descriptor, FALSE};
	if (!descriptor)
		return -EPERM;
	HANDLE handle = CreateMutexExW(&security, name, 0, SYNCHRONIZE | READ_CONTROL);
	DWORD error = GetLastError();
	LocalFree(descriptor);
	if (!handle) /* or it is another kind of object */
		return error == ERROR_ACCESS_DENIED || error == ERROR_INVALID_HANDLE
			       ? -EPERM
			       : error_of_win32(error);
	if (error == ERROR_ALREADY_EXISTS) {
		int r = trust_check(handle, WRITE_DAC | WRITE_OWNER);
		CloseHandle(handle);
		return r ? r : -EBUSY;
	}
	*ret = handle;
	return 0;
}

int plat_lock_take(struct plat_dir *root, struct plat_lock **ret)
{
	wchar_t name[NAME_MOST];
	HANDLE handle = NULL;
	int r = name_for(root, L"Global\\imgsan-", name);
	if (!r)
		r = take_named(name, &handle);
	if (r < 0)
		return r;
	*ret = mem_alloc(sizeof **ret);
	(*ret)->handle = handle;
	return 0;
}

struct plat_lock *plat_lock_drop(struct plat_lock *lock)
{
	if (!lock)
		return NULL;
	CloseHandle(lock->handle);
	free(lock);
	return NULL;
}

/* ---- what was cleaned since the start of the machine ---- */

/* A volatile key is kept in memory only (learn.microsoft.com, RegCreateKeyExW), and only
 * administrators make keys there. Fast Startup keeps that memory over a shutdown, in the
 * hibernation file: an image of such a disk holds far worse. */
#define FOLDER L"SOFTWARE\\imgsan-cleaned"
#define OURS (KEY_WOW64_64KEY)

/* 0 or an error of Windows. The folder is made by itself, so that it is volatile, too. */
static LONG key_make(HKEY parent, const wchar_t *name, HKEY *ret)
{
	return RegCreateKeyExW(parent, name, 0, NULL, REG_OPTION_VOLATILE,
			       KEY_READ | KEY_CREATE_SUB_KEY | OURS, NULL, ret, NULL);
}

void plat_cleaned_mark(struct plat_dir *root)
{
	wchar_t name[NAME_MOST];
	HKEY folder, key;
	if (name_for(root, L"", name) < 0 ||
	    key_make(HKEY_LOCAL_MACHINE, FOLDER, &folder) != ERROR_SUCCESS)
		return;
	if (key_make(folder, name, &key) == ERROR_SUCCESS)
		RegCloseKey(key);
	RegCloseKey(folder);
}

bool plat_cleaned_since_boot(struct plat_dir *root)
{
	wchar_t name[NAME_MOST];
	HKEY key;
	if (name_for(root, FOLDER L"\\", name) < 0 ||
	    RegOpenKeyExW(HKEY_LOCAL_MACHINE, name, 0, KEY_READ | OURS, &key) != ERROR_SUCCESS)
		return false;
	RegCloseKey(key);
	return true;
}
