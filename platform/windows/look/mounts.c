/* SPDX-License-Identifier: MIT */
/* The volumes of the running Windows: each where it is first to be found, by letter, by
 * folder or, as the one that the firmware starts from, by its own name ("Naming a Volume"
 * at learn.microsoft.com); then the letters that are no volume: shares and SUBST. */
#include "mounts.h"

#include <errno.h>
#include <string.h>
#include <wchar.h>

#include <winioctl.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "errors.h"
#include "names.h"
#include "paths.h"

typedef VEC(struct plat_mount) mounts;

enum plat_mount_kind mounts_kind(UINT type, const struct mounts_disks *disks,
				 const struct mounts_disks *system)
{
	if (type == DRIVE_REMOTE)
		return PLAT_MOUNT_NETWORK;
	if (type == DRIVE_CDROM || type == DRIVE_RAMDISK)
		return PLAT_MOUNT_PSEUDO;
	for (size_t i = 0; i < disks->n; i++)
		for (size_t k = 0; k < system->n; k++)
			if (disks->v[i] == system->v[k])
				return PLAT_MOUNT_SYSTEM;
	return PLAT_MOUNT_DISK;
}

/* ---- which disks ---- */

static void ask_extents(HANDLE volume, struct mounts_disks *ret)
{
	union {
		VOLUME_DISK_EXTENTS all;
		char room[sizeof(VOLUME_DISK_EXTENTS) + 31 * sizeof(DISK_EXTENT)];
	} extents;
	DWORD len;
	if (!DeviceIoControl(volume, IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, NULL, 0, &extents,
			     sizeof extents, &len, NULL))
		return;
	for (; ret->n < extents.all.NumberOfDiskExtents && ret->n < 32; ret->n++)
		ret->v[ret->n] = extents.all.Extents[ret->n].DiskNumber;
}

/* Of a disk that has no volumes, as a stick without partitions. */
static void ask_device(HANDLE volume, struct mounts_disks *ret)
{
	STORAGE_DEVICE_NUMBER device;
	DWORD len;
	if (DeviceIoControl(volume, IOCTL_STORAGE_GET_DEVICE_NUMBER, NULL, 0, &device,
			    sizeof device, &len, NULL) &&
	    device.DeviceType == FILE_DEVICE_DISK)
		*ret = (struct mounts_disks){1, {device.DeviceNumber}};
}

/* `volume`: \\?\Volume{...}\ or \\?\C:\, of which the device has no slash at its end. */
static struct mounts_disks disks_of(const wchar_t *volume)
{
	struct mounts_disks disks = {0};
	wchar_t device[MAX_PATH];
	size_t len = wcslen(volume);
	if (len < 2 || len > MAX_PATH)
		return disks;
	wmemcpy(device, volume, len - 1);
	device[len - 1] = 0;
	HANDLE handle = CreateFileW(device, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
				    OPEN_EXISTING, 0, NULL);
	if (handle == INVALID_HANDLE_VALUE)
		return disks;
	ask_extents(handle, &disks);
	if (!disks.n)
		ask_device(handle, &disks);
	CloseHandle(handle);
	return disks;
}

/* ---- the list ---- */

struct list {
	mounts found;
	struct mounts_disks system; /* what the root lies on */
	char drive;
	DWORD letters; /* those that are told */
};

/* NULL: no file system that Windows knows, or nothing in the drive. */
static char *type_of(const wchar_t *volume)
{
	wchar_t name[MAX_PATH + 1];
	struct buf text = {0};
	if (!GetVolumeInformationW(volume, NULL, 0, NULL, NULL, NULL, name, MAX_PATH + 1))
		return NULL;
	name_from_wide(name, wcslen(name), &text);
	return text.data ? text.data : mem_strdup("");
}

static void add(struct list *list, const wchar_t *path, const char *type,
		enum plat_mount_kind kind)
{
	struct buf inside = {0};
	if (path_to_guest(path, wcslen(path), list->drive, &inside) < 0)
		return;
	*vec_add(&list->found) = (struct plat_mount){
		.path = inside.data, .type = mem_strdup(type), .kind = kind};
}

/* One after the other, with a zero behind each and another behind the last; the caller
 * frees it. NULL: there are none. */
static wchar_t *paths_of(const wchar_t *volume)
{
	DWORD units = 0;
	(void)GetVolumePathNamesForVolumeNameW(volume, NULL, 0, &units);
	if (units < 2)
		return NULL;
	wchar_t *paths = mem_alloc(((size_t)units + 2) * sizeof *paths);
	if (GetVolumePathNamesForVolumeNameW(volume, paths, units, &units) && *paths)
		return paths;
	free(paths);
	return NULL;
}

