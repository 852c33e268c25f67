/* SPDX-License-Identifier: MIT */
/* Which volumes belong to the captured disk, and which profiles there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/cleanup.h"
#include "windows/look/mounts.h"

static void volumes_are_told_apart(void **state)
{
	const struct mounts_disks system = {2, {0, 3}}, same = {1, {3}}, other = {1, {1}},
				  spanned = {2, {1, 0}}, unknown = {0};
	(void)state;
	assert_int_equal(mounts_kind(DRIVE_FIXED, &same, &system), PLAT_MOUNT_SYSTEM);
	assert_int_equal(mounts_kind(DRIVE_FIXED, &spanned, &system), PLAT_MOUNT_SYSTEM);
	assert_int_equal(mounts_kind(DRIVE_FIXED, &other, &system), PLAT_MOUNT_DISK);
	assert_int_equal(mounts_kind(DRIVE_FIXED, &unknown, &system), PLAT_MOUNT_DISK);
	assert_int_equal(mounts_kind(DRIVE_FIXED, &unknown, &unknown), PLAT_MOUNT_DISK);
	/* The system's own disk, where the hypervisor shows it as one that can be unplugged. */
	assert_int_equal(mounts_kind(DRIVE_REMOVABLE, &same, &system), PLAT_MOUNT_SYSTEM);
	assert_int_equal(mounts_kind(DRIVE_REMOVABLE, &other, &system), PLAT_MOUNT_DISK);
	assert_int_equal(mounts_kind(DRIVE_REMOTE, &same, &system), PLAT_MOUNT_NETWORK);
	assert_int_equal(mounts_kind(DRIVE_CDROM, &same, &system), PLAT_MOUNT_PSEUDO);
	assert_int_equal(mounts_kind(DRIVE_RAMDISK, &same, &system), PLAT_MOUNT_PSEUDO);
}

static void the_root_is_no_mount_of_its_own(void **state)
{
	struct plat_mount *mounts;
	size_t count;
	(void)state;
	assert_int_equal(plat_mounts("/", &mounts, &count), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(mounts[i].path[0], '/');
		assert_string_not_equal(mounts[i].path, "/");
	}
	plat_mounts_free(mounts, count);
}

static void a_folder_has_no_mounts(void **state)
{
	struct plat_mount *mounts;
	size_t count = 1;
	(void)state;
	assert_int_equal(plat_mounts("C:\\windows", &mounts, &count), 0);
	assert_int_equal(count, 0);
	plat_mounts_free(mounts, count);
}

/* ---- profiles ---- */

#define LIST L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"
#define MADE LIST L"S-1-5-21-1-2-3-4711"

static void remember(const char *path, void *context)
{
	buf_printf(context, "[%s]", path);
}

static void put_profile(DWORD type, const wchar_t *path)
{
	assert_int_equal(RegSetKeyValueW(HKEY_LOCAL_MACHINE, MADE, L"ProfileImagePath", type,
					 path, (DWORD)((wcslen(path) + 1) * sizeof *path)),
			 ERROR_SUCCESS);
}

static void profiles_are_told_wherever_they_lie(void **state)
{
	_cleanup_(buf_free) struct buf told = {0};
	(void)state;
	put_profile(REG_EXPAND_SZ, L"%SystemDrive%\\Us\x00e9rs\\mallory");
	assert_int_equal(plat_profiles(remember, &told), 0);
	assert_non_null(strstr(told.data, "[/Us\xc3\xa9rs/mallory]"));
	put_profile(REG_SZ, L"D:\\Profiles\\mallory");
	assert_int_equal(plat_profiles(remember, &told), 0);
	assert_non_null(strstr(told.data, "[/D:/Profiles/mallory]"));
	assert_int_equal(RegDeleteTreeW(HKEY_LOCAL_MACHINE, MADE), ERROR_SUCCESS);
	buf_cut(&told, 0);
	assert_int_equal(plat_profiles(remember, &told), 0);
	assert_null(strstr(buf_text(&told), "mallory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_are_told_apart),
		cmocka_unit_test(the_root_is_no_mount_of_its_own),
		cmocka_unit_test(a_folder_has_no_mounts),
		cmocka_unit_test(profiles_are_told_wherever_they_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
