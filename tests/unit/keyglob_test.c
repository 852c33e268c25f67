/* SPDX-License-Identifier: MIT */
/* Patterns for places in the registry, and what the guard says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "discover/discover.h"
#include "model/keyglob.h"
#include "plan/guard.h"
#include "plan/guard_places.h"
#include "scratch.h"

#define SET "HKLM\\SYSTEM\\CurrentControlSet\\"
#define LOGON "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"

static void patterns_fit_whole_places(void **state)
{
	static const struct {
		const char *glob, *place;
		bool fits, covers, reaches;
	} cases[] = {
		{"HKU\\*\\Software\\A", "HKU\\S-1\\software\\a", true, true, true},
		{"HKU\\*\\Software\\A", "HKU\\S-1\\Software\\A\\B", false, true, false},
		{"HKU\\*\\Software\\A", "HKU\\S-1\\Software\\A\\\\v", false, true, true},
		{"HKU\\*\\Software\\A", "HKU\\S-1\\Software", false, false, true},
		{"HKU\\*\\Software\\A", "HKU\\S-1\\B\\Software\\A", false, false, false},
		{"HKU\\*\\**\\A", "HKU\\S-1\\A", true, true, true},
		{"HKU\\*\\**\\A", "HKU\\S-1\\B\\A\\C\\A", true, true, true},
		{"HKU\\*\\**\\A", "HKU\\S-1\\B\\A\\C", false, true, true},
		{"HKU\\*\\A\\\\*Pass", "HKU\\S-1\\A\\\\MyPASS", true, true, true},
		{"HKU\\*\\A\\\\*Pass", "HKU\\S-1\\A\\MyPass", false, false, false},
		{"HKU\\*\\A\\\\*", "HKU\\S-1\\A\\\\", true, true, true},
		{"HKU\\*\\A\\\\*", "HKU\\S-1\\A", false, false, true},
		{"HKU\\*\\A\\\\", "HKU\\S-1\\A\\\\", true, true, true},
		{"HKU\\*\\A\\\\", "HKU\\S-1\\A\\\\x", false, false, true},
		{"HKU\\*\\A\\\\C:\\x", "HKU\\S-1\\A\\\\c:\\X", true, true, true},
		{"HKU\\*\\A\\\\*", "HKU\\/Users/ann\\A\\\\a/b", true, true, true},
		{SET "A", "HKLM\\SYSTEM\\ControlSet001\\A", true, true, true},
		{SET "A", SET "A", true, true, true},
		{SET "A", "HKLM\\SYSTEM\\ControlSetX\\A", false, false, false},
		{SET "A", "HKLM\\SOFTWARE\\ControlSet001\\A", false, false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *glob = cases[i].glob, *place = cases[i].place;
		bool right = keyglob_fits(glob, place) == cases[i].fits &&
			     keyglob_covers(glob, place) == cases[i].covers;
		if (!strstr(place, "\\\\"))
			right &= keyglob_reaches(glob, place) == cases[i].reaches;
		if (!right)
			fail_msg("%s, %s", glob, place);
	}
}

static void faults_are_seen(void **state)
{
	static const char *const wrong[] = {
		"HKLM",
		"HKLM\\SOFTWARE",
		"HKLM\\*\\A",
		"HKCU\\Software\\A",
		"HKU\\x",
		"HKLM\\SOFTWARE\\",
		"HKU\\*\\A\\",
		"HKU\\*\\A**\\B",
		"HKU\\*\\[a\\b]",
		"HKU\\**\\Software\\A",
		"HKLM\\BCD\\A\\B",
		"HKU\\*\\\\v",
	};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!keyglob_fault(wrong[i]))
			fail_msg("%s", wrong[i]);
	assert_null(keyglob_fault("HKLM\\SECURITY\\Policy\\Secrets\\DefaultPassword"));
	assert_null(keyglob_fault("HKU\\*\\A\\\\C:\\x\\"));
	assert_null(keyglob_fault("HKU\\*\\A\\\\"));
}

static void the_guards_own_patterns_are_right(void **state)
{
	const struct guard_places *places = guard_places(GUEST_WINDOWS);
	(void)state;
	for (const char *const *glob = places->vital_keys; *glob; glob++)
		if (keyglob_fault(*glob) || strstr(*glob, "\\\\"))
			fail_msg("%s", *glob);
	for (const char *const *glob = places->vital_values; *glob; glob++)
		if (keyglob_fault(*glob) || !strstr(*glob, "\\\\"))
			fail_msg("%s", *glob);
}

static bool refused(struct guard *guard, enum action action, const char *place)
{
	struct plat_info info = {.kind = strstr(place, "\\\\") ? PLAT_FILE : PLAT_DIR};
	return guard_refuses(guard, action, place, &info) != NULL;
}

static void what_windows_needs_stays(void **state)
{
	static const char *const vital[] = {
		"HKLM\\SOFTWARE",
		"HKLM\\SOFTWARE\\Microsoft",
		LOGON,
		LOGON "\\\\shell",
		"HKLM\\SYSTEM\\ControlSet001",
		"HKLM\\SYSTEM\\ControlSet002\\Services\\Tcpip",
		"HKLM\\SYSTEM\\ControlSet001\\Services\\Tcpip\\\\ImagePath",
		"HKLM\\SYSTEM\\Select\\\\Current",
		"HKLM\\SAM\\SAM\\Domains\\Account\\Users\\000001F4",
		"HKU\\S-1-5-21-1-2-3-1001",
		"HKU\\S-1-5-21-1-2-3-1001\\Software",
		"HKU\\S-1-5-21-1-2-3-1001\\Software\\Microsoft\\Windows\\CurrentVersion\\Run",
	};
	static const char *const others[] = {
		LOGON "\\\\DefaultPassword",
		"HKLM\\SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters\\\\Hostname",
		"HKU\\S-1-5-21-1-2-3-1001\\Software\\Vendor",
		"HKU\\S-1-5-21-1-2-3-1001\\Software\\Microsoft\\Windows\\CurrentVersion"
		"\\Explorer\\RunMRU",
		"HKU\\S-1-5-21-1-2-3-1001\\Environment\\\\TOKEN",
	};
	struct guest *guest;
	(void)state;
	assert_int_equal(discover_guest(scratch_root, GUEST_WINDOWS, NULL, NULL, &guest), 0);
	struct guard *guard = guard_new(guest, NULL, 0);
	for (size_t i = 0; i < sizeof vital / sizeof *vital; i++)
		if (!refused(guard, STEP_REMOVE, vital[i]) ||
		    !refused(guard, STEP_EMPTY_TREE, vital[i]))
			fail_msg("%s", vital[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (refused(guard, STEP_REMOVE, others[i]))
			fail_msg("%s", others[i]);
	assert_true(refused(guard, STEP_REDACT, LOGON "\\\\Userinit"));
	assert_false(refused(guard, STEP_REDACT, others[1]));
	guard_free(guard);
	guest_free(guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_fit_whole_places),
		cmocka_unit_test(faults_are_seen),
		cmocka_unit_test(the_guards_own_patterns_are_right),
		cmocka_unit_test_setup_teardown(what_windows_needs_stays, scratch_make,
						scratch_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
