/* SPDX-License-Identifier: MIT */
/* What is ours on Windows: the report, the lock, files that decide what is deleted. */
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
#include "platform.h"
#include "scratch.h"
#include "windows/outside.h"
#include "windows/own/trust.h"

static PSECURITY_DESCRIPTOR described(const char *text)
{
	PSECURITY_DESCRIPTOR descriptor;
	assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
									 &descriptor, NULL));
	return descriptor;
}

/* The access list of a file or directory becomes this one. */
static void guard(const char *path, const char *text)
{
	wchar_t *place = outside_path(path);
	PSECURITY_DESCRIPTOR descriptor = described(text);
	assert_true(SetFileSecurityW(place, DACL_SECURITY_INFORMATION, descriptor));
	LocalFree(descriptor);
	free(place);
}

static int start(void **state)
{
	int r = scratch_make(state);
	if (!r)
		scratch_put_dir("/d");
	return r;
}

static int write_to(const char *path)
{
	return plat_out_write(scratch_at(path), "report", 6);
}

static int read_from(const char *path)
{
	struct buf text = {0};
	int r = plat_trusted_read(scratch_at(path), 100, &text);
	if (!r)
		assert_string_equal(buf_text(&text), "rules");
	buf_free(&text);
	return r;
}

/* ---- who is trusted ---- */

static void lists_tell_who_may_change_what(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		ACCESS_MASK rights;
		int wanted;
	} cases[] = {
		{"O:BAD:(A;;FA;;;SY)(A;;FA;;;BA)", TRUST_FOLDER, 0},
		{"O:SYD:(A;;FA;;;LA)(A;;FR;;;WD)", TRUST_CONTENT, 0},
		{"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:(A;;GA;;;SY)",
		 TRUST_CONTENT, 0},
		{"O:BAD:(A;;GA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478465)",
		 TRUST_CONTENT, -EPERM},
		{"O:BAD:(A;;GA;;;S-1-5-21-1-2-3-500)", TRUST_FOLDER, 0},
		{"O:BAD:(A;;GA;;;S-1-5-21-1-2-3-501)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;GA;;;S-1-5-21-1-2-500)", TRUST_FOLDER, -EPERM},
		{"O:BUD:(A;;FA;;;SY)", TRUST_FOLDER,
		 -EPERM},				  /* the owner may change the list */
		{"O:BAD:(A;;0x2;;;WD)", TRUST_FOLDER, 0}, /* FILE_ADD_FILE */
		{"O:BAD:(A;;0x4;;;WD)", TRUST_FOLDER, 0}, /* FILE_ADD_SUBDIRECTORY */
		{"O:BAD:(A;;0x40;;;WD)", TRUST_FOLDER, -EPERM}, /* FILE_DELETE_CHILD */
		{"O:BAD:(A;;SD;;;AU)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;WD;;;BU)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;WO;;;BU)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;GA;;;BU)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;0x2;;;WD)", TRUST_CONTENT, -EPERM}, /* FILE_WRITE_DATA */
		{"O:BAD:(A;;0x4;;;WD)", TRUST_CONTENT, -EPERM}, /* FILE_APPEND_DATA */
		{"O:BAD:(A;;GW;;;WD)", TRUST_CONTENT, -EPERM},
		{"O:BAD:(A;;GRGX;;;WD)", TRUST_CONTENT, 0},
		{"O:BAD:(A;OICIIO;GA;;;WD)", TRUST_FOLDER, 0}, /* for members only */
		{"O:BAD:(D;;GA;;;WD)(A;;FA;;;BA)", TRUST_FOLDER, 0},
		{"O:BAD:(D;;GA;;;WD)(A;;GA;;;WD)", TRUST_FOLDER, -EPERM},
		{"O:BAD:(A;;GA;;;CO)", TRUST_FOLDER, 0},
		{"O:BAD:", TRUST_FOLDER, 0}, /* an empty list: nobody */
		{"O:BA", TRUST_FOLDER, -EPERM},
		{"D:(A;;FA;;;SY)", TRUST_FOLDER, -EPERM},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		PSECURITY_DESCRIPTOR descriptor = described(cases[i].text);
		int got = trust_of(descriptor, cases[i].rights);
		LocalFree(descriptor);
		if (got != cases[i].wanted)
			fail_msg("%s, %lx: %d", cases[i].text, cases[i].rights, got);
	}
}

