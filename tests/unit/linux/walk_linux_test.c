/* SPDX-License-Identifier: MIT */
/* The walk among what only Linux has: any byte in a name, pipes, rights, mounts, few
 * descriptors. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "discover/discover.h"
#include "scratch.h"
#include "walking.h"

static void too_few_descriptors_are_reported(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf path = {0};
	for (int i = 0; i < 100; i++)
		buf_puts(&path, "/d");
	scratch_put_dir(path.data);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){50, files.rlim_max});
	struct seen seen;
	walk(scratch_root, false, &seen);
	setrlimit(RLIMIT_NOFILE, &files);
	assert_int_equal(seen.faults, 1);
	assert_int_equal(seen.error, -EMFILE);
	buf_free(&seen.paths);
}

static void names_are_bytes(void **state)
{
	(void)state;
	static const char *const names[] = {"/new\nline", "/\xff\xfe\x80", "/ ",
					    "/-rf",	  "/\\",	   "/*"};
	struct seen seen;
	for (size_t i = 0; i < 6; i++)
		scratch_put(names[i], "x");
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, 6);
	for (size_t i = 0; i < 6; i++)
		assert_true(saw(&seen, names[i]));
	buf_free(&seen.paths);
}

static void special_files_are_not_opened(void **state)
{
	(void)state;
	struct seen seen;
	_cleanup_free_ char *fifo = scratch_path("/fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	scratch_put_link("/loop", ".");
	scratch_put_link("/out", "/etc");
	walk(scratch_root, false, &seen); /* would wait here for a writer */
	assert_int_equal(seen.entries, 3);
	struct plat_dir *dir;
	struct plat_file *file;
	assert_int_equal(plat_dir_open(scratch_root, &dir), 0);
	assert_int_equal(plat_file_open_at(dir, "fifo", &file), -ENXIO);
	assert_int_equal(plat_file_open_at(dir, "loop", &file), -ELOOP);
	plat_dir_close(dir);
	buf_free(&seen.paths);
}

static void unreadable_directories_are_reported(void **state)
{
	(void)state;
	if (!geteuid())
		skip(); /* root reads all */
	scratch_put_dir("/closed");
	_cleanup_free_ char *closed = scratch_path("/closed");
	chmod(closed, 0);
	struct seen seen;
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.faults, 1);
	assert_int_equal(seen.error, -EACCES);
	buf_free(&seen.paths);
}

/* In a mount namespace of its own: its exit code is what failed. */
static int inside_mounts(void)
{
	_cleanup_free_ char *point = scratch_path("/mnt"), *bind = scratch_path("/bind"),
			    *dir = scratch_path("/dir");
	struct seen seen;
	struct plat_dir *view;
	bool detached;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", point, "tmpfs", 0, NULL) < 0 ||
	    mount(dir, bind, NULL, MS_BIND, NULL) < 0)
		return 77;
	scratch_put("/mnt/above", "x");
	walk(scratch_root, false, &seen);
	if (saw(&seen, "/mnt/above") || saw(&seen, "/bind/file") || !saw(&seen, "/dir/file"))
		return 1;
	if (plat_volume_open(scratch_root, false, &view, &detached) < 0)
		return 2;
	if (!detached)
		return 77;
	struct discover_visitor visitor = {NULL, on_entry, on_fault, &seen, true};
	struct volume volume = {
		.path = (char *)(uintptr_t) "/", .dir = view, .detached = detached};
	buf_cut(&seen.paths, 0);
	if (discover_walk(&volume, &visitor) < 0)
		return 3;
	if (!saw(&seen, "/mnt/hidden") || saw(&seen, "/mnt/above") || saw(&seen, "/bind/file"))
		return 4;
	return 0;
}

static void other_mounts_are_not_entered(void **state)
{
	(void)state;
	scratch_put("/mnt/hidden", "x");
	scratch_put("/dir/file", "x");
	scratch_put_dir("/bind");
	fflush(NULL);
	pid_t pid = fork();
	if (!pid)
		_exit(unshare(CLONE_NEWNS) < 0 ? 77 : inside_mounts());
	int status;
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(too_few_descriptors_are_reported), T(names_are_bytes),
		T(special_files_are_not_opened),     T(unreadable_directories_are_reported),
		T(other_mounts_are_not_entered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
