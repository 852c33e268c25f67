/* SPDX-License-Identifier: MIT */
/* The hands on Windows. What a call did is looked up with other calls than its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <windows.h>

#include "base/mem.h"
#include "mutate.h"
#include "scratch.h"
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

/* ---- removing ---- */

static void names_go_by_their_kind(void **state)
{
	(void)state;
	scratch_put("/d/folder/in", "in");
	assert_int_equal(plat_unlink(dir, "folder"), -EISDIR);
	assert_int_equal(plat_rmdir(dir, "file"), -ENOTDIR);
	assert_int_equal(plat_rmdir(dir, "folder"), -ENOTEMPTY);
	assert_true(outside_has("/d/folder/in") && outside_has("/d/file"));
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_false(outside_has("/d/file"));
	assert_int_equal(plat_unlink(dir, "file"), -ENOENT);
	wchar_t *in = outside_path("/d/folder/in");
	assert_true(DeleteFileW(in));
	free(in);
	assert_int_equal(plat_rmdir(dir, "folder"), 0);
	assert_false(outside_has("/d/folder"));
}

static void only_single_names_go(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",	     ".",	    "..",    "folder\\in",
		"folder/in", "file::$DATA", "file:", "folder::$INDEX_ALLOCATION"};
	scratch_put("/d/folder/in", "in");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_true(plat_unlink(dir, wrong[i]) < 0);
		assert_true(plat_rmdir(dir, wrong[i]) < 0);
	}
	assert_int_equal(outside_names("/d"), 2);
	assert_true(outside_has("/d/folder/in"));
	assert_string_equal(scratch_text("/d/file"), "0123456789");
}

