/* SPDX-License-Identifier: MIT */
/* What the hands make and change on Windows, and what they leave as it was. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include "base/mem.h"
#include "mutate.h"
#include "scratch.h"
#include "windows/look/handles.h"
#include "windows/outside.h"

static struct plat_dir *dir;

static int start(void **state)
{
	return outside_make(state, &dir);
}

static int end(void **state)
{
	plat_dir_close(dir);
	return scratch_remove(state);
}

/* Wine goes on with the times all the same. */
static bool times_can_stay(void)
{
	DWORD n;
	FILE_BASIC_INFO stay = {.LastWriteTime.QuadPart = -1};
	scratch_put("/probe", "x");
	outside_age("/probe");
	HANDLE handle = outside_hold("/probe", GENERIC_READ | GENERIC_WRITE, SHARE_ALL);
	assert_true(SetFileInformationByHandle(handle, FileBasicInfo, &stay, sizeof stay));
	assert_true(WriteFile(handle, "y", 1, &n, NULL));
	CloseHandle(handle);
	return outside_basic("/probe").LastWriteTime.QuadPart == WRITTEN;
}

static void a_change_in_place_changes_nothing_else(void **state)
{
	(void)state;
	struct plat_file *file;
	outside_give("/d/file", FILE_ATTRIBUTE_HIDDEN);
	outside_age("/d/file");
	FILE_BASIC_INFO before = outside_basic("/d/file");
	assert_int_equal(plat_file_open_write(dir, "file", &file), 0);
	assert_int_equal(plat_file_write(file, "xxx", 3, 4), 0);
	assert_int_equal(plat_file_sync(file), 0);
	plat_file_close(file);
	FILE_BASIC_INFO after = outside_basic("/d/file");
	bool stays = times_can_stay();
	assert_string_equal(scratch_text("/d/file"), "0123xxx789");
	assert_int_equal(after.FileAttributes, before.FileAttributes);
	if (before.CreationTime.QuadPart == CREATED) /* there is such a time */
		assert_true(after.CreationTime.QuadPart == CREATED);
	if (stays)
		assert_true(after.LastWriteTime.QuadPart == before.LastWriteTime.QuadPart);
}

static void a_file_is_emptied(void **state)
{
	(void)state;
	struct plat_file *file;
	scratch_put_dir("/d/folder");
	assert_int_equal(plat_file_open_write(dir, "folder", &file), -ENXIO);
	assert_int_equal(plat_file_open_write(dir, "none", &file), -ENOENT);
	assert_int_equal(plat_file_open_write(dir, "", &file), -ENOENT);
	assert_int_equal(plat_file_open_write(dir, "file", &file), 0);
	assert_int_equal(plat_file_truncate(file), 0);
	plat_file_close(file);
	assert_string_equal(scratch_text("/d/file"), "");
	assert_int_equal(plat_dir_sync(dir), 0);
}

static void what_forbids_changes_comes_off_and_back(void **state)
{
	(void)state;
	uint32_t flags = 0;
	struct plat_file seen, *file;
	outside_give("/d/file", FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
	DWORD given = outside_attributes("/d/file"); /* not every file system hides */
	assert_true(given & FILE_ATTRIBUTE_READONLY);
	assert_true(plat_file_open_write(dir, "file", &file) < 0);
	seen.handle = outside_hold("/d/file", GENERIC_READ, SHARE_ALL);
	assert_int_equal(plat_file_thaw(&seen, &flags), 1);
	assert_int_equal(plat_file_thaw(&seen, &flags), 0);
	assert_false(outside_attributes("/d/file") & FILE_ATTRIBUTE_READONLY);
	assert_int_equal(plat_file_open_write(dir, "file", &file), 0);
	assert_int_equal(plat_file_write(file, "x", 1, 0), 0);
	plat_file_close(file);
	assert_int_equal(plat_file_freeze(&seen, flags), 0);
	CloseHandle(seen.handle);
	assert_int_equal(outside_attributes("/d/file"), given);
	assert_string_equal(scratch_text("/d/file"), "x123456789");
}

static void what_is_made_is_as_private_as_asked(void **state)
{
	(void)state;
	struct plat_file *file;
	assert_int_equal(plat_file_create(dir, "file", 0600, &file), -EEXIST);
	assert_int_equal(plat_file_create(dir, "file:x", 0600, &file), -EINVAL);
	assert_int_equal(plat_file_create(dir, "private", 0600, &file), 0);
	assert_int_equal(plat_file_write(file, "mine", 4, 0), 0);
	plat_file_close(file);
	assert_int_equal(plat_file_create(dir, "open", 0644, &file), 0);
	plat_file_close(file);
	assert_int_equal(plat_mkdir(dir, "folder", 0755), 0);
	assert_int_equal(plat_mkdir(dir, "folder", 0755), -EEXIST);
	assert_int_equal(plat_mkdir(dir, "closed", 0700), 0);
	assert_string_equal(scratch_text("/d/private"), "mine");
	assert_int_equal(outside_everybody("/d/private"), 0);
	assert_int_equal(outside_everybody("/d/closed"), 0);
	assert_true(outside_attributes("/d/folder") & FILE_ATTRIBUTE_DIRECTORY);
	assert_int_equal(outside_everybody("/d/open"), outside_everybody("/d/file"));
	assert_int_equal(outside_names("/d"), 5);
}

/* The list, owner and group of a file as text, to be freed with LocalFree. */
static char *security(const char *path)
{
	char *text;
	wchar_t *place = outside_path(path);
	PSECURITY_DESCRIPTOR descriptor;
	SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
				    DACL_SECURITY_INFORMATION;
	assert_int_equal(GetNamedSecurityInfoW(place, SE_FILE_OBJECT, what, NULL, NULL, NULL,
					       NULL, &descriptor),
			 0);
	assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorA(
		descriptor, SDDL_REVISION_1, what, &text, NULL));
	LocalFree(descriptor);
	free(place);
	return text;
}

