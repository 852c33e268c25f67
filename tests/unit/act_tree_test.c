/* SPDX-License-Identifier: MIT */
/* Whole trees: what is kept, swapped or added meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "acting.h"
#include "base/mem.h"
#include "base/stop.h"
#include "scratch.h"

/* ---- trees ---- */

static void emptying_keeps_the_directory_and_its_times(void **state)
{
	(void)state;
	small_tree();
	age("/d/t");
	RUN(STEP_EMPTY_TREE, "/d/t", STEP_DONE, NULL);
	assert_false(is_there("/d/t/a") || is_there("/d/t/sub"));
	assert_true(is_aged("/d/t"));
}

static void kept_members_and_their_directories_stay(void **state)
{
	(void)state;
	small_tree();
	age("/d/t/sub");
	age("/d/t");
	struct step *step = step_for(STEP_REMOVE, "/d/t");
	*vec_add(&step->keep) = mem_strdup("/d/t/sub/c");
	act();
	expect(&plan->steps.v[0], STEP_DONE, "stays for the members");
	assert_true(is_there("/d/t/sub/c") && !is_there("/d/t/sub/b") && !is_there("/d/t/a"));
	assert_true(is_aged("/d/t/sub") && is_aged("/d/t"));
}

static const char *refuse_b(const char *path)
{
	return strcmp(path, "/d/t/sub/b") == 0 ? "ours" : NULL;
}

static void a_refused_member_is_told(void **state)
{
	(void)state;
	small_tree();
	on_member = refuse_b;
	step_for(STEP_EMPTY_TREE, "/d/t");
	step_for(STEP_REMOVE, "/d/t");
	act();
	expect(&plan->steps.v[0], STEP_DONE, "sub/b stays: ours");
	expect(&plan->steps.v[1], STEP_SKIPPED, "sub/b stays: ours");
	assert_true(is_there("/d/t/sub/b") && !is_there("/d/t/sub/c"));
}

static void add_to_sub(void)
{
	scratch_put("/d/t/sub/late", SECRET);
}

static void add_to_top(void)
{
	scratch_put("/d/t/late", SECRET);
}

static void members_added_meanwhile_are_no_success(void **state)
{
	(void)state;
	small_tree();
	before_rmdir = add_to_sub;
	RUN(STEP_REMOVE, "/d/t", STEP_SKIPPED, "filled again");
	assert_true(is_there("/d/t/sub/late"));
	scratch_put_dir("/d/e");
	move("/d/t", "/d/old");
	move("/d/e", "/d/t");
	step_for(STEP_REMOVE, "/d/t");
	before_rmdir = add_to_top;
	act();
	expect(&plan->steps.v[1], STEP_SKIPPED, "filled again");
}

static const char *swap_sub(const char *path)
{
	if (strcmp(path, "/d/t/sub") != 0)
		return NULL;
	move("/d/t/sub", "/d/away");
	os_make_link("../../outside", scratch_at("/d/t/sub"));
	return NULL;
}

static const char *swap_sub_directory(const char *path)
{
	if (strcmp(path, "/d/t/sub") != 0)
		return NULL;
	move("/d/t/sub", "/d/away");
	move("/outside", "/d/t/sub");
	return NULL;
}

static void a_member_swapped_for_a_link_leads_nowhere(void **state)
{
	(void)state;
	small_tree();
	if (!os_make_link("nowhere", scratch_at("/d/link"))) {
		print_message("skipped: no symlinks here\n");
		skip();
	}
	on_member = swap_sub;
	RUN(STEP_EMPTY_TREE, "/d/t", STEP_FAILED, "sub");
	assert_string_equal(scratch_text("/outside/precious"), "precious");
}

static void a_member_swapped_for_a_directory_is_not_entered(void **state)
{
	(void)state;
	small_tree();
	on_member = swap_sub_directory;
	RUN(STEP_EMPTY_TREE, "/d/t", STEP_FAILED, "changed meanwhile");
	assert_string_equal(scratch_text("/d/t/sub/precious"), "precious");
}

static void a_deep_tree_goes(void **state)
{
	(void)state;
	enum { LEVELS = 6000, AND_MORE = 100 };
	unsigned levels = os_may_open(LEVELS + AND_MORE) - AND_MORE;
	scratch_put_dir("/d/t");
	levels = os_make_deep(scratch_at("/d/t"), "x", levels);
	print_message("%u levels\n", levels);
	assert_true(levels >= 250);
	RUN(STEP_REMOVE, "/d/t", STEP_DONE, NULL);
	assert_false(is_there("/d/t"));
}

/* ---- stopping: the last test, nothing takes a request back ---- */

static const char *stop_at_sub(const char *path)
{
	if (strncmp(path, "/d/t/sub/", 9) == 0)
		stop_request(STOP_SIGNAL);
	return NULL;
}

static void a_stopped_tree_is_not_done(void **state)
{
	(void)state;
	small_tree();
	step_for(STEP_REMOVE, "/d/t");
	step_for(STEP_REMOVE, "/outside/precious");
	on_member = stop_at_sub;
	act();
	expect(&plan->steps.v[0], STEP_PLANNED, "stopped");
	expect(&plan->steps.v[1], STEP_PLANNED, NULL);
	assert_true(is_there("/d/t/sub") && is_there("/outside/precious"));
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(emptying_keeps_the_directory_and_its_times),
		TEST(kept_members_and_their_directories_stay),
		TEST(a_refused_member_is_told),
		TEST(members_added_meanwhile_are_no_success),
		TEST(a_member_swapped_for_a_link_leads_nowhere),
		TEST(a_member_swapped_for_a_directory_is_not_entered),
		TEST(a_deep_tree_goes),
		TEST(a_stopped_tree_is_not_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
