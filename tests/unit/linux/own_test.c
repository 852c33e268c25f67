/* SPDX-License-Identifier: MIT */
/* Our own files in places where other users can write. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "platform.h"
#include "scratch.h"

#define NOBODY 65534

static void put(const char *path, const char *text, mode_t mode)
{
	scratch_put(path, text);
	assert_int_equal(chmod(scratch_at(path), mode), 0);
}

static void put_dir(const char *path, mode_t mode)
{
	scratch_put_dir(path);
	assert_int_equal(chmod(scratch_at(path), mode), 0);
}

static bool is_link(const char *path)
{
	struct stat st;
	return !lstat(scratch_at(path), &st) && S_ISLNK(st.st_mode);
}

static unsigned names_in(const char *path)
{
	unsigned count = 0;
	DIR *dir = opendir(scratch_at(path));
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void give_away(const char *path)
{
	assert_int_equal(lchown(scratch_at(path), NOBODY, NOBODY), 0);
}

static int start(void **state)
{
	assert_int_equal(scratch_make(state), 0);
	put("/precious", "precious", 0600);
	put_dir("/d", 0755);
	alarm(20); /* nothing here may wait for a FIFO */
	return 0;
}

static int end(void **state)
{
	alarm(0);
	return scratch_remove(state);
}

static int write_to(const char *path)
{
	return plat_out_write(scratch_at(path), "report", 6);
}

static int read_from(const char *path)
{
	struct buf text = {0};
	int r = plat_trusted_read(scratch_at(path), 100, &text);
	if (!r)
		assert_string_equal(buf_text(&text), "rules");
	buf_free(&text);
	return r;
}

/* ---- writing ---- */