static void allow_everybody_to_read(const char *path)
{
	wchar_t *place = outside_path(path);
	PSECURITY_DESCRIPTOR descriptor;
	BOOL present, defaulted;
	PACL list;
	assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(
		L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)", SDDL_REVISION_1, &descriptor,
		NULL));
	assert_true(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
	assert_int_equal(SetNamedSecurityInfoW(place, SE_FILE_OBJECT,
					       DACL_SECURITY_INFORMATION |
						       PROTECTED_DACL_SECURITY_INFORMATION,
					       NULL, NULL, list, NULL),
			 0);
	LocalFree(descriptor);
	free(place);
}

static void a_new_file_looks_like_the_old_one(void **state)
{
	(void)state;
	struct plat_file *old, *fresh;
	bool streams = outside_volume_has(FILE_NAMED_STREAMS);
	if (streams)
		outside_write_stream("/d/file:mark", "kept");
	allow_everybody_to_read("/d/file");
	outside_give("/d/file", FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
	outside_age("/d/file");
	FILE_BASIC_INFO before = outside_basic("/d/file");
	char *wanted = security("/d/file");
	assert_int_equal(plat_file_open_write(dir, "file", &old), 0);
	assert_int_equal(plat_file_create(dir, "new", 0600, &fresh), 0);
	assert_int_equal(plat_file_write(fresh, "other", 5, 0), 0);
	assert_int_equal(plat_file_dress(old, fresh), 0);
	plat_file_close(fresh);
	plat_file_close(old);
	FILE_BASIC_INFO after = outside_basic("/d/new");
	char *got = security("/d/new");
	assert_string_equal(scratch_text("/d/new"), "other");
	assert_string_equal(got, wanted);
	assert_int_equal(after.FileAttributes, before.FileAttributes);
	if (before.CreationTime.QuadPart == CREATED) /* there is such a time */
		assert_true(after.CreationTime.QuadPart == CREATED);
	assert_true(after.LastWriteTime.QuadPart == before.LastWriteTime.QuadPart);
	if (streams)
		assert_string_equal(scratch_text("/d/new:mark"), "kept");
	LocalFree(wanted);
	LocalFree(got);
}

static void times_of_a_directory_come_back(void **state)
{
	(void)state;
	struct plat_times times;
	outside_age("/d");
	FILE_BASIC_INFO before = outside_basic("/d");
	assert_int_equal(plat_times_get(dir, &times), 0);
	assert_true(times.mtime == (WRITTEN - 116444736000000000) * 100);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_int_equal(plat_times_set(dir, &times), 0);
	FILE_BASIC_INFO after = outside_basic("/d");
	assert_true(after.LastWriteTime.QuadPart == before.LastWriteTime.QuadPart);
	assert_true(after.LastAccessTime.QuadPart == before.LastAccessTime.QuadPart);
	uint32_t flags;
	assert_int_equal(plat_thaw_dir(dir, &flags), 0);
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(a_change_in_place_changes_nothing_else),
		each(a_file_is_emptied),
		each(what_forbids_changes_comes_off_and_back),
		each(what_is_made_is_as_private_as_asked),
		each(a_new_file_looks_like_the_old_one),
		each(times_of_a_directory_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