/* An entry for one kind of object: its SID lies elsewhere, so it counts as a stranger's. */
static void what_is_not_understood_counts_as_given(void **state)
{
	(void)state;
	PSECURITY_DESCRIPTOR descriptor = described("O:BAD:(A;;GA;;;SY)");
	PACL list;
	BOOL present, defaulted;
	ACE_HEADER *entry;
	assert_true(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
	assert_true(GetAce(list, 0, (void **)&entry));
	assert_int_equal(trust_of(descriptor, TRUST_FOLDER), 0);
	entry->AceType = ACCESS_ALLOWED_OBJECT_ACE_TYPE;
	assert_int_equal(trust_of(descriptor, TRUST_FOLDER), -EPERM);
	entry->AceType = 0x70;
	assert_int_equal(trust_of(descriptor, TRUST_FOLDER), -EPERM);
	entry->AceType = ACCESS_DENIED_OBJECT_ACE_TYPE;
	assert_int_equal(trust_of(descriptor, TRUST_FOLDER), 0);
	LocalFree(descriptor);
}

/* ---- writing ---- */

static void a_report_is_for_us_only(void **state)
{
	(void)state;
	scratch_put("/d/report", "an older and longer one");
	assert_int_equal(write_to("/d/report"), 0);
	assert_string_equal(scratch_text("/d/report"), "report");
	assert_int_equal(outside_everybody("/d/report"), 0);
	assert_int_equal(write_to("/d/new"), 0);
	assert_int_equal(outside_everybody("/d/new"), 0);
	assert_int_equal(outside_names("/d"), 2);
}

static void a_report_is_no_directory(void **state)
{
	(void)state;
	scratch_put("/precious", "precious");
	assert_int_equal(write_to("/d/"), -EISDIR);
	assert_int_equal(write_to("/d"), -EISDIR);
	assert_int_equal(write_to("/no/report"), -ENOENT);
	assert_int_equal(write_to("/precious/report"), -ENOTDIR);
	assert_int_equal(write_to("/precious:report"), -EINVAL);
	assert_int_equal(write_to("/d/.."), -EINVAL);
	assert_int_equal(write_to("/d/nul"), -EINVAL);
	assert_int_equal(write_to("/d/Com1.json"), -EINVAL);
	assert_int_equal(outside_names("/d"), 0);
	assert_string_equal(scratch_text("/precious"), "precious");
}

static void a_report_takes_the_place_of_one_that_is_read(void **state)
{
	(void)state;
	char old[4] = {0};
	DWORD n;
	scratch_put("/d/report", "old");
	wchar_t *place = outside_path("/d/report");
	HANDLE held = CreateFileW(place, GENERIC_READ,
				  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
				  OPEN_EXISTING, 0, NULL);
	free(place);
	assert_true(held != INVALID_HANDLE_VALUE);
	int r = write_to("/d/report");
	assert_true(ReadFile(held, old, 3, &n, NULL));
	assert_string_equal(old, "old");
	CloseHandle(held);
	/* Before Windows 10, and on Wine, an open file is not replaced: then it is told. */
	assert_string_equal(scratch_text("/d/report"), r ? "old" : "report");
	assert_int_equal(outside_names("/d"), 1);
	assert_int_equal(write_to("/d/report"), 0);
	assert_string_equal(scratch_text("/d/report"), "report");
}

static void a_report_replaces_one_name_of_a_file(void **state)
{
	(void)state;
	scratch_put("/precious", "precious");
	wchar_t *precious = outside_path("/precious"), *report = outside_path("/d/report");
	assert_true(CreateHardLinkW(report, precious, NULL));
	free(precious);
	free(report);
	assert_int_equal(write_to("/d/report"), 0);
	assert_string_equal(scratch_text("/precious"), "precious");
	assert_string_equal(scratch_text("/d/report"), "report");
}

static void directories_that_others_change_are_refused(void **state)
{
	(void)state;
	static const char *const folders[] = {"/d/in", "/d"}; /* the second one lies above */
	scratch_put("/d/in/rules", "rules");
	assert_int_equal(write_to("/d/in/report"), 0);
	assert_int_equal(read_from("/d/in/rules"), 0);
	for (size_t i = 0; i < 2; i++) {
		guard(folders[i], "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;GA;;;WD)");
		assert_int_equal(write_to("/d/in/report"), -EPERM);
		assert_int_equal(read_from("/d/in/rules"), -EPERM);
		guard(folders[i], "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;GRGX;;;WD)");
		assert_int_equal(write_to("/d/in/report"), 0);
		assert_int_equal(read_from("/d/in/rules"), 0);
	}
}

static void files_that_others_write_are_refused(void **state)
{
	(void)state;
	scratch_put("/d/rules", "rules");
	assert_int_equal(read_from("/d/rules"), 0);
	guard("/d/rules", "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;GRGW;;;WD)");
	assert_int_equal(read_from("/d/rules"), -EPERM);
	guard("/d/rules", "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;GR;;;WD)");
	assert_int_equal(read_from("/d/rules"), 0);
	assert_int_equal(read_from("/d"), -ENXIO);
	assert_int_equal(read_from("/d/none"), -ENOENT);
}

/* ---- the lock ---- */

static void one_at_a_time_has_the_lock(void **state)
{
	(void)state;
	struct plat_dir *d, *other;
	struct plat_lock *lock, *second;
	scratch_put_dir("/other");
	assert_int_equal(plat_dir_open(scratch_at("/d"), &d), 0);
	assert_int_equal(plat_dir_open(scratch_at("/other"), &other), 0);
	assert_int_equal(plat_lock_take(d, &lock), 0);
	assert_int_equal(plat_lock_take(d, &second), -EBUSY);
	assert_int_equal(plat_lock_take(other, &second), 0);
	plat_lock_drop(second);
	assert_int_equal(plat_lock_take(d, &second), -EBUSY);
	assert_null(plat_lock_drop(lock));
	assert_int_equal(plat_lock_take(d, &lock), 0);
	plat_lock_drop(lock);
	plat_dir_close(d);
	plat_dir_close(other);
}

/* A name that somebody else keeps is not taken for another clean. */
static void a_lock_of_a_stranger_is_told(void **state)
{
	(void)state;
	struct plat_dir *d;
	struct plat_info info;
	struct plat_lock *lock;
	char name[80];
	assert_int_equal(plat_dir_open(scratch_at("/d"), &d), 0);
	assert_int_equal(plat_dir_info(d, &info), 0);
	snprintf(name, sizeof name, "Global\\imgsan-%llx-%llx",
		 (unsigned long long)info.id.device, (unsigned long long)info.id.inode);
	SECURITY_ATTRIBUTES open_to_all = {sizeof open_to_all, described("D:(A;;GA;;;WD)"),
					   FALSE};
	HANDLE squatter = CreateMutexA(&open_to_all, FALSE, name);
	assert_non_null(squatter);
	assert_int_equal(plat_lock_take(d, &lock), -EPERM);
	CloseHandle(squatter);
	squatter = CreateEventA(NULL, TRUE, FALSE, name);
	assert_non_null(squatter);
	assert_int_equal(plat_lock_take(d, &lock), -EPERM);
	CloseHandle(squatter);
	assert_int_equal(plat_lock_take(d, &lock), 0);
	plat_lock_drop(lock);
	LocalFree(open_to_all.lpSecurityDescriptor);
	plat_dir_close(d);
}

static bool is_volatile(const wchar_t *path)
{
	HKEY key, below;
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, &key))
		return false;
	/* Below a volatile key nothing lasting can be made. */
	LONG error = RegCreateKeyExW(key, L"probe", 0, NULL, REG_OPTION_NON_VOLATILE, KEY_READ,
				     NULL, &below, NULL);
	if (!error)
		RegCloseKey(below);
	RegCloseKey(key);
	return error == ERROR_CHILD_MUST_BE_VOLATILE;
}

