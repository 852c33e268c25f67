/* SPDX-License-Identifier: MIT */
/* Directories and files by handle, in a tree that is made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <windows.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "scratch.h"
#include "windows/look/handles.h"
#include "windows/look/names.h"
#include "windows/outside.h"

CLEANUP_POINTER(struct plat_dir, plat_dir_close);
CLEANUP_POINTER(struct plat_file, plat_file_close);
#define _close_dir_ _cleanup_(plat_dir_close_ptr)
#define _close_file_ _cleanup_(plat_file_close_ptr)

static struct plat_dir *open_dir(const char *path)
{
	struct plat_dir *dir;
	assert_int_equal(plat_dir_open(scratch_at(path), &dir), 0);
	return dir;
}

/* \\?\ before it: the name is taken as it is. The caller frees it. */
static wchar_t *exact(const char *path)
{
	_cleanup_free_ char *full = mem_printf("\\\\?\\%s%s", scratch_root, path);
	size_t units;
	for (char *at = full; (at = strchr(at, '/'));)
		*at = '\\';
	return name_to_wide(full, &units);
}

static char *all_names(struct plat_dir *dir)
{
	struct buf out = {0};
	const char *name;
	enum plat_kind kind;
	int r;
	while ((r = plat_dir_next(dir, &name, &kind)) > 0)
		buf_printf(&out, "[%s %c]", name, "?fdl"[kind]);
	assert_int_equal(r, 0);
	return out.data ? out.data : mem_strdup("");
}

static void expect_member(const char *all, const char *member)
{
	if (!strstr(all, member))
		fail_msg("%s is not in %s", member, all);
}

static void members_are_told_with_their_kind(void **state)
{
	(void)state;
	scratch_put("/d/a.txt", "x");
	scratch_put_dir("/d/sub");
	scratch_put("/d/\xc3\xa9\xf0\x9f\x94\x91", "x");
	_close_dir_ struct plat_dir *dir = open_dir("/d");
	for (int i = 0; i < 2; i++) {
		_cleanup_free_ char *all = all_names(dir);
		assert_int_equal(strlen(all), strlen("[a.txt f][sub d][1234567 f]") - 1);
		expect_member(all, "[a.txt f]");
		expect_member(all, "[sub d]");
		expect_member(all, "[\xc3\xa9\xf0\x9f\x94\x91 f]");
		assert_int_equal(plat_dir_rewind(dir), 0);
	}
}

static void an_empty_directory_has_no_members(void **state)
{
	(void)state;
	scratch_put_dir("/empty");
	_close_dir_ struct plat_dir *dir = open_dir("/empty");
	_cleanup_free_ char *all = all_names(dir);
	assert_string_equal(all, "");
}

/* More than fits into the buffer of a listing. */
static void each_of_many_members_is_told_once(void **state)
{
	enum { MANY = 3000 };
	static bool seen[MANY];
	const char *name;
	enum plat_kind kind;
	(void)state;
	for (int i = 0; i < MANY; i++) {
		char path[64];
		snprintf(path, sizeof path, "/many/a name of some length, number %d", i);
		scratch_put(path, "");
	}
	_close_dir_ struct plat_dir *dir = open_dir("/many");
	size_t n = 0;
	for (; plat_dir_next(dir, &name, &kind) > 0; n++) {
		int i = atoi(strrchr(name, ' ') + 1);
		assert_in_range(i, 0, MANY - 1);
		assert_false(seen[i]);
		seen[i] = true;
	}
	assert_int_equal(n, MANY);
}

static void the_listing_and_the_look_agree_on_ids(void **state)
{
	struct plat_info info, again;
	const char *name;
	enum plat_kind kind;
	(void)state;
	scratch_put("/d/a", "x");
	scratch_put("/d/b", "x");
	_close_dir_ struct plat_dir *dir = open_dir("/d");
	while (plat_dir_next(dir, &name, &kind) > 0) {
		assert_int_equal(plat_info_at(dir, name, &info), 0);
		assert_true(info.id.inode && info.id.device);
		if (plat_dir_inode(dir))
			assert_int_equal(plat_dir_inode(dir), info.id.inode);
	}
	assert_int_equal(plat_info_at(dir, "a", &info), 0);
	assert_int_equal(plat_info_at(dir, "b", &again), 0);
	assert_false(plat_same(info.id, again.id));
}

