/* SPDX-License-Identifier: MIT */
/* What the hands ask of Windows 10, of which Wine knows nothing, and how they give way where
 * it is not there: a layer under our calls answers as a Windows of that time would. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mutate.h"
#include "scratch.h"
#include "windows/look/handles.h"

enum { DISPOSITION = 13, DISPOSITION_EX = 64, RENAME = 10, RENAME_EX = 65 };
#define NOT_KNOWN ((NTSTATUS)0xc0000003)      /* STATUS_INVALID_INFO_CLASS */
#define FLAG_NOT_KNOWN ((NTSTATUS)0xc000000d) /* STATUS_INVALID_PARAMETER */
#define CANNOT_DELETE ((NTSTATUS)0xc0000121)

/* Where the program finds the call of ntdll.dll. */
extern __typeof__(NtSetInformationFile) *__imp_NtSetInformationFile;
static __typeof__(NtSetInformationFile) *really;

static struct {
	const NTSTATUS *answers; /* to the orders for names, in turn */
	size_t n;
} windows;

/* The orders as they came: class, flags (of the plain class its one byte), size. */
static struct order {
	int class;
	ULONG flags, size;
	HANDLE folder;
} orders[8];
static size_t asked;

static bool is_for_names(int class)
{
	return class == DISPOSITION || class == DISPOSITION_EX || class == RENAME ||
	       class == RENAME_EX;
}

static NTSTATUS NTAPI pretend(HANDLE file, PIO_STATUS_BLOCK io, PVOID order, ULONG size,
			      FILE_INFORMATION_CLASS what)
{
	int class = (int)what;
	if (!is_for_names(class))
		return really(file, io, order, size, what);
	bool wide = class != DISPOSITION, rename = class == RENAME || class == RENAME_EX;
	assert_true(asked < windows.n);
	orders[asked] = (struct order){
		.class = class,
		.flags = wide ? *(ULONG *)order : *(BOOLEAN *)order,
		.size = size,
		.folder = rename ? ((FILE_RENAME_INFORMATION *)order)->RootDirectory : NULL,
	};
	return windows.answers[asked++];
}

#define ANSWERS(...)                                              \
	do {                                                      \
		static const NTSTATUS answers_[] = {__VA_ARGS__}; \
		windows.answers = answers_;                       \
		windows.n = sizeof answers_ / sizeof *answers_;   \
		asked = 0;                                        \
	} while (0)

static void was_asked(size_t i, int class, ULONG flags)
{
	assert_true(i < asked);
	assert_int_equal(orders[i].class, class);
	assert_int_equal(orders[i].flags, flags);
}

static struct plat_dir *dir;

static int start(void **state)
{
	if (scratch_make(state))
		return -1;
	scratch_put("/d/file", "file");
	DWORD before;
	if (!VirtualProtect(&__imp_NtSetInformationFile, sizeof(void *), PAGE_READWRITE,
			    &before))
		return -1;
	really = __imp_NtSetInformationFile;
	__imp_NtSetInformationFile = pretend;
	return plat_dir_open(scratch_at("/d"), &dir);
}

static int end(void **state)
{
	__imp_NtSetInformationFile = really;
	plat_dir_close(dir);
	return scratch_remove(state);
}

static DWORD attributes(const char *path)
{
	return GetFileAttributesA(scratch_at(path));
}

/* Delete, with POSIX semantics, read-only or not: 1, 2, 0x10. */
static void names_go_at_once(void **state)
{
	(void)state;
	ANSWERS(0);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	was_asked(0, DISPOSITION_EX, 0x13);
	assert_int_equal(orders[0].size, 4);
	assert_int_equal(asked, 1);
}

static void a_flag_that_is_not_known_is_left_out(void **state)
{
	(void)state;
	ANSWERS(FLAG_NOT_KNOWN, 0);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	was_asked(1, DISPOSITION_EX, 3);
	assert_int_equal(asked, 2);
}

static void before_windows_10_names_go_with_the_last_handle(void **state)
{
	(void)state;
	ANSWERS(NOT_KNOWN, NOT_KNOWN, 0);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	was_asked(2, DISPOSITION, 1);
	assert_int_equal(orders[2].size, 1);
}

static void a_running_program_is_busy(void **state)
{
	(void)state;
	ANSWERS(CANNOT_DELETE);
	assert_int_equal(plat_unlink(dir, "file"), -EBUSY);
	assert_int_equal(asked, 1);
}

static void read_only_comes_off_for_it(void **state)
{
	(void)state;
	assert_true(SetFileAttributesA(scratch_at("/d/file"), FILE_ATTRIBUTE_READONLY));
	ANSWERS(FLAG_NOT_KNOWN, CANNOT_DELETE, 0);
	assert_int_equal(plat_unlink(dir, "file"), 0);
	assert_false(attributes("/d/file") & FILE_ATTRIBUTE_READONLY);
}

static void read_only_goes_back_on_when_it_stays(void **state)
{
	(void)state;
	assert_true(SetFileAttributesA(scratch_at("/d/file"), FILE_ATTRIBUTE_READONLY));
	ANSWERS(FLAG_NOT_KNOWN, CANNOT_DELETE, FLAG_NOT_KNOWN, CANNOT_DELETE);
	assert_true(plat_unlink(dir, "file") < 0);
	assert_true(attributes("/d/file") & FILE_ATTRIBUTE_READONLY);
}

/* Replace, with POSIX semantics; never beyond the directory that is open. */
static void a_name_is_taken_at_once(void **state)
{
	(void)state;
	scratch_put("/d/n", "new");
	ANSWERS(0, 0);
	assert_int_equal(plat_rename(dir, "n", "f"), 0);
	was_asked(0, RENAME_EX, 3);
	assert_ptr_equal(orders[0].folder, dir->handle);
	assert_true(orders[0].size >= sizeof(FILE_RENAME_INFORMATION));
	assert_int_equal(plat_rename_new(dir, "n", "f"), 0);
	was_asked(1, RENAME_EX, 0);
}

static void before_windows_10_a_closed_file_is_replaced(void **state)
{
	(void)state;
	scratch_put("/d/n", "new");
	ANSWERS(NOT_KNOWN, 0, NOT_KNOWN, 0);
	assert_int_equal(plat_rename(dir, "n", "file"), 0);
	was_asked(1, RENAME, 1);
	assert_int_equal(plat_rename_new(dir, "n", "f"), 0);
	was_asked(3, RENAME, 0);
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(names_go_at_once),
		each(a_flag_that_is_not_known_is_left_out),
		each(before_windows_10_names_go_with_the_last_handle),
		each(a_running_program_is_busy),
		each(read_only_comes_off_for_it),
		each(read_only_goes_back_on_when_it_stays),
		each(a_name_is_taken_at_once),
		each(before_windows_10_a_closed_file_is_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