static void a_report_is_for_its_owner_only(void **state)
{
	(void)state;
	struct stat st;
	put("/d/report", "old", 0666);
	assert_int_equal(write_to("/d/report"), 0);
	assert_int_equal(stat(scratch_at("/d/report"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_string_equal(scratch_text("/d/report"), "report");
	assert_int_equal(names_in("/d"), 1);
	assert_int_equal(write_to("/d/"), -EISDIR);
	assert_int_equal(write_to("/d"), -EISDIR);
	assert_int_equal(write_to("/no/report"), -ENOENT);
	assert_int_equal(write_to("/precious/report"), -ENOTDIR);
}

static void a_report_replaces_one_name_of_a_file(void **state)
{
	(void)state;
	assert_int_equal(link(scratch_at("/precious"), scratch_at("/d/report")), 0);
	assert_int_equal(write_to("/d/report"), 0);
	assert_string_equal(scratch_text("/precious"), "precious");
}

static void directories_that_others_write_are_refused(void **state)
{
	(void)state;
	put_dir("/d/in", 0755);
	put("/d/in/rules", "rules", 0644);
	assert_int_equal(write_to("/d/in/report") | read_from("/d/in/rules"), 0);
	static const char *const folders[] = {"/d/in", "/d"}; /* the second one lies above */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(chmod(scratch_at(folders[i]), 0777), 0);
		assert_int_equal(write_to("/d/in/report"), -EPERM);
		assert_int_equal(read_from("/d/in/rules"), -EPERM);
		assert_int_equal(chmod(scratch_at(folders[i]), 0775), 0);
		assert_int_equal(write_to("/d/in/report"), -EPERM);
		assert_int_equal(read_from("/d/in/rules"), -EPERM);
		assert_int_equal(chmod(scratch_at(folders[i]), 01777), 0);
		assert_int_equal(write_to("/d/in/report"), 0);
		assert_int_equal(read_from("/d/in/rules"), 0);
		assert_int_equal(chmod(scratch_at(folders[i]), 0755), 0);
	}
}

static void a_way_through_another_users_hands_is_refused(void **state)
{
	(void)state;
	scratch_need_mounts();
	put_dir("/theirs", 0755);
	put_dir("/theirs/in", 0755);
	put("/theirs/in/rules", "rules", 0644);
	assert_int_equal(symlink("../d", scratch_at("/theirs/link")), 0);
	give_away("/theirs");
	assert_int_equal(write_to("/theirs/in/report"), -EPERM);
	assert_int_equal(read_from("/theirs/in/rules"), -EPERM);
	assert_int_equal(write_to("/theirs/link/report"), -EPERM);
	put_dir("/tmp", 01777);
	assert_int_equal(symlink("../d", scratch_at("/tmp/link")), 0);
	assert_int_equal(symlink("../d", scratch_at("/tmp/mine")), 0);
	give_away("/tmp/link");
	assert_int_equal(write_to("/tmp/link/report"), -EPERM);
	assert_int_equal(names_in("/d"), 0);
	assert_int_equal(write_to("/tmp/mine/report"), 0);
	assert_string_equal(scratch_text("/d/report"), "report");
}

static void a_planted_link_is_replaced(void **state)
{
	(void)state;
	scratch_need_mounts();
	put_dir("/tmp", 01777);
	assert_int_equal(symlink("../precious", scratch_at("/tmp/report")), 0);
	give_away("/tmp/report");
	assert_int_equal(write_to("/tmp/report"), 0);
	assert_false(is_link("/tmp/report"));
	assert_string_equal(scratch_text("/precious"), "precious");
}

static void a_planted_pipe_gets_nothing(void **state)
{
	(void)state;
	scratch_need_mounts();
	char byte;
	put_dir("/tmp", 01777);
	assert_int_equal(mkfifo(scratch_at("/tmp/report"), 0666), 0);
	give_away("/tmp/report");
	int fd = open(scratch_at("/tmp/report"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(write_to("/tmp/report"), -EPERM);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

static void own_links_and_pipes_are_written_through(void **state)
{
	(void)state;
	char text[6];
	assert_int_equal(mkfifo(scratch_at("/d/pipe"), 0600), 0);
	assert_int_equal(symlink("pipe", scratch_at("/d/out")), 0);
	assert_int_equal(symlink("../precious", scratch_at("/d/file")), 0);
	int fd = open(scratch_at("/d/pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(write_to("/d/pipe"), 0);
	assert_int_equal(read(fd, text, 6), 6);
	assert_memory_equal(text, "report", 6);
	assert_int_equal(write_to("/d/out"), 0);
	assert_int_equal(read(fd, text, 6), 6);
	close(fd);
	assert_true(is_link("/d/out"));
	assert_int_equal(write_to("/d/file"), -ELOOP);
	assert_true(is_link("/d/file"));
	assert_string_equal(scratch_text("/precious"), "precious");
}

static void a_failed_report_leaves_nothing(void **state)
{
	(void)state;
	scratch_need_mounts();
	static char big[1 << 20];
	put_dir("/m", 0755);
	assert_int_equal(mount("none", scratch_at("/m"), "tmpfs", 0, "size=64k,mode=755"), 0);
	put("/m/report", "old", 0600);
	assert_int_equal(plat_out_write(scratch_at("/m/report"), big, sizeof big), -ENOSPC);
	assert_string_equal(scratch_text("/m/report"), "old");
	assert_int_equal(names_in("/m"), 1);
	umount2(scratch_at("/m"), MNT_DETACH);
}

static void a_relative_report_lands_here(void **state)
{
	(void)state;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(chdir(scratch_at("/d")), 0);
	int plain = plat_out_write("report", "report", 6);
	int above = plat_out_write("../d/./other", "report", 6);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_int_equal(plain | above, 0);
	assert_int_equal(names_in("/d"), 2);
}

/* ---- reading ---- */

static void rules_that_others_write_are_refused(void **state)
{
	(void)state;
	put("/d/rules", "rules", 0644);
	assert_int_equal(read_from("/d/rules"), 0);
	assert_int_equal(chmod(scratch_at("/d/rules"), 0664), 0);
	assert_int_equal(read_from("/d/rules"), -EPERM);
	assert_int_equal(chmod(scratch_at("/d/rules"), 0646), 0);
	assert_int_equal(read_from("/d/rules"), -EPERM);
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(scratch_at("/d/rules"), 0644), 0);
	give_away("/d/rules");
	assert_int_equal(read_from("/d/rules"), -EPERM);
}

static void links_to_rules_are_followed_if_ours(void **state)
{
	(void)state;
	put_dir("/d/in", 0755);
	put("/d/in/rules", "rules", 0644);
	assert_int_equal(symlink("in/rules", scratch_at("/d/near")), 0);
	assert_int_equal(symlink(scratch_at("/d/near"), scratch_at("/far")), 0);
	assert_int_equal(symlink("loop", scratch_at("/d/loop")), 0);
	assert_int_equal(read_from("/d/near") | read_from("/far"), 0);
	assert_int_equal(read_from("/d/loop"), -ELOOP);
	assert_int_equal(chmod(scratch_at("/d/in"), 0777), 0);
	assert_int_equal(read_from("/far"), -EPERM);
	assert_int_equal(chmod(scratch_at("/d/in"), 0755), 0);
	if (geteuid() != 0)
		return;
	give_away("/d/near");
	assert_int_equal(read_from("/far"), -EPERM);
}

static void only_short_regular_files_are_read(void **state)
{
	(void)state;
	put("/d/long", "", 0644);
	assert_int_equal(truncate(scratch_at("/d/long"), 101), 0);
	assert_int_equal(mkfifo(scratch_at("/d/pipe"), 0600), 0);
	assert_int_equal(read_from("/d/long"), -EFBIG);
	assert_int_equal(read_from("/d/pipe"), -ENXIO);
	assert_int_equal(read_from("/d"), -ENXIO);
	assert_int_equal(read_from("/d/no"), -ENOENT);
}

/* ---- the lock ---- */

static void one_lock_for_a_guest(void **state)
{
	(void)state;
	struct plat_dir *dir;
	struct plat_lock *first, *second;
	assert_int_equal(plat_dir_open(scratch_at("/d"), &dir), 0);
	assert_int_equal(plat_lock_take(dir, &first), 0);
	assert_int_equal(plat_lock_take(dir, &second), -EBUSY);
	plat_lock_drop(first);
	assert_int_equal(plat_lock_take(dir, &second), 0);
	plat_lock_drop(second);
	assert_int_equal(names_in("/d"), 0);
	plat_dir_close(dir);
}

static void take_with_run(unsigned long flags, const char *options, mode_t squatted)
{
	struct plat_dir *dir;
	struct plat_lock *lock, *second;
	struct stat st;
	assert_int_equal(plat_dir_open(scratch_at("/d"), &dir), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", flags, options), 0);
	if (squatted) {
		assert_int_equal(mkdir("/run/imgsan", 0700), 0);
		assert_int_equal(chmod("/run/imgsan", squatted), 0);
	}
	int r = plat_lock_take(dir, &lock);
	int again = r ? 0 : plat_lock_take(dir, &second);
	if (!r)
		plat_lock_drop(lock);
	int left = stat("/run/imgsan", &st);
	umount2("/run", MNT_DETACH);
	plat_dir_close(dir);
	assert_int_equal(r, 0);
	assert_int_equal(again, -EBUSY);
	assert_int_equal(left, squatted ? 0 : -1);
}

static void the_lock_does_without_run(void **state)
{
	(void)state;
	scratch_need_mounts();
	take_with_run(0, "mode=755", 0);
	take_with_run(MS_RDONLY, "mode=755", 0);
	take_with_run(0, "mode=755", 0777);
}

/* A live verify takes what is being written for no leftover only after a clean. */
static void a_clean_is_remembered(void **state)
{
	(void)state;
	struct plat_dir *dir, *other;
	scratch_need_mounts();
	scratch_put_dir("/other");
	assert_int_equal(plat_dir_open(scratch_at("/d"), &dir), 0);
	assert_int_equal(plat_dir_open(scratch_at("/other"), &other), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", 0, "mode=755"), 0);
	bool before = plat_cleaned_since_boot(dir);
	plat_cleaned_mark(dir);
	bool after = plat_cleaned_since_boot(dir), elsewhere = plat_cleaned_since_boot(other);
	bool narrow = chmod("/run/imgsan", 0777) == 0 && !plat_cleaned_since_boot(dir);
	umount2("/run", MNT_DETACH);
	plat_dir_close(dir);
	plat_dir_close(other);
	assert_false(before);
	assert_true(after);
	assert_false(elsewhere);
	assert_true(narrow);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_is_for_its_owner_only),
		TEST(a_report_replaces_one_name_of_a_file),
		TEST(directories_that_others_write_are_refused),
		TEST(a_way_through_another_users_hands_is_refused),
		TEST(a_planted_link_is_replaced),
		TEST(a_planted_pipe_gets_nothing),
		TEST(own_links_and_pipes_are_written_through),
		TEST(a_failed_report_leaves_nothing),
		TEST(a_relative_report_lands_here),
		TEST(rules_that_others_write_are_refused),
		TEST(links_to_rules_are_followed_if_ours),
		TEST(only_short_regular_files_are_read),
		TEST(one_lock_for_a_guest),
		TEST(the_lock_does_without_run),
		TEST(a_clean_is_remembered),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
