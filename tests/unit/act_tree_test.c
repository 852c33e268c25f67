/* SPDX-License-Identifier: MIT */
/* Whole trees: what is kept, swapped, mounted or added meanwhile. */
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
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acting.h"
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
	assert_int_equal(rename(scratch_at("/d/t"), scratch_at("/d/old")) |
				 rename(scratch_at("/d/e"), scratch_at("/d/t")),
			 0);
	step_for(STEP_REMOVE, "/d/t");
	before_rmdir = add_to_top;
	act();
	expect(&plan->steps.v[1], STEP_SKIPPED, "filled again");
}

static const char *swap_sub(const char *path)
{
	if (strcmp(path, "/d/t/sub") != 0)
		return NULL;
	assert_int_equal(rename(scratch_at("/d/t/sub"), scratch_at("/d/away")), 0);
	assert_int_equal(symlink("../../outside", scratch_at("/d/t/sub")), 0);
	return NULL;
}

static const char *swap_sub_directory(const char *path)
{
	if (strcmp(path, "/d/t/sub") != 0)
		return NULL;
	assert_int_equal(rename(scratch_at("/d/t/sub"), scratch_at("/d/away")), 0);
	assert_int_equal(rename(scratch_at("/outside"), scratch_at("/d/t/sub")), 0);
	return NULL;
}

static void a_member_swapped_for_a_link_leads_nowhere(void **state)
{
	(void)state;
	small_tree();
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
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	int levels = files.rlim_cur > 7000 ? 6000 : (int)files.rlim_cur - 100;
	scratch_put_dir("/d/t");
	int fd = open(scratch_at("/d/t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < levels; i++) {
		assert_int_equal(mkdirat(fd, "x", 0755), 0);
		int next = openat(fd, "x", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);
	RUN(STEP_REMOVE, "/d/t", STEP_DONE, NULL);
	assert_false(is_there("/d/t"));
}

static void plan_unreadable(void)
{
	assert_int_equal(chmod(scratch_at("/d/t/sub"), 0), 0);
	step_for(STEP_REMOVE, "/d/t");
}

static void an_unreadable_directory_fails_the_step(void **state)
{
	(void)state;
	small_tree();
	if (geteuid() == 0) {
		static const char *const own[] = {"", "/d", "/d/t", "/d/t/sub"};
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			assert_int_equal(chown(scratch_at(own[i]), NOBODY, NOBODY), 0);
	}
	as_user(plan_unreadable);
	expect(&plan->steps.v[0], STEP_FAILED, "sub: Permission denied");
	assert_int_equal(chmod(scratch_at("/d/t/sub"), 0755), 0);
	assert_true(is_there("/d/t/sub/b") && !is_there("/d/t/a"));
}

static void plan_mounts(void)
{
	assert_false(guest->volumes.v[0].detached);
	step_for(STEP_EMPTY_TREE, "/d");
	step_for(STEP_EMPTY_TREE, "/m");
	step_for(STEP_REMOVE, "/m/a");
	step_for(STEP_CREATE, "/m/new");
}

/* Without the right to clone mounts the others show through. */
static void other_mounts_stay(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put_dir("/m");
	scratch_put_dir("/d/in");
	assert_int_equal(mount("none", scratch_at("/m"), "tmpfs", 0, "size=64k,mode=777"), 0);
	scratch_put("/m/a", "precious");
	assert_int_equal(mount(scratch_at("/m"), scratch_at("/d/in"), NULL, MS_BIND, NULL), 0);
	assert_int_equal(chown(scratch_root, NOBODY, NOBODY) |
				 chown(scratch_at("/d"), NOBODY, NOBODY),
			 0);
	as_user(plan_mounts);
	umount2(scratch_at("/d/in"), MNT_DETACH);
	expect(&plan->steps.v[0], STEP_DONE, "in stays: another mount");
	for (size_t i = 1; i < plan->steps.n; i++)
		expect(&plan->steps.v[i], STEP_SKIPPED, "another mount");
	assert_string_equal(scratch_text("/m/a"), "precious");
}

static void a_mount_point_that_came_later_fails_the_step(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put_dir("/d/t");
	scratch_put_dir("/d/t/in");
	assert_int_equal(mount("none", scratch_at("/d/t/in"), "tmpfs", 0, "size=64k"), 0);
	scratch_put("/d/t/in/a", "precious");
	step_for(STEP_REMOVE, "/d/t");
	act();
	bool there = is_there("/d/t/in/a");
	umount2(scratch_at("/d/t/in"), MNT_DETACH);
	expect(&plan->steps.v[0], STEP_FAILED, "in: Device or resource busy");
	assert_true(there);
}
static void immutable_directories_stay_so(void **state)
{
	(void)state;
	scratch_need_mounts();
	small_tree();
	scratch_put("/d/x", SECRET);
	change_flags("/d/t/sub", FS_APPEND_FL);
	change_flags("/d/t", FS_IMMUTABLE_FL);
	change_flags("/d", FS_IMMUTABLE_FL);
	struct step *step = step_for(STEP_EMPTY_TREE, "/d/t");
	*vec_add(&step->keep) = mem_strdup("/d/t/sub/c");
	step_for(STEP_REMOVE, "/d/x");
	act();
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	expect(&plan->steps.v[1], STEP_DONE, NULL);
	assert_true(is_there("/d/t/sub/c") && !is_there("/d/t/sub/b") && !is_there("/d/x"));
	assert_int_equal(flags_of("/d"), FS_IMMUTABLE_FL);
	assert_int_equal(flags_of("/d/t"), FS_IMMUTABLE_FL);
	assert_int_equal(flags_of("/d/t/sub"), FS_APPEND_FL);
	step_for(STEP_REMOVE, "/d/t");
	act();
	expect(&plan->steps.v[2], STEP_DONE, NULL);
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
		TEST(an_unreadable_directory_fails_the_step),
		TEST(other_mounts_stay),
		TEST(a_mount_point_that_came_later_fails_the_step),
		TEST(immutable_directories_stay_so),
		TEST(a_stopped_tree_is_not_done),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