/* What Win32 would open as devices, or without the end of the name. */
static void names_that_win32_changes_are_opened_as_they_are(void **state)
{
	static const char *const names[] = {"CON", "NUL.txt", "com1", "dot.", "blank ", "..."};
	(void)state;
	scratch_put_dir("/odd");
	_close_dir_ struct plat_dir *dir = open_dir("/odd");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		_cleanup_free_ char *path = mem_printf("/odd/%s", names[i]);
		_cleanup_free_ char *member = mem_printf("[%s f]", names[i]);
		_cleanup_(buf_free) struct buf text = {0};
		_close_file_ struct plat_file *file = NULL;
		scratch_put(path, names[i]);
		assert_int_equal(plat_file_open_at(dir, names[i], &file), 0);
		assert_int_equal(plat_file_slurp(file, 100, &text), 0);
		assert_string_equal(text.data, names[i]);
		_close_dir_ struct plat_dir *again = open_dir("/odd");
		_cleanup_free_ char *all = all_names(again);
		expect_member(all, member);
	}
}

/* Half of a pair. Where the system below has no such names (Wine), there is nothing to see. */
static void a_surrogate_that_stands_alone_is_a_name(void **state)
{
	struct plat_info info;
	(void)state;
	scratch_put_dir("/half");
	_cleanup_free_ wchar_t *path = exact("/half/x\xed\xa0\x80");
	HANDLE handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
	if (handle == INVALID_HANDLE_VALUE) {
		print_message("skipped: no file can have such a name here\n");
		skip();
	}
	CloseHandle(handle);
	_close_dir_ struct plat_dir *dir = open_dir("/half");
	_cleanup_free_ char *all = all_names(dir);
	assert_string_equal(all, "[x\xed\xa0\x80 f]");
	assert_int_equal(plat_info_at(dir, "x\xed\xa0\x80", &info), 0);
}

static void case_counts_only_between_two_that_differ_in_it(void **state)
{
	struct plat_info upper, lower, found;
	(void)state;
	scratch_put("/case/Name.TXT", "x");
	_close_dir_ struct plat_dir *dir = open_dir("/case");
	assert_int_equal(plat_info_at(dir, "Name.TXT", &upper), 0);
	assert_int_equal(plat_info_at(dir, "nAME.txt", &found), 0);
	assert_true(plat_same(upper.id, found.id));
	_cleanup_free_ wchar_t *path = exact("/case/name.txt");
	HANDLE handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW,
				    FILE_FLAG_POSIX_SEMANTICS, NULL);
	if (handle == INVALID_HANDLE_VALUE) /* as on most systems */
		return;
	CloseHandle(handle);
	assert_int_equal(plat_info_at(dir, "name.txt", &lower), 0);
	assert_false(plat_same(upper.id, lower.id));
	assert_int_equal(plat_info_at(dir, "Name.TXT", &found), 0);
	assert_true(plat_same(upper.id, found.id));
}

/* What is asked for may be spelled otherwise, what is told never is. */
static void a_name_is_told_as_it_stands_there(void **state)
{
	_cleanup_(buf_free) struct buf name = {0}, real = {0};
	(void)state;
	scratch_put("/Profiles/Zo\xc3\xab/Key.TXT", "x");
	scratch_put("/Profiles/other", "x");
	_close_dir_ struct plat_dir *dir = open_dir("/Profiles");
	assert_int_equal(plat_name_at(dir, "zO\xc3\x8b", &name), 0);
	assert_string_equal(name.data, "Zo\xc3\xab");
	assert_true(plat_name_at(dir, "z*", &name) < 0);
	assert_true(plat_name_at(dir, "none", &name) < 0);
	struct guest *guest = scratch_guest();
	guest->any_case = true;
	assert_int_equal(guest_resolve(guest, "/PROFILES/ZO\xc3\x8b/key.txt", &real), 0);
	assert_string_equal(real.data, "/Profiles/Zo\xc3\xab/Key.TXT");
	guest_free(guest);
}

