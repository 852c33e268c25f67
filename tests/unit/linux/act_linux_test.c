/* SPDX-License-Identifier: MIT */
/* The hands on what only Linux has: modes and owners, mounts, processes that write, flags
 * that forbid changes. */
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
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acting.h"
#include "base/mem.h"
#include "scratch.h"

#define NOBODY 65534

/* ---- flags ---- */

enum { MOST_FROZEN = 8 };
static const char *frozen[MOST_FROZEN]; /* to be thawed at the end */
static size_t frozen_count;

static bool set_flags(const char *path, int flags)
{
	int now = 0, fd = open(scratch_at(path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	int r = ioctl(fd, FS_IOC_GETFLAGS, &now);
	now = (now & ~(FS_IMMUTABLE_FL | FS_APPEND_FL)) | flags;
	r = r ? r : ioctl(fd, FS_IOC_SETFLAGS, &now);
	close(fd);
	return r == 0;
}

/* FS_IMMUTABLE_FL and FS_APPEND_FL; skips the test where they can not be set. */
static void change_flags(const char *path, int flags)
{
	assert_true(frozen_count < MOST_FROZEN);
	frozen[frozen_count++] = path;
	if (!set_flags(path, flags)) {
		print_message("skipped: flags of files can not be set here\n");
		skip();
	}
}

static int flags_of(const char *path)
{
	int flags = 0, fd = open(scratch_at(path), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, FS_IOC_GETFLAGS, &flags), 0);
	close(fd);
	return flags & (FS_IMMUTABLE_FL | FS_APPEND_FL);
}

static int end(void **state)
{
	while (frozen_count)
		set_flags(frozen[--frozen_count], 0);
	if (geteuid() == 0)
		while (umount2(scratch_at("/m"), MNT_DETACH) == 0)
			;
	return acting_end(state);
}

/* What only a plain user meets: root gives up its rights on files while `part` plans
 * and the plan is done. */
static void as_user(void (*part)(void))
{
	bool admin = geteuid() == 0;
	if (admin)
		assert_int_equal(seteuid(NOBODY), 0);
	guest_open();
	part();
	act();
	if (admin)
		assert_int_equal(seteuid(0), 0);
}

/* ---- what files are like ---- */

static void creating_takes_permission_bits_only(void **state)
{
	(void)state;
	struct stat st;
	mode_t caller = umask(077);
	step_for(STEP_CREATE, "/d/c")->mode = 04755;
	step_for(STEP_CREATE, "/d/new.d/a");
	act();
	umask(caller);
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	assert_int_equal(stat(scratch_at("/d/c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(scratch_at("/d/new.d"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void replacing_keeps_the_dress_and_overwrites_the_old(void **state)
{
	(void)state;
	char old[9] = {0};
	scratch_put("/d/a", SECRET);
	scratch_put("/d/.a.imgsan-new", "half"); /* of a run that was killed */
	assert_int_equal(chmod(scratch_at("/d/a"), 0640), 0);
	int fd = open(scratch_at("/d/a"), O_RDONLY | O_CLOEXEC);
	RUN(STEP_REPLACE, "/d/a", STEP_DONE, NULL);
	struct stat st;
	assert_int_equal(stat(scratch_at("/d/a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_string_equal(scratch_text("/d/a"), "new\n");
	assert_int_equal(pread(fd, old, 8, 0), 8);
	assert_memory_equal(old, "\0\0\0\0\0\0\0\0", 8);
	close(fd);
	assert_false(is_there("/d/.a.imgsan-new"));
}

static void replacing_a_sparse_file_leaves_its_holes(void **state)
{
	(void)state;
	struct stat st;
	scratch_put("/d/a", SECRET);
	assert_int_equal(truncate(scratch_at("/d/a"), 1LL << 34), 0);
	int fd = open(scratch_at("/d/a"), O_RDONLY | O_CLOEXEC);
	RUN(STEP_REPLACE, "/d/a", STEP_DONE, NULL);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_true(st.st_blocks * 512 < 1 << 20);
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

/* ---- other rights, other mounts ---- */

static void a_full_disk_keeps_the_old_file(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put_dir("/m");
	assert_int_equal(mount("none", scratch_at("/m"), "tmpfs", 0, "size=64k"), 0);
	scratch_put("/m/a", SECRET);
	char *big = mem_alloc(1 << 20);
	struct volume *volume = vec_add(&guest->volumes);
	volume->path = mem_strdup("/m");
	assert_int_equal(
		plat_volume_open(scratch_at("/m"), false, &volume->dir, &volume->detached), 0);
	struct step *step = step_for(STEP_REPLACE, "/m/a");
	free(step->content);
	step->content = big;
	step->content_len = 1 << 20;
	act();
	expect(&plan->steps.v[0], STEP_FAILED, "No space");
	assert_string_equal(scratch_text("/m/a"), SECRET);
	assert_false(is_there("/m/.a.imgsan-new"));
}

static void a_read_only_mount_fails_the_step(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put_dir("/m");
	assert_int_equal(mount("none", scratch_at("/m"), "tmpfs", 0, "size=64k"), 0);
	scratch_put("/m/a", SECRET);
	assert_int_equal(mount("none", scratch_at("/m"), NULL, MS_REMOUNT | MS_RDONLY, NULL),
			 0);
	struct volume *volume = vec_add(&guest->volumes);
	volume->path = mem_strdup("/m");
	assert_int_equal(
		plat_volume_open(scratch_at("/m"), false, &volume->dir, &volume->detached), 0);
	step_for(STEP_REMOVE, "/m/a");
	step_for(STEP_TRUNCATE, "/m/a");
	act();
	vec_each(&plan->steps, step)
		expect(step, STEP_FAILED, "ead-only");
	assert_string_equal(scratch_text("/m/a"), SECRET);
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

/* ---- immutable and append-only ---- */

static void immutable_files_are_changed_and_stay_so(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put("/d/redact", SECRET SECRET);
	scratch_put("/d/replace", SECRET);
	scratch_put("/d/truncate", SECRET);
	scratch_put("/d/remove", SECRET);
	assert_int_equal(link(scratch_at("/d/remove"), scratch_at("/outside/other")), 0);
	static const char *const names[] = {"/d/redact", "/d/replace", "/d/truncate",
					    "/d/remove"};
	for (size_t i = 0; i < 4; i++)
		change_flags(names[i], i == 2 ? FS_APPEND_FL : FS_IMMUTABLE_FL);
	redaction("/d/redact", 0, 8, 8, 8);
	step_for(STEP_REPLACE, "/d/replace");
	step_for(STEP_TRUNCATE, "/d/truncate");
	step_for(STEP_REMOVE, "/d/remove");
	act();
	for (size_t i = 0; i < 3; i++)
		expect(&plan->steps.v[i], STEP_DONE, NULL);
	expect(&plan->steps.v[3], STEP_DONE, "hard links");
	assert_string_equal(scratch_text("/d/redact"), "REDACTEDREDACTED");
	assert_string_equal(scratch_text("/d/replace"), "new\n");
	assert_string_equal(scratch_text("/d/truncate"), "");
	assert_false(is_there("/d/remove"));
	assert_int_equal(flags_of("/d/redact"), FS_IMMUTABLE_FL);
	assert_int_equal(flags_of("/d/replace"), FS_IMMUTABLE_FL);
	assert_int_equal(flags_of("/d/truncate"), FS_APPEND_FL);
	assert_int_equal(flags_of("/outside/other"), FS_IMMUTABLE_FL);
	change_flags("/outside/other", 0);
}

static void an_immutable_file_that_was_swapped_stays_so(void **state)
{
	(void)state;
	scratch_need_mounts();
	scratch_put("/d/a", SECRET);
	scratch_put("/outside/keep", "precious");
	step_for(STEP_TRUNCATE, "/d/a");
	assert_int_equal(unlink(scratch_at("/d/a")) |
				 link(scratch_at("/outside/keep"), scratch_at("/d/a")),
			 0);
	change_flags("/outside/keep", FS_IMMUTABLE_FL);
	act();
	expect(&plan->steps.v[0], STEP_SKIPPED, "changed since");
	assert_int_equal(flags_of("/outside/keep"), FS_IMMUTABLE_FL);
	assert_string_equal(scratch_text("/outside/keep"), "precious");
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

#define T(name) cmocka_unit_test_setup_teardown(name, acting_start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(creating_takes_permission_bits_only),
		T(replacing_keeps_the_dress_and_overwrites_the_old),
		T(replacing_a_sparse_file_leaves_its_holes),
		T(a_file_held_open_is_emptied),
		T(an_append_only_log_held_open_is_emptied),
		T(a_full_disk_keeps_the_old_file),
		T(a_read_only_mount_fails_the_step),
		T(an_unreadable_directory_fails_the_step),
		T(other_mounts_stay),
		T(a_mount_point_that_came_later_fails_the_step),
		T(immutable_files_are_changed_and_stay_so),
		T(an_immutable_file_that_was_swapped_stays_so),
		T(immutable_directories_stay_so),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