static void a_clean_is_remembered_until_the_restart(void **state)
{
	(void)state;
	struct plat_dir *d, *other;
	scratch_put_dir("/other");
	assert_int_equal(plat_dir_open(scratch_at("/d"), &d), 0);
	assert_int_equal(plat_dir_open(scratch_at("/other"), &other), 0);
	assert_false(plat_cleaned_since_boot(d));
	plat_cleaned_mark(d);
	plat_cleaned_mark(d);
	assert_true(plat_cleaned_since_boot(d));
	assert_false(plat_cleaned_since_boot(other));
	assert_true(is_volatile(L"SOFTWARE\\imgsan-cleaned"));
	RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\imgsan-cleaned");
	plat_dir_close(d);
	plat_dir_close(other);
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_tell_who_may_change_what),
		cmocka_unit_test(what_is_not_understood_counts_as_given),
		each(a_report_is_for_us_only),
		each(a_report_is_no_directory),
		each(a_report_takes_the_place_of_one_that_is_read),
		each(a_report_replaces_one_name_of_a_file),
		each(directories_that_others_change_are_refused),
		each(files_that_others_write_are_refused),
		each(one_at_a_time_has_the_lock),
		each(a_lock_of_a_stranger_is_told),
		each(a_clean_is_remembered_until_the_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