static void what_is_no_single_name_is_refused(void **state)
{
	static const char *const names[] = {"..", "d/a", "d\\a", "../x", "\xff", "x/"};
	struct plat_info info;
	struct plat_dir *dir;
	struct plat_file *file;
	(void)state;
	scratch_put("/d/a", "x");
	_close_dir_ struct plat_dir *root = open_dir("/");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(plat_info_at(root, names[i], &info), -EINVAL);
		assert_int_equal(plat_dir_open_at(root, names[i], &dir), -EINVAL);
		assert_int_equal(plat_file_open_at(root, names[i], &file), -EINVAL);
	}
}

static void a_directory_is_itself(void **state)
{
	struct plat_info itself, opened, named;
	(void)state;
	scratch_put_dir("/d");
	_close_dir_ struct plat_dir *dir = open_dir("/d");
	_close_dir_ struct plat_dir *again = NULL;
	assert_int_equal(plat_dir_open_at(dir, ".", &again), 0);
	assert_int_equal(plat_dir_info(dir, &itself), 0);
	assert_int_equal(plat_dir_info(again, &opened), 0);
	assert_int_equal(plat_info_at(dir, ".", &named), 0);
	assert_true(plat_same(itself.id, opened.id) && plat_same(itself.id, named.id));
	assert_int_equal(itself.kind, PLAT_DIR);
	assert_int_equal(itself.mount, itself.id.device);
}

static void kinds_are_not_mixed_up(void **state)
{
	struct plat_dir *dir;
	struct plat_file *file;
	(void)state;
	scratch_put("/k/file", "x");
	scratch_put_dir("/k/dir");
	_close_dir_ struct plat_dir *root = open_dir("/k");
	assert_int_equal(plat_dir_open_at(root, "file", &dir), -ENOTDIR);
	assert_int_equal(plat_file_open_at(root, "dir", &file), -ENXIO);
	assert_int_equal(plat_file_open_at(root, "none", &file), -ENOENT);
	assert_int_equal(plat_dir_open_at(root, "none", &dir), -ENOENT);
	assert_int_equal(plat_file_open(scratch_at("/k/dir"), &file), -ENXIO);
	assert_int_equal(plat_dir_open(scratch_at("/k/file"), &dir), -ENOTDIR);
	assert_int_equal(plat_dir_open(scratch_at("/none/none"), &dir), -ENOENT);
}

static void a_path_is_walked_to_its_last_part(void **state)
{
	static const struct {
		const char *path, *leaf;
		int r;
	} cases[] = {
		{"/", "", 0},
		{"/top", "top", 0},
		{"/w/x/y", "y", 0},
		{"//w//x//none", "none", 0},
		{"/w/none/y", NULL, -ENOENT},
		{"/w/../x", NULL, -EINVAL},
		{"/w/..", NULL, -EINVAL},
		{"/w/x/file/y", NULL, -ENOTDIR},
	};
	(void)state;
	scratch_put("/w/x/file", "x");
	_close_dir_ struct plat_dir *root = open_dir("/");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		_close_dir_ struct plat_dir *parent = NULL;
		const char *leaf = NULL;
		assert_int_equal(plat_parent_open(root, cases[i].path, &parent, &leaf),
				 cases[i].r);
		if (!cases[i].r)
			assert_string_equal(leaf, cases[i].leaf);
	}
	_cleanup_free_ char *all = all_names(root);
	expect_member(all, "[w d]"); /* the root is still open */
}

/* Win32 without \\?\ ends at 260 characters. */
static void a_path_may_be_long(void **state)
{
	char part[] = "/one part of forty characters, all of it";
	_cleanup_(buf_free) struct buf path = {0};
	struct plat_info info;
	(void)state;
	for (int i = 0; i < 20; i++)
		buf_puts(&path, part);
	_cleanup_free_ char *file_path = mem_printf("%s/file", path.data);
	scratch_put(file_path, "deep");
	_close_dir_ struct plat_dir *root = open_dir("/");
	_close_dir_ struct plat_dir *parent = NULL;
	_close_dir_ struct plat_dir *straight = NULL;
	const char *leaf;
	assert_int_equal(plat_parent_open(root, file_path, &parent, &leaf), 0);
	assert_int_equal(plat_info_at(parent, leaf, &info), 0);
	assert_int_equal(info.size, 4);
	_cleanup_free_ char *host = scratch_path(path.data);
	assert_int_equal(plat_dir_open(host, &straight), 0);
}

