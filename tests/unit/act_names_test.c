/* SPDX-License-Identifier: MIT */
/* Steps against single names: what is held, linked, swapped or gone; and the guard. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
	assert_int_equal(symlink("../outside", scratch_at("/d/link")), 0);
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
		assert_int_equal(rename(scratch_at("/d/b"), scratch_at("/d/a")), 0);
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
	assert_int_equal(rename(scratch_at("/d/sub"), scratch_at("/d/gone")), 0);
	assert_int_equal(symlink("../outside", scratch_at("/d/sub")), 0);
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
	assert_int_equal(unlink(scratch_at("/d/a")) | unlink(scratch_at("/d/b")), 0);
	act();
	expect(&plan->steps.v[0], STEP_DONE, "gone already");
	expect(&plan->steps.v[1], STEP_SKIPPED, "changed since");
	expect(&plan->steps.v[2], STEP_FAILED, "No such file");
}

static void actions_on_the_wrong_kind_are_skipped(void **state)
{
	(void)state;
	alarm(10); /* an opened FIFO would wait */
	scratch_put("/d/file", "text");
	assert_int_equal(mkfifo(scratch_at("/d/fifo"), 0600), 0);
	assert_int_equal(symlink("file", scratch_at("/d/link")), 0);
	static const struct {
		enum action action;
		const char *path;
	} all[] = {{STEP_EMPTY_TREE, "/d/file"}, {STEP_TRUNCATE, "/d/fifo"},
		   {STEP_REDACT, "/d/fifo"},	 {STEP_REPLACE, "/d/fifo"},
		   {STEP_TRUNCATE, "/d/link"},	 {STEP_TRUNCATE, "/d"},
		   {STEP_REDACT, "/d"},		 {STEP_REPLACE, "/d/link"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		step_for(all[i].action, all[i].path);
	act();
	vec_each(&plan->steps, step)
		expect(step, STEP_SKIPPED, "not a kind");
	assert_string_equal(scratch_text("/d/file"), "text");
	struct plat_dir *dir;
	struct plat_file *file;
	assert_int_equal(plat_dir_open(scratch_at("/d"), &dir), 0);
	assert_int_equal(plat_file_open_write(dir, "fifo", &file), -ENXIO);
	assert_int_equal(plat_file_open_write(dir, "link", &file), -ELOOP);
	plat_dir_close(dir);
	alarm(0);
}

static void truncating_spares_other_names(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	scratch_put("/d/b", SECRET);
	assert_int_equal(link(scratch_at("/d/b"), scratch_at("/outside/b")), 0);
	step_for(STEP_TRUNCATE, "/d/a");
	step_for(STEP_TRUNCATE, "/d/b");
	act();
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	expect(&plan->steps.v[1], STEP_SKIPPED, "hard links");
	assert_string_equal(scratch_text("/d/a"), "");
	assert_string_equal(scratch_text("/outside/b"), SECRET);
}

/* ---- held open ---- */

static void held_open_is_emptied(bool append_only)
{
	int ready[2], go[2];
	char byte;
	scratch_put("/d/log", SECRET);
	assert_int_equal(pipe(ready) | pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(scratch_at("/d/log"), O_WRONLY | O_APPEND | O_CLOEXEC);
		close(go[1]);
		_exit(fd < 0 || write(ready[1], "x", 1) != 1 || read(go[0], &byte, 1) != 0);
	}
	close(go[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	if (append_only)
		change_flags("/d/log", FS_APPEND_FL);
	step_for(STEP_REMOVE, "/d/log");
	act();
	close(go[1]);
	close(ready[0]);
	close(ready[1]);
	waitpid(pid, NULL, 0);
	expect(&plan->steps.v[0], STEP_DONE, "emptied, not removed");
	assert_string_equal(scratch_text("/d/log"), "");
	if (append_only)
		assert_int_equal(flags_of("/d/log"), FS_APPEND_FL);
}

static void a_file_held_open_is_emptied(void **state)
{
	(void)state;
	held_open_is_emptied(false);
}

static void an_append_only_log_held_open_is_emptied(void **state)
{
	(void)state;
	scratch_need_mounts();
	held_open_is_emptied(true);
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
	assert_int_equal(link(scratch_at("/d/report"), scratch_at("/d/other")), 0);
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
		TEST(a_file_held_open_is_emptied),
		TEST(an_append_only_log_held_open_is_emptied),
		TEST(the_guard_knows_every_spelling),
		TEST(own_files_stay_under_any_name),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