static void what_is_read_only_goes_too(void **state)
{
	(void)state;
	scratch_put_dir("/d/folder");
	outside_give("/d/file",
		     FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
	outside_give("/d/folder", FILE_ATTRIBUTE_READONLY);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_int_equal(plat_rmdir(dir, "folder"), 0);
	assert_int_equal(outside_names("/d"), 0);
}

static void another_name_stays_as_it_was(void **state)
{
	(void)state;
	wchar_t *file = outside_path("/d/file"), *other = outside_path("/d/other");
	assert_true(CreateHardLinkW(other, file, NULL));
	outside_give("/d/file", FILE_ATTRIBUTE_READONLY);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_false(outside_has("/d/file"));
	assert_string_equal(scratch_text("/d/other"), "0123456789");
	assert_true(outside_attributes("/d/other") & FILE_ATTRIBUTE_READONLY);
	free(file);
	free(other);
}

static void what_is_read_only_and_in_use_stays_so(void **state)
{
	(void)state;
	HANDLE held = outside_hold("/d/file", GENERIC_READ, FILE_SHARE_READ);
	outside_give("/d/file", FILE_ATTRIBUTE_READONLY);
	ULONGLONG begin = GetTickCount64();
	assert_int_equal(plat_unlink(dir, "file"), -EBUSY);
	assert_true(GetTickCount64() - begin >= 400);
	CloseHandle(held);
	assert_true(outside_attributes("/d/file") & FILE_ATTRIBUTE_READONLY);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_false(outside_has("/d/file"));
}

static void a_name_goes_while_others_allow_it(void **state)
{
	(void)state;
	HANDLE held = outside_hold("/d/file", GENERIC_READ, SHARE_ALL);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	CloseHandle(held);
	assert_false(outside_has("/d/file"));
}

/* Wine has no file with half a character in its name. */
static bool may_be_named(const char *name)
{
	char *path = mem_printf("/d/%s", name);
	wchar_t *place = outside_path(path);
	HANDLE handle = CreateFileW(place, GENERIC_WRITE, 0, NULL, CREATE_NEW,
				    FILE_FLAG_DELETE_ON_CLOSE, NULL);
	free(place);
	free(path);
	return handle != INVALID_HANDLE_VALUE && CloseHandle(handle);
}

static void any_name_goes(void **state)
{
	(void)state;
	static const char lone[] = "a\xed\xa0\x80z", latin[] = "gr\xc3\xbc\xc3\x9f";
	static const char *const names[] = {lone, latin};
	for (size_t i = 0; i < 2; i++) {
		struct plat_file *file;
		if (!may_be_named(names[i]))
			continue;
		char *path = mem_printf("/d/%s", names[i]);
		assert_int_equal(plat_file_create(dir, names[i], 0644, &file), 0);
		plat_file_close(file);
		assert_true(outside_has(path));
		assert_int_equal(plat_unlink(dir, names[i]), 0);
		assert_false(outside_has(path));
		free(path);
	}
	assert_int_equal(outside_names("/d"), 1);
}

static void of_a_stream_only_the_stream_goes(void **state)
{
	(void)state;
	if (!outside_volume_has(FILE_NAMED_STREAMS))
		skip();
	outside_write_stream("/d/file:one", "1");
	outside_write_stream("/d/file:two", "2");
	assert_int_equal(plat_rmdir(dir, "file:one"), -ENOTDIR);
	assert_int_equal(plat_unlink(dir, "file:one"), 0);
	assert_false(outside_has("/d/file:one"));
	assert_true(outside_has("/d/file:two"));
	assert_string_equal(scratch_text("/d/file"), "0123456789");
}

/* ---- names ---- */

static void a_new_file_takes_the_name_of_an_open_one(void **state)
{
	(void)state;
	char old[4] = {0};
	DWORD n;
	scratch_put("/d/new", "new");
	HANDLE held = outside_hold("/d/file", GENERIC_READ | GENERIC_WRITE, SHARE_ALL);
	assert_int_equal(plat_rename(dir, "new", "file"), 0);
	assert_string_equal(scratch_text("/d/file"), "new");
	/* The old content, or, before Windows 10, the new one in its place. */
	assert_true(ReadFile(held, old, 3, &n, NULL));
	assert_true(strcmp(old, "012") == 0 || strcmp(old, "new") == 0);
	CloseHandle(held);
	assert_int_equal(outside_names("/d"), 1);
	assert_string_equal(scratch_text("/d/file"), "new");
}

/* Where it can not be done in one step it is not done at all. */
static void other_names_of_an_open_file_keep_its_content(void **state)
{
	(void)state;
	wchar_t *file = outside_path("/d/file"), *other = outside_path("/d/other");
	assert_true(CreateHardLinkW(other, file, NULL));
	scratch_put("/d/new", "new");
	HANDLE held = outside_hold("/d/file", GENERIC_READ, SHARE_ALL);
	int r = plat_rename(dir, "new", "file");
	CloseHandle(held);
	assert_true(r == 0 || r == -EBUSY);
	assert_string_equal(scratch_text("/d/other"), "0123456789");
	assert_string_equal(scratch_text("/d/file"), r ? "0123456789" : "new");
	assert_int_equal(outside_names("/d"), r ? 3 : 2);
	free(file);
	free(other);
}

static void a_new_file_takes_the_name_of_a_closed_one(void **state)
{
	(void)state;
	scratch_put("/d/new", "new");
	struct plat_info fresh, now;
	assert_int_equal(plat_info_at(dir, "new", &fresh), 0);
	assert_int_equal(plat_rename(dir, "new", "file"), 0);
	assert_int_equal(plat_info_at(dir, "file", &now), 0);
	assert_true(plat_same(fresh.id, now.id));
	assert_string_equal(scratch_text("/d/file"), "new");
	assert_int_equal(outside_names("/d"), 1);
	assert_int_equal(plat_rename(dir, "file", "other"), 0);
	assert_string_equal(scratch_text("/d/other"), "new");
	assert_int_equal(outside_names("/d"), 1);
}

static void a_taken_name_is_left_alone(void **state)
{
	(void)state;
	scratch_put("/d/new", "new");
	scratch_put_dir("/d/folder");
	assert_int_equal(plat_rename_new(dir, "new", "file"), -EEXIST);
	assert_int_equal(plat_rename_new(dir, "new", "folder"), -EEXIST);
	assert_true(plat_rename(dir, "new", "folder") < 0);
	assert_string_equal(scratch_text("/d/file"), "0123456789");
	assert_string_equal(scratch_text("/d/new"), "new");
	assert_int_equal(outside_names("/d"), 3);
	assert_int_equal(plat_rename_new(dir, "new", "other"), 0);
	assert_string_equal(scratch_text("/d/other"), "new");
	assert_false(outside_has("/d/new"));
}

static void a_file_stays_in_its_directory(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "..\\out", "/out", "a:b", "folder/in"};
	scratch_put_dir("/d/folder");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(plat_rename(dir, "file", wrong[i]), -EINVAL);
		assert_int_equal(plat_rename_new(dir, "file", wrong[i]), -EINVAL);
	}
	assert_int_equal(plat_rename(dir, "file:x", "other"), -EINVAL);
	assert_int_equal(outside_names("/d"), 2);
	assert_int_equal(outside_names(""), 1);
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(names_go_by_their_kind),
		each(only_single_names_go),
		each(what_is_read_only_goes_too),
		each(another_name_stays_as_it_was),
		each(what_is_read_only_and_in_use_stays_so),
		each(a_name_goes_while_others_allow_it),
		each(any_name_goes),
		each(of_a_stream_only_the_stream_goes),
		each(a_new_file_takes_the_name_of_an_open_one),
		each(other_names_of_an_open_file_keep_its_content),
		each(a_new_file_takes_the_name_of_a_closed_one),
		each(a_taken_name_is_left_alone),
		each(a_file_stays_in_its_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
