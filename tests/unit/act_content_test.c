/* SPDX-License-Identifier: MIT */
/* Steps that write: redaction and new content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "acting.h"
#include "base/mem.h"
#include "scratch.h"

/* ---- redaction ---- */
static void redaction_syncs_once(void **state)
{
	(void)state;
	scratch_put("/d/a", "k=" SECRET "\nk=" SECRET "\n");
	redaction("/d/a", 2, 8, 13, 8);
	syncs = 0;
	act();
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/a"), "k=REDACTED\nk=REDACTED\n");
	assert_int_equal(syncs, 1);
}

static void bad_ranges_write_nothing(void **state)
{
	(void)state;
	static const struct range bad[] = {
		{4, 8, {0}},	      {100, 1, {0}},	    {0, 4, {0}},	 {20, 0, {0}},
		{8, UINT64_MAX, {0}}, {UINT64_MAX, 8, {0}}, {8, 1ull << 40, {0}}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scratch_put("/d/a", SECRET SECRET SECRET);
		redaction("/d/a", 0, 8, bad[i].offset, bad[i].length);
		act();
		struct step *step = &plan->steps.v[i];
		assert_true(step->state == STEP_SKIPPED || step->state == STEP_FAILED);
		assert_string_equal(scratch_text("/d/a"), SECRET SECRET SECRET);
	}
}

static void redaction_spares_changed_and_linked_files(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET SECRET);
	scratch_put("/d/b", SECRET SECRET);
	redaction("/d/a", 0, 4, 8, 4);
	age("/d/a");
	redaction("/d/b", 0, 4, 8, 4);
	give_name("/d/b", "/outside/b");
	redaction("/d/b", 0, 4, 8, 4);
	act();
	vec_each(&plan->steps, step)
		expect(step, STEP_SKIPPED, "changed since");
	assert_string_equal(scratch_text("/d/a"), SECRET SECRET);
	assert_string_equal(scratch_text("/outside/b"), SECRET SECRET);
}

/* ---- new content ---- */

static void replacing_takes_the_place_of_the_old(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	scratch_put("/d/.a.imgsan-new", "half"); /* of a run that was killed */
	RUN(STEP_REPLACE, "/d/a", STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/a"), "new\n");
	assert_false(is_there("/d/.a.imgsan-new"));
}

static void replacing_spares_other_names(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	give_name("/d/a", "/outside/a");
	step_for(STEP_REPLACE, "/d/a");
	act();
	assert_string_equal(scratch_text("/outside/a"), SECRET);
	if (plan->steps.v[0].state == STEP_FAILED) {
		expect(&plan->steps.v[0], STEP_FAILED, "busy");
		print_message("skipped: no name is taken from a file that is open here\n");
		skip();
	}
	expect(&plan->steps.v[0], STEP_DONE, "hard links");
	assert_string_equal(scratch_text("/d/a"), "new\n");
}

static void appear(void)
{
	before_rename = NULL;
	scratch_put("/d/a", "precious");
}

static void creating_overwrites_nothing(void **state)
{
	(void)state;
	scratch_put("/d/b", "precious");
	step_for(STEP_CREATE, "/d/a");
	step_for(STEP_CREATE, "/d/b");
	step_for(STEP_CREATE, "/d/c");
	before_rename = appear; /* after the look, before the new name */
	act();
	expect(&plan->steps.v[0], STEP_SKIPPED, "already");
	expect(&plan->steps.v[1], STEP_SKIPPED, "already");
	expect(&plan->steps.v[2], STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/a"), "precious");
	assert_string_equal(scratch_text("/d/b"), "precious");
	assert_string_equal(scratch_text("/d/c"), "new\n");
	assert_false(is_there("/d/.a.imgsan-new"));
}

static void creating_makes_one_directory(void **state)
{
	(void)state;
	step_for(STEP_CREATE, "/d/new.d/a");
	act();
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/new.d/a"), "new\n");
	assert_false(is_there("/d/no"));
}

static void what_stands_on_a_failed_creation_is_skipped(void **state)
{
	(void)state;
	scratch_put("/d/key", SECRET);
	scratch_put("/d/other", SECRET);
	step_for(STEP_CREATE, "/d/no/such/c");
	step_for(STEP_CREATE, "/d/c");
	step_for(STEP_REMOVE, "/d/key");
	step_for(STEP_REMOVE, "/d/other")->name = "another";
	act();
	expect(&plan->steps.v[0], STEP_FAILED, "No such file");
	expect(&plan->steps.v[1], STEP_DONE, NULL);
	expect(&plan->steps.v[2], STEP_SKIPPED, "relies on");
	expect(&plan->steps.v[3], STEP_DONE, NULL);
	assert_true(is_there("/d/key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(redaction_syncs_once),
		TEST(bad_ranges_write_nothing),
		TEST(redaction_spares_changed_and_linked_files),
		TEST(replacing_takes_the_place_of_the_old),
		TEST(replacing_spares_other_names),
		TEST(creating_overwrites_nothing),
		TEST(creating_makes_one_directory),
		TEST(what_stands_on_a_failed_creation_is_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
