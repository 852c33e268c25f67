/* SPDX-License-Identifier: MIT */
/* What callers write, what the kernel takes, and how it reads inside a guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "windows/look/paths.h"

static const char *native(const char *path, struct buf *out)
{
	buf_cut(out, 0);
	int r = path_native(path, "D:\\work\\here", 'C', out);
	return r == -EINVAL ? "invalid" : r == -ENOENT ? "none" : r ? "?" : buf_text(out);
}

static void every_way_to_write_a_path_is_understood(void **state)
{
	static const char *const cases[][2] = {
		{"/", "\\??\\C:\\"},
		{"/Users/ann", "\\??\\C:\\Users\\ann"},
		{"\\Users\\\\ann\\", "\\??\\C:\\Users\\ann"},
		{"/D:", "\\??\\D:\\"},
		{"/d:/x/y", "\\??\\D:\\x\\y"},
		{"/D:x", "\\??\\C:\\D:x"}, /* a stream of a file D */
		{"c:/a/../b/./c", "\\??\\C:\\b\\c"},
		{"c:\\..\\..\\b", "\\??\\C:\\b"},
		{"E:", "\\??\\E:\\"},
		{"E:/", "\\??\\E:\\"},
		{"d:up", "\\??\\D:\\work\\here\\up"},
		{"e:up", "invalid"},
		{"x.json", "\\??\\D:\\work\\here\\x.json"},
		{"..\\x", "\\??\\D:\\work\\x"},
		{"../../../x", "\\??\\D:\\x"},
		{"//srv/share/x", "\\??\\UNC\\srv\\share\\x"},
		{"\\\\srv\\share", "\\??\\UNC\\srv\\share\\"},
		{"\\\\srv\\share\\..\\..\\x", "\\??\\UNC\\srv\\share\\x"},
		{"\\\\srv", "invalid"},
		{"\\\\.\\C:", "invalid"},
		{"\\\\.\\PhysicalDrive0", "invalid"},
		{"\\\\?\\C:\\a.\\CON", "\\??\\C:\\a.\\CON"},
		{"\\??\\C:\\x", "\\??\\C:\\x"},
		{"/Volume{1-2}", "\\??\\Volume{1-2}\\"},
		{"/Volume{1-2}/EFI/x", "\\??\\Volume{1-2}\\EFI\\x"},
		/* What Win32 would take for devices or cut off. */
		{"C:/NUL", "\\??\\C:\\NUL"},
		{"C:/CON.txt/a. ", "\\??\\C:\\CON.txt\\a. "},
		{"", "none"},
	};
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(native(cases[i][0], &out), cases[i][1]);
}

static void a_relative_path_needs_a_place_to_begin(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	assert_int_equal(path_native("x", NULL, 'C', &out), -EINVAL);
	assert_int_equal(path_native("x", "\\\\srv\\share\\in", 'C', &out), 0);
	assert_string_equal(out.data, "\\??\\UNC\\srv\\share\\in\\x");
	buf_cut(&out, 0);
	assert_int_equal(path_native("..\\..\\x", "\\\\srv\\share\\in", 'C', &out), 0);
	assert_string_equal(out.data, "\\??\\UNC\\srv\\share\\x");
}

static const char *inside(const wchar_t *path, struct buf *out)
{
	buf_cut(out, 0);
	int r = path_to_guest(path, wcslen(path), 'C', out);
	return r == -EINVAL ? "invalid" : r ? "?" : buf_text(out);
}

static void paths_of_windows_become_those_of_the_guest(void **state)
{
	static const struct {
		const wchar_t *path;
		const char *inside;
	} cases[] = {
		{L"C:\\Users\\ann", "/Users/ann"},
		{L"c:\\Users\\ann\\", "/Users/ann"},
		{L"C:\\", "/"},
		{L"C:", "/"},
		{L"d:\\", "/D:"},
		{L"D:\\Profiles\\b\x00e9", "/D:/Profiles/b\xc3\xa9"},
		{L"\\??\\C:\\x", "/x"},
		{L"\\\\?\\E:\\x", "/E:/x"},
		{L"\\\\?\\Volume{1-2}\\", "/Volume{1-2}"},
		{L"\\\\srv\\share\\x", "//srv/share/x"},
		{L"\\??\\UNC\\srv\\share\\x", "//srv/share/x"},
		{L"\\SystemRoot\\x", "invalid"},
		{L"%x%\\y", "invalid"},
		{L"Volume{1-2}\\", "invalid"},
		{L"", "invalid"},
	};
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(inside(cases[i].path, &out), cases[i].inside);
}

static void windows_runs_from_a_drive(void **state)
{
	(void)state;
	assert_in_range(path_system_drive(), 'A', 'Z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_a_path_is_understood),
		cmocka_unit_test(a_relative_path_needs_a_place_to_begin),
		cmocka_unit_test(paths_of_windows_become_those_of_the_guest),
		cmocka_unit_test(windows_runs_from_a_drive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
