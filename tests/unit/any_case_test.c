/* SPDX-License-Identifier: MIT */
/* A guest whose names ignore case: folding, globs, look-ups, homes, classes, the guard. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/utf8.h"
#include "classify/classify.h"
#include "discover/discover.h"
#include "own_rules.h"
#include "plan/guard.h"
#include "scratch.h"

static struct guest *windows(void)
{
	struct guest *guest;
	scratch_put("/Windows/System32/kernel32.dll", "x");
	assert_int_equal(discover_guest(scratch_root, 0, NULL, NULL, &guest), 0);
	assert_int_equal(guest->os, GUEST_WINDOWS);
	return guest;
}

static void folds_keep_the_length(void **state)
{
	static const char *const pairs[][2] = {
		{"az[`{", "AZ[`{"},
		{"\u00e4\u00f6\u00fc\u00ff", "\u00c4\u00d6\u00dc\u0178"},
		{"\u017e\u0142", "\u017d\u0141"},
		{"\u0438\u0432\u0451", "\u0418\u0412\u0401"},
		{"\u03b1\u03ac", "\u0391\u0386"},
		{"\u00df\u0131\u00f7", "\u00df\u0131\u00f7"},
		{"\u738b\uff41", "\u738b\uff21"},
		{"a\xff\xc3", "A\xff\xc3"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		_cleanup_free_ char *folded = fold_copy(pairs[i][0]);
		assert_string_equal(folded, pairs[i][1]);
		assert_int_equal(fold_compare(pairs[i][0], pairs[i][1]), 0);
	}
	for (uint32_t c = 1; c < 0x110000; c++) {
		char text[5] = {0}, twice[5];
		size_t len = utf8_put(c, text);
		fold_text(text);
		assert_int_equal(strlen(text), len);
		memcpy(twice, text, sizeof twice);
		fold_text(twice);
		assert_string_equal(text, twice);
	}
	assert_true(fold_compare("a", "B") < 0 && fold_compare("B", "a") > 0);
	assert_true(fold_compare("a", "ab") < 0 && fold_compare("ab", "A") > 0);
	assert_int_equal(fold_compare_n("abX", "ABy", 2), 0);
}

static void globs_ignore_case_when_told(void **state)
{
	(void)state;
	assert_true(glob_path_in(true, "/Users/*/.SSH/id_[a-z]*", "/users/ANN/.ssh/ID_RSA"));
	assert_false(glob_path_in(false, "/Users/*", "/users/ann"));
	assert_true(glob_name_in(true, "[!a]x", "BX"));
	assert_false(glob_name_in(true, "[!a]x", "AX"));
	assert_true(glob_name_in(true, "\u00c4*", "\u00e4b"));
}

static void members_are_found_in_any_case(void **state)
{
	struct plat_info info;
	_cleanup_(buf_free) struct buf real = {0}, text = {0};
	(void)state;
	scratch_put("/USERS/Ann/Key.txt", "one");
	scratch_put("/Data/x", "lower");
	scratch_put("/Data/X", "upper"); /* the same file, where the system ignores case */
	struct guest *guest = windows();
	assert_int_equal(guest_resolve(guest, "/users/ANN/key.TXT", &real), 0);
	/* As it is spelled there, unless the system itself finds it in any case. */
	assert_int_equal(fold_compare(real.data, "/USERS/Ann/Key.txt"), 0);
	if (!os_exists(scratch_at("/users")))
		assert_string_equal(real.data, "/USERS/Ann/Key.txt");
	assert_int_equal(guest_look(guest, "/users/ann/KEY.txt", &info), 0);
	assert_int_equal(guest_look(guest, "/users/ann/KEY.txt2", &info), -ENOENT);
	assert_int_equal(guest_read(guest, "/data/X", 10, &text), 0);
	assert_string_equal(text.data, "upper");
	assert_true(guest_is_home(guest, "/users/ann"));
	assert_int_equal(fold_compare(guest_home_of(guest, "/Users/ANN/a/b"), "/USERS/Ann"), 0);
	assert_null(guest_home_of(guest, "/users/anna"));
	guest_free(guest);
	assert_int_equal(discover_guest(scratch_root, GUEST_LINUX, NULL, NULL, &guest), 0);
	if (!os_exists(scratch_at("/users"))) /* the system itself tells case apart */
		assert_int_equal(guest_look(guest, "/users/ann", &info), -ENOENT);
	assert_false(guest_is_home(guest, "/users/ann"));
	guest_free(guest);
}

static void links_lead_nowhere(void **state)
{
	struct plat_info info;
	(void)state;
	scratch_put("/Users/ann/x", "x");
	scratch_put_link("/Users/All Users", "/Users/ann");
	scratch_put_link("/Junction", "Users");
	struct guest *guest = windows();
	assert_int_equal(guest_look(guest, "/junction/ann/x", &info), -ELOOP);
	assert_int_equal(guest_look(guest, "/JUNCTION", &info), 0);
	assert_int_equal(info.kind, PLAT_SYMLINK);
	assert_false(guest_is_home(guest, "/Users/All Users"));
	guest_free(guest);
}

