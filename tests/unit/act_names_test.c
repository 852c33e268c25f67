/* SPDX-License-Identifier: MIT */
/* Steps against single names: what is linked, swapped or gone; and the guard. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "acting.h"
#include "mutate.h"
#include "scratch.h"

/* ---- single names ---- */

static void removing_keeps_the_times_of_the_directory(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	age("/d");
	RUN(STEP_REMOVE, "/d/a", STEP_DONE, NULL);
	assert_false(is_there("/d/a"));
	assert_true(is_aged("/d"));
}

static void removing_a_link_leaves_its_target(void **state)
{
	(void)state;
	scratch_put_link("/d/link", "../outside");
	RUN(STEP_REMOVE, "/d/link", STEP_DONE, NULL);
	assert_false(is_there("/d/link"));
	assert_string_equal(scratch_text("/outside/precious"), "precious");
}

static void another_file_under_the_name_is_skipped(void **state)
{
	(void)state;
	static const enum action all[] = {STEP_REMOVE, STEP_TRUNCATE, STEP_REDACT,
					  STEP_REPLACE};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		scratch_put("/d/a", SECRET);
		struct step *step = step_for(all[i], "/d/a");
		if (all[i] == STEP_REDACT)
			*vec_add(&step->ranges) = (struct range){0, 8, {0}};
		scratch_put("/d/b", "precious");
		move("/d/b", "/d/a");
		act();
		expect(&plan->steps.v[i], STEP_SKIPPED, "changed since");
		assert_string_equal(scratch_text("/d/a"), "precious");
	}
}

static void a_link_on_the_way_is_skipped(void **state)
{
	(void)state;
	scratch_put_dir("/d/sub");
	scratch_put("/d/sub/precious", SECRET);
	step_for(STEP_REMOVE, "/d/sub/precious");
	move("/d/sub", "/d/gone");
	scratch_put_link("/d/sub", "../outside");
	act();
	expect(&plan->steps.v[0], STEP_SKIPPED, "a link is in the way");
	assert_string_equal(scratch_text("/outside/precious"), "precious");
}

static void what_is_gone_is_done_but_for_new_content(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	scratch_put("/d/b", SECRET);
	step_for(STEP_REMOVE, "/d/a");
	step_for(STEP_REPLACE, "/d/b");
	step_for(STEP_CREATE, "/d/no/such/c");
	drop("/d/a");
	drop("/d/b");
	act();
	expect(&plan->steps.v[0], STEP_DONE, "gone already");
	expect(&plan->steps.v[1], STEP_SKIPPED, "changed since");
	expect(&plan->steps.v[2], STEP_FAILED, "No such file");
}

static const struct {
	enum action action;
	const char *path;
} wrong_kinds[] = {
	{STEP_EMPTY_TREE, "/d/file"}, {STEP_TRUNCATE, "/d"},	  {STEP_REDACT, "/d"},
	{STEP_REPLACE, "/d"},	      {STEP_TRUNCATE, "/d/link"}, {STEP_REPLACE, "/d/link"},
	{STEP_TRUNCATE, "/d/pipe"},   {STEP_REDACT, "/d/pipe"},	  {STEP_REPLACE, "/d/pipe"},
};

/* Where there are such; an opened pipe would wait. */
static void actions_on_the_wrong_kind_are_skipped(void **state)
{
	(void)state;
	scratch_put("/d/file", "text");
	bool pipe = os_make_pipe(scratch_at("/d/pipe"));
	bool link = os_make_link("file", scratch_at("/d/link"));
	if (!pipe || !link)
		print_message("skipped: no pipes or symlinks here\n");
	for (size_t i = 0; i < sizeof wrong_kinds / sizeof *wrong_kinds; i++)
		if (is_there(wrong_kinds[i].path))
			step_for(wrong_kinds[i].action, wrong_kinds[i].path);
	act();
	assert_true(plan->steps.n >= 4);
	vec_each(&plan->steps, step)
		expect(step, STEP_SKIPPED, "not a kind");
	assert_string_equal(scratch_text("/d/file"), "text");
	struct plat_dir *dir;
	struct plat_file *file;
	assert_int_equal(plat_dir_open(scratch_at("/d"), &dir), 0);
	assert_int_equal(plat_file_open_write(dir, "pipe", &file), pipe ? -ENXIO : -ENOENT);
	assert_int_equal(plat_file_open_write(dir, "link", &file), link ? -ELOOP : -ENOENT);
	plat_dir_close(dir);
}

static void truncating_spares_other_names(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	scratch_put("/d/b", SECRET);
	give_name("/d/b", "/outside/b");
	step_for(STEP_TRUNCATE, "/d/a");
	step_for(STEP_TRUNCATE, "/d/b");
	act();
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	expect(&plan->steps.v[1], STEP_SKIPPED, "hard links");
	assert_string_equal(scratch_text("/d/a"), "");
	assert_string_equal(scratch_text("/outside/b"), SECRET);
}

/* ---- the guard ---- */

static void the_guard_knows_every_spelling(void **state)
{
	(void)state;
	struct plat_info file = {.kind = PLAT_FILE}, dir = {.kind = PLAT_DIR},
			 link = {.kind = PLAT_SYMLINK};
	static const char *const odd[] = {"//etc//passwd", "/etc/../etc/passwd",
					  "/etc/./passwd", "/etc/passwd/",
					  "/home/",	   "//",
					  "/..",	   "/.",
					  "etc",	   "",
					  "/d/.."};
	for (int action = 0; action < STEP_ACTION_COUNT; action++)
		for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
			assert_non_null(
				guard_refuses(guard, (enum action)action, odd[i], &file));
	assert_null(guard_refuses(guard, STEP_REMOVE, "/d/..a/.b/...", &file));
	assert_null(guard_refuses(guard, STEP_EMPTY_TREE, "/tmp", &dir));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/tmp", &dir));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/", &dir));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/bin", &link));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/home/u", &dir));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/etc/passwd", &file));
	assert_non_null(guard_refuses(guard, STEP_CREATE, "/usr/bin/new", &file));
	assert_non_null(guard_refuses(guard, STEP_REPLACE, "/usr/bin/env", &file));
	assert_null(guard_refuses(guard, STEP_REPLACE, "/etc/passwd", &file));
}

static void own_files_stay_under_any_name(void **state)
{
	(void)state;
	scratch_put("/d/report", "ours");
	give_name("/d/report", "/d/other");
	const char *own[] = {scratch_at("/d/report"), NULL};
	guard_free(guard);
	guard = guard_new(guest, own, 2);
	step_for(STEP_REMOVE, "/d/other");
	step_for(STEP_EMPTY_TREE, "/d");
	act();
	expect(&plan->steps.v[0], STEP_SKIPPED, "belongs to this run");
	expect(&plan->steps.v[1], STEP_DONE, "belongs to this run");
	assert_string_equal(scratch_text("/d/report"), "ours");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(removing_keeps_the_times_of_the_directory),
		TEST(removing_a_link_leaves_its_target),
		TEST(another_file_under_the_name_is_skipped),
		TEST(a_link_on_the_way_is_skipped),
		TEST(what_is_gone_is_done_but_for_new_content),
		TEST(actions_on_the_wrong_kind_are_skipped),
		TEST(truncating_spares_other_names),
		TEST(the_guard_knows_every_spelling),
		TEST(own_files_stay_under_any_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