/* ReFS has ids of 128 bits, and says so by one of 64 that nothing has. */
static void ids_of_any_width_tell_files_apart(void **state)
{
	const uint64_t one[2] = {1, 2}, other[2] = {2, 1}, none[2] = {0, 0};
	(void)state;
	assert_int_equal(handle_inode(5, one), 5);
	assert_int_equal(handle_inode(5, none), 5);
	assert_true(handle_inode(UINT64_MAX, one) != handle_inode(UINT64_MAX, other));
	assert_int_equal(handle_inode(0, one), handle_inode(UINT64_MAX, one));
}

/* ---- files ---- */

static void a_file_tells_of_itself(void **state)
{
	struct plat_info info, open_info;
	struct plat_file *file;
	(void)state;
	scratch_put("/f", "0123456789");
	_close_dir_ struct plat_dir *root = open_dir("/");
	_cleanup_free_ wchar_t *path = exact("/f"), *other = exact("/g");
	HANDLE handle = CreateFileW(path, FILE_WRITE_ATTRIBUTES, 7, NULL, OPEN_EXISTING, 0,
				    NULL);
	/* 2001-09-09 01:46:40 and a half. */
	const LONGLONG when = (1000000000LL + 11644473600LL) * 10000000 + 5000000;
	FILETIME time = {(DWORD)when, (DWORD)(when >> 32)};
	assert_true(SetFileTime(handle, NULL, NULL, &time));
	CloseHandle(handle);
	assert_true(CreateHardLinkW(other, path, NULL));
	assert_int_equal(plat_file_look_at(root, "f", &file, &info), 0);
	assert_non_null(file);
	assert_int_equal(plat_file_info(file, &open_info), 0);
	plat_file_close(file);
	assert_true(plat_same(info.id, open_info.id));
	assert_int_equal(info.kind, PLAT_FILE);
	assert_int_equal(info.size, 10);
	assert_int_equal(info.links, 2);
	assert_true(info.mtime == 1000000000500000000);
	assert_int_equal(info.mode | info.owner | info.group, 0);
}

static void bytes_are_read_from_any_place(void **state)
{
	char text[16] = {0};
	(void)state;
	scratch_put("/f", "0123456789");
	_close_dir_ struct plat_dir *root = open_dir("/");
	_close_file_ struct plat_file *file = NULL;
	assert_int_equal(plat_file_open_at(root, "f", &file), 0);
	assert_int_equal(plat_file_read(file, text, 4, 3), 4);
	assert_string_equal(text, "3456");
	assert_int_equal(plat_file_read(file, text, 16, 8), 2);
	assert_int_equal(plat_file_read(file, text, 16, 10), 0);
	assert_int_equal(plat_file_read(file, text, 16, 1ull << 40), 0);
	assert_int_equal(plat_file_read(file, text, 2, 0), 2);
	assert_memory_equal(text, "01", 2);
}

static void a_file_of_any_size_is_slurped(void **state)
{
	enum { BIG = 200000 };
	_cleanup_free_ char *bytes = mem_alloc(BIG);
	_cleanup_(buf_free) struct buf text = {0};
	(void)state;
	memset(bytes, 'x', BIG);
	scratch_put_bytes("/big", bytes, BIG);
	scratch_put("/empty", "");
	_close_file_ struct plat_file *big = NULL, *empty = NULL;
	assert_int_equal(plat_file_open(scratch_at("/big"), &big), 0);
	assert_int_equal(plat_file_open(scratch_at("/empty"), &empty), 0);
	assert_int_equal(plat_file_slurp(empty, 0, &text), 0);
	assert_int_equal(text.len, 0);
	assert_int_equal(plat_file_slurp(big, BIG - 1, &text), -EFBIG);
	assert_int_equal(plat_file_slurp(big, BIG, &text), 0);
	assert_int_equal(text.len, BIG);
}