static bool is_letter(const wchar_t *path, char *ret)
{
	bool is = path[0] < 0x80 && path[1] == L':' && path[2] == L'\\' && !path[3];
	if (is)
		*ret = (char)(path[0] & ~0x20);
	return is;
}

/* One place is where it is looked at; in the others it is seen again. */
static void add_places(struct list *list, const wchar_t *paths, const char *type,
		       enum plat_mount_kind kind)
{
	char letter;
	for (const wchar_t *path = paths; *path; path += wcslen(path) + 1)
		if (is_letter(path, &letter)) {
			list->letters |= 1u << (letter - 'A');
			if (letter == list->drive)
				kind = PLAT_MOUNT_AGAIN; /* it is the root */
		}
	for (const wchar_t *path = paths; *path; path += wcslen(path) + 1) {
		if (is_letter(path, &letter) && letter == list->drive)
			continue;
		add(list, path, type, kind);
		if (kind == PLAT_MOUNT_SYSTEM || kind == PLAT_MOUNT_DISK)
			kind = PLAT_MOUNT_AGAIN;
	}
}

static void add_volume(struct list *list, const wchar_t *volume)
{
	UINT drive = GetDriveTypeW(volume);
	struct mounts_disks disks = disks_of(volume);
	enum plat_mount_kind kind = mounts_kind(drive, &disks, &list->system);
	_cleanup_free_ char *type = type_of(volume);
	_cleanup_free_ wchar_t *paths = paths_of(volume);
	if (!type && kind != PLAT_MOUNT_SYSTEM) /* an empty drive */
		kind = PLAT_MOUNT_PSEUDO;
	if (paths)
		add_places(list, paths, str_or(type, ""), kind);
	else if (type) /* or it is a partition of which Windows makes no use at all */
		add(list, volume, type, kind);
}

static int add_volumes(struct list *list)
{
	wchar_t volume[MAX_PATH];
	HANDLE search = FindFirstVolumeW(volume, MAX_PATH);
	if (search == INVALID_HANDLE_VALUE)
		return error_last();
	do
		add_volume(list, volume);
	while (FindNextVolumeW(search, volume, MAX_PATH));
	DWORD error = GetLastError();
	FindVolumeClose(search);
	return error == ERROR_NO_MORE_FILES ? 0 : error_of_win32(error);
}

/* A directory under a letter of its own. */
static bool is_substitute(const wchar_t *letter)
{
	wchar_t target[MAX_PATH];
	return QueryDosDeviceW(letter, target, MAX_PATH) && !wcsncmp(target, L"\\??\\", 4);
}

static void add_letters(struct list *list)
{
	DWORD all = GetLogicalDrives() & ~list->letters;
	for (unsigned i = 0; i < 26; i++) {
		wchar_t root[] = {(wchar_t)(L'A' + i), L':', L'\\', 0};
		wchar_t letter[] = {root[0], L':', 0};
		if (!(all & 1u << i) || 'A' + (char)i == list->drive)
			continue;
		struct mounts_disks disks = disks_of(root);
		enum plat_mount_kind kind = mounts_kind(GetDriveTypeW(root), &disks,
							&list->system);
		_cleanup_free_ char *type = type_of(root);
		if (!type && kind == PLAT_MOUNT_DISK)
			kind = PLAT_MOUNT_PSEUDO;
		if (kind != PLAT_MOUNT_NETWORK && is_substitute(letter))
			kind = PLAT_MOUNT_AGAIN;
		add(list, root, str_or(type, ""), kind);
	}
}

/* Below a folder that is looked at as a guest nothing else counts. */
int plat_mounts(const char *root, struct plat_mount **ret, size_t *ret_count)
{
	struct list list = {.drive = path_system_drive()};
	int r = 0;
	if (strcmp(root, "/") == 0) {
		wchar_t home[] = {L'\\', L'\\', L'?', L'\\', (wchar_t)list.drive,
				  L':',	 L'\\', 0};
		list.system = disks_of(home);
		r = add_volumes(&list);
		add_letters(&list);
	}
	if (r < 0) {
		plat_mounts_free(list.found.v, list.found.n);
		return r;
	}
	*ret = list.found.v;
	*ret_count = list.found.n;
	return 0;
}

void plat_mounts_free(struct plat_mount *found, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(found[i].path);
		free(found[i].type);
	}
	free(found);
}
