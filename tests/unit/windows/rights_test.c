/* SPDX-License-Identifier: MIT */
/* Privileges end with their scope, and reading leaves no time behind and takes no right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <windows.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "scratch.h"
#include "windows/look/handles.h"
#include "windows/look/names.h"
#include "windows/look/privilege.h"
#include "windows/outside.h"

/* -1: the process does not hold it. */
static int is_enabled(enum privilege which)
{
	struct {
		DWORD count;
		LUID_AND_ATTRIBUTES each[64];
	} all;
	HANDLE token;
	DWORD size = sizeof all;
	int answer = -1;
	assert_true(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
	assert_true(GetTokenInformation(token, TokenPrivileges, &all, size, &size));
	CloseHandle(token);
	for (DWORD i = 0; i < all.count; i++)
		if (all.each[i].Luid.LowPart == (DWORD)which)
			answer = (all.each[i].Attributes & SE_PRIVILEGE_ENABLED) != 0;
	return answer;
}

static void a_privilege_is_enabled_for_a_scope(void **state)
{
	static const enum privilege which[] = {PRIVILEGE_BACKUP, PRIVILEGE_RESTORE};
	(void)state;
	if (is_enabled(PRIVILEGE_BACKUP) < 0 || is_enabled(PRIVILEGE_RESTORE) < 0)
		skip();
	struct privileges held, inner;
	assert_int_equal(is_enabled(PRIVILEGE_BACKUP), 0);
	assert_true(privileges_enable(&held, which, 2));
	assert_int_equal(is_enabled(PRIVILEGE_BACKUP), 1);
	assert_int_equal(is_enabled(PRIVILEGE_RESTORE), 1);
	/* What was on already stays on. */
	assert_true(privileges_enable(&inner, which, 1));
	privileges_restore(&inner);
	assert_int_equal(is_enabled(PRIVILEGE_BACKUP), 1);
	privileges_restore(&held);
	assert_int_equal(is_enabled(PRIVILEGE_BACKUP), 0);
	assert_int_equal(is_enabled(PRIVILEGE_RESTORE), 0);
	privileges_restore(&held); /* once more does nothing */
}

static void a_privilege_that_is_not_held_is_not_enabled(void **state)
{
	static const enum privilege which[] = {PRIVILEGE_BACKUP, (enum privilege)2};
	struct privileges held;
	(void)state;
	assert_false(privileges_enable(&held, which, 2)); /* SeCreateTokenPrivilege */
	privileges_restore(&held);
	assert_true(is_enabled(PRIVILEGE_BACKUP) <= 0);
}

static void opening_leaves_no_privilege_on(void **state)
{
	struct plat_dir *dir;
	struct plat_info info;
	(void)state;
	assert_int_equal(plat_dir_open("/", &dir), 0);
	(void)plat_info_at(dir, "none", &info);
	plat_dir_close(dir);
	assert_true(is_enabled(PRIVILEGE_BACKUP) <= 0);
	assert_true(is_enabled(PRIVILEGE_RESTORE) <= 0);
}

/* ---- times ---- */

#define SETTINGS L"SYSTEM\\CurrentControlSet\\Control\\FileSystem"

static int have_times_kept(void **state)
{
	DWORD kept = 0x80000002; /* the system's choice: on */
	(void)state;
	return RegSetKeyValueW(HKEY_LOCAL_MACHINE, SETTINGS, L"NtfsDisableLastAccessUpdate",
			       REG_DWORD, &kept, sizeof kept) != ERROR_SUCCESS;
}

static LONGLONG written(const wchar_t *path)
{
	WIN32_FILE_ATTRIBUTE_DATA data;
	assert_true(GetFileAttributesExW(path, GetFileExInfoStandard, &data));
	return (LONGLONG)data.ftLastWriteTime.dwHighDateTime << 32 |
	       data.ftLastWriteTime.dwLowDateTime;
}

/* That the time of access stays as well only a real Windows can show: under Wine it is the
 * file system below that keeps it. */
static void what_keeps_the_times_is_not_kept_itself(void **state)
{
	struct plat_dir *root;
	struct plat_file *file;
	char byte;
	size_t units;
	(void)state;
	scratch_put("/f", "x");
	_cleanup_free_ char *full = scratch_path("/f");
	_cleanup_free_ wchar_t *path = name_to_wide(full, &units);
	LONGLONG before = written(path);
	Sleep(50);
	assert_int_equal(plat_dir_open(scratch_root, &root), 0);
	assert_int_equal(plat_file_open_at(root, "f", &file), 0);
	assert_int_equal(plat_file_read(file, &byte, 1, 0), 1);
	assert_int_equal(outside_rights(file->handle),
			 FILE_READ_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE);
	plat_file_close(file);
	plat_dir_close(root);
	assert_true(written(path) == before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_privilege_is_enabled_for_a_scope),
		cmocka_unit_test(a_privilege_that_is_not_held_is_not_enabled),
		cmocka_unit_test(opening_leaves_no_privilege_on),
		cmocka_unit_test_setup_teardown(what_keeps_the_times_is_not_kept_itself,
						scratch_make, scratch_remove),
	};
	return cmocka_run_group_tests(tests, have_times_kept, NULL);
}