static void what_was_opened_to_read_can_not_write(void **state)
{
	DWORD written;
	(void)state;
	scratch_put("/f", "0123456789");
	_close_file_ struct plat_file *file = NULL;
	_close_dir_ struct plat_dir *root = open_dir("/");
	assert_int_equal(plat_file_open_at(root, "f", &file), 0);
	assert_false(WriteFile(file->handle, "x", 1, &written, NULL));
	assert_int_equal(outside_rights(file->handle),
			 FILE_READ_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE);
	assert_int_equal(outside_rights(root->handle),
			 FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | SYNCHRONIZE);
	assert_string_equal(scratch_text("/f"), "0123456789");
}

static void a_file_without_holes_is_one_run(void **state)
{
	uint64_t start, end;
	(void)state;
	scratch_put("/f", "0123456789");
	_close_file_ struct plat_file *file = NULL;
	assert_int_equal(plat_file_open(scratch_at("/f"), &file), 0);
	assert_int_equal(plat_file_data(file, 0, 10, &start, &end), 0);
	assert_true(start == 0 && end == 10);
	assert_int_equal(plat_file_data(file, 4, 10, &start, &end), 0);
	assert_true(start == 4 && end == 10);
	assert_int_equal(plat_file_data(file, 10, 10, &start, &end), 1);
}

static void a_file_that_others_hold_is_waited_for(void **state)
{
	struct plat_file *file;
	struct plat_info info;
	(void)state;
	scratch_put("/held", "x");
	_close_dir_ struct plat_dir *root = open_dir("/");
	_cleanup_free_ wchar_t *path = exact("/held");
	HANDLE held = CreateFileW(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
	assert_true(held != INVALID_HANDLE_VALUE);
	ULONGLONG start = GetTickCount64();
	assert_int_equal(plat_file_open_at(root, "held", &file), -EBUSY);
	assert_true(GetTickCount64() - start >= 400);
	start = GetTickCount64();
	assert_int_equal(plat_file_look_at(root, "held", &file, &info), 0);
	assert_true(GetTickCount64() - start < 400); /* a walk does not wait */
	assert_null(file);
	assert_int_equal(info.size, 1);
	CloseHandle(held);
	assert_int_equal(plat_file_open_at(root, "held", &file), 0);
	plat_file_close(file);
}

static void a_file_that_others_write_is_read(void **state)
{
	struct plat_file *file;
	(void)state;
	scratch_put("/log", "x");
	_close_dir_ struct plat_dir *root = open_dir("/");
	_cleanup_free_ wchar_t *path = exact("/log");
	HANDLE held = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0,
				  NULL);
	assert_true(held != INVALID_HANDLE_VALUE);
	assert_int_equal(plat_file_open_at(root, "log", &file), 0);
	plat_file_close(file);
	CloseHandle(held);
}

static void a_volume_holds_no_other(void **state)
{
	bool detached = false;
	struct plat_info info;
	(void)state;
	_close_dir_ struct plat_dir *dir = NULL;
	assert_int_equal(plat_volume_open("/", false, &dir, &detached), 0);
	assert_true(detached);
	assert_int_equal(plat_info_at(dir, "Users", &info), 0);
	assert_int_equal(info.kind, PLAT_DIR);
	assert_true(plat_used_bytes(dir) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(members_are_told_with_their_kind),
		TEST(an_empty_directory_has_no_members),
		TEST(each_of_many_members_is_told_once),
		TEST(the_listing_and_the_look_agree_on_ids),
		TEST(names_that_win32_changes_are_opened_as_they_are),
		TEST(a_surrogate_that_stands_alone_is_a_name),
		TEST(case_counts_only_between_two_that_differ_in_it),
		TEST(a_name_is_told_as_it_stands_there),
		TEST(what_is_no_single_name_is_refused),
		TEST(a_directory_is_itself),
		TEST(kinds_are_not_mixed_up),
		TEST(a_path_is_walked_to_its_last_part),
		TEST(a_path_may_be_long),
		cmocka_unit_test(ids_of_any_width_tell_files_apart),
		TEST(a_file_tells_of_itself),
		TEST(bytes_are_read_from_any_place),
		TEST(a_file_of_any_size_is_slurped),
		TEST(what_was_opened_to_read_can_not_write),
		TEST(a_file_without_holes_is_one_run),
		TEST(a_file_that_others_hold_is_waited_for),
		TEST(a_file_that_others_write_is_read),
		TEST(a_volume_holds_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
