/* SPDX-License-Identifier: MIT */
/* Places of all realms, and the order in which their steps are done. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/plan.h"
#include "model/realm.h"

static void realms_are_told_by_their_beginning(void **unused)
{
	(void)unused;
	assert_int_equal(realm_of("/HKLM\\a"), REALM_FILES);
	assert_int_equal(realm_of(""), REALM_FILES);
	assert_int_equal(realm_of("HKLM\\SOFTWARE"), REALM_REGISTRY);
	assert_int_equal(realm_of("HKU\\S-1-5-18\\Environment\\\\A"), REALM_REGISTRY);
	assert_int_equal(realm_of("eventlog:HKLM\\x"), REALM_OBJECTS);
}

static void a_value_follows_two_backslashes(void **unused)
{
	(void)unused;
	size_t key;
	assert_null(realm_value("HKLM\\SOFTWARE\\A", &key));
	assert_int_equal(key, strlen("HKLM\\SOFTWARE\\A"));
	assert_string_equal(realm_value("HKLM\\SOFTWARE\\A\\\\b\\\\c", &key), "b\\\\c");
	assert_int_equal(key, strlen("HKLM\\SOFTWARE\\A"));
	assert_string_equal(realm_value("HKLM\\SOFTWARE\\A\\\\", &key), "");
}

static void one_spelling_for_each_place(void **unused)
{
	(void)unused;
	static const char *const plain[] = {"/",
					    "/a/.b",
					    "/..a",
					    "HKLM\\A",
					    "HKLM\\A\\\\",
					    "HKU\\S-1\\A\\\\b\\",
					    "eventlog:a/b",
					    "usn:"};
	static const char *const odd[] = {"a",	    "/a/",	 "/a//b",   "/a/./b", "/..",
					  "HKLM\\", "HKLM\\A\\", "Event:a", "HKLM",   ":a"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		assert_true(realm_is_plain(plain[i]));
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		if (realm_is_plain(odd[i]))
			fail_msg("%s", odd[i]);
}

static void what_lies_below_a_key_is_done_before_it(void **unused)
{
	(void)unused;
	static const char *const order[] = {
		"HKLM\\A\\B",	"HKLM\\A\\\\z", "HKLM\\A",
		"HKLM\\A B\\C", "HKLM\\A B",	"HKLM\\A-B",
	};
	struct plan *plan = plan_new();
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		plan_add_step(plan, STEP_REMOVE, order[i]);
	plan_sort(plan);
	size_t key = 0, below = 0;
	vec_each(&plan->steps, step) {
		size_t at = (size_t)(step - plan->steps.v);
		if (strcmp(step->path, "HKLM\\A") == 0)
			key = at;
		if (strncmp(step->path, "HKLM\\A\\", 7) == 0 && at > below)
			below = at;
	}
	assert_true(below < key);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(realms_are_told_by_their_beginning),
		cmocka_unit_test(a_value_follows_two_backslashes),
		cmocka_unit_test(one_spelling_for_each_place),
		cmocka_unit_test(what_lies_below_a_key_is_done_before_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