static void profiles_are_homes(void **state)
{
	(void)state;
	scratch_put_dir("/Users/Default");
	scratch_put_dir("/Users/\u00c9lodie");
	scratch_put("/Users/desktop.ini", "x");
	scratch_put_dir("/Windows/ServiceProfiles/LocalService");
	scratch_put_dir("/Windows/System32/config/systemprofile");
	struct guest *guest = windows();
	assert_true(guest_is_home(guest, "/Users/\u00e9lodie"));
	assert_true(guest_is_home(guest, "/Users/Default"));
	assert_true(guest_is_home(guest, "/windows/serviceprofiles/localservice"));
	assert_true(guest_is_home(guest, "/Windows/System32/config/systemprofile"));
	assert_false(guest_is_home(guest, "/Users/desktop.ini"));
	assert_int_equal(guest->homes.n, 4);
	guest_free(guest);
}

static const char *class_of(struct classifier *c, const char *path)
{
	const struct artefact *found = NULL;
	_cleanup_free_ char *copy = mem_strdup(path);
	unsigned depth = 1;
	for (char *slash = copy; slash; depth++) {
		char *next = strchr(slash + 1, '/');
		if (next)
			*next = 0;
		found = classify_entry(c, copy, slash + 1, depth, next != NULL);
		if (next)
			*next = '/';
		slash = next;
	}
	return found ? found->name : NULL;
}

static void artefacts_match_in_any_case(void **state)
{
	struct rules rules = {0};
	(void)state;
	own_artefact(&rules, "keys", "~/.SSH/id_*")->os = 1u << GUEST_WINDOWS;
	own_artefact(&rules, "logs", "/windows/Logs/**")->os = 1u << GUEST_WINDOWS;
	own_artefact(&rules, "linux", "/Windows/**");
	scratch_put_dir("/Users/ann");
	struct guest *guest = windows();
	struct classifier *c = classify_new(&rules, guest);
	classify_volume(c, &guest->volumes.v[0]);
	assert_string_equal(class_of(c, "/Users/ann/.ssh/ID_rsa"), "keys");
	assert_string_equal(class_of(c, "/WINDOWS/logs/a.log"), "logs");
	assert_null(class_of(c, "/Windows/x"));
	classify_free(c);
	own_rules_clear(&rules);
	guest_free(guest);
}

static void the_guard_keeps_windows(void **state)
{
	static const struct {
		enum action action;
		const char *path;
		bool stays;
	} cases[] = {
		{STEP_REMOVE, "/windows/SYSTEM32/ntdll.dll", true},
		{STEP_REMOVE, "/Windows/WinSxS/x/y", true},
		{STEP_REMOVE, "/Windows/explorer.EXE", true},
		{STEP_REMOVE, "/bootmgr", true},
		{STEP_REMOVE, "/Windows/System32/config/SAM", true},
		{STEP_REDACT, "/Windows/System32/config/SOFTWARE", true},
		{STEP_REDACT, "/Windows/System32/x.dll", true},
		{STEP_REDACT, "/Windows/System32/inetsrv/config/applicationHost.config", false},
		{STEP_REDACT, "/inetpub/wwwroot/web.config", false},
		{STEP_REMOVE, "/Users/ann", true},
		{STEP_REMOVE, "/users/ANN/ntuser.dat", true},
		{STEP_REMOVE, "/Users/ann/ntuser.dat.LOG1", true},
		{STEP_REMOVE, "/Windows.old/Users/ann/NTUSER.DAT", false},
		{STEP_REMOVE, "/Windows/Temp", true},
		{STEP_EMPTY_TREE, "/windows/temp", false},
		{STEP_REMOVE, "/Windows/Temp/x", false},
		{STEP_EMPTY_TREE, "/Windows/System32/winevt/Logs", false},
		{STEP_REMOVE, "/Windows/System32/WINEVT/logs/Security.evtx", false},
		{STEP_REMOVE, "/Windows/System32/config/systemprofile/.ssh/id_rsa", false},
		{STEP_REMOVE, "/etc/passwd", false},
		{STEP_EMPTY_TREE, "/Users", true},
	};
	(void)state;
	scratch_put_dir("/Users/ann");
	struct guest *guest = windows();
	struct guard *guard = guard_new(guest, NULL, 0);
	struct plat_info info = {.kind = PLAT_FILE};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!guard_refuses(guard, cases[i].action, cases[i].path, &info) ==
		    cases[i].stays)
			fail_msg("%s: stays: %d", cases[i].path, !cases[i].stays);
	guard_free(guard);
	guest_free(guest);
}

#define T(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_keep_the_length),
		cmocka_unit_test(globs_ignore_case_when_told),
		T(members_are_found_in_any_case),
		T(links_lead_nowhere),
		T(profiles_are_homes),
		T(artefacts_match_in_any_case),
		T(the_guard_keeps_windows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
