/* SPDX-License-Identifier: MIT */
/* Steps that write: redaction, new content, full and read-only disks, immutable files. */
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
#include <sys/stat.h>
#include <unistd.h>

#include "acting.h"
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
	assert_int_equal(link(scratch_at("/d/b"), scratch_at("/outside/b")), 0);
	redaction("/d/b", 0, 4, 8, 4);
	act();
	vec_each(&plan->steps, step)
		expect(step, STEP_SKIPPED, "changed since");
	assert_string_equal(scratch_text("/d/a"), SECRET SECRET);
	assert_string_equal(scratch_text("/outside/b"), SECRET SECRET);
}

/* ---- new content ---- */

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

static void replacing_spares_other_names(void **state)
{
	(void)state;
	scratch_put("/d/a", SECRET);
	assert_int_equal(link(scratch_at("/d/a"), scratch_at("/outside/a")), 0);
	RUN(STEP_REPLACE, "/d/a", STEP_DONE, "hard links");
	assert_string_equal(scratch_text("/d/a"), "new\n");
	assert_string_equal(scratch_text("/outside/a"), SECRET);
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
	step_for(STEP_CREATE, "/d/c")->mode = 04755;
	before_rename = appear; /* after the look, before the new name */
	act();
	expect(&plan->steps.v[0], STEP_SKIPPED, "already");
	expect(&plan->steps.v[1], STEP_SKIPPED, "already");
	expect(&plan->steps.v[2], STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/a"), "precious");
	assert_string_equal(scratch_text("/d/b"), "precious");
	assert_string_equal(scratch_text("/d/c"), "new\n");
	assert_false(is_there("/d/.a.imgsan-new"));
	struct stat st;
	assert_int_equal(stat(scratch_at("/d/c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void creating_makes_one_directory(void **state)
{
	(void)state;
	struct stat st;
	mode_t caller = umask(077);
	step_for(STEP_CREATE, "/d/new.d/a");
	act();
	umask(caller);
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	assert_string_equal(scratch_text("/d/new.d/a"), "new\n");
	assert_int_equal(stat(scratch_at("/d/new.d"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(redaction_syncs_once),
		TEST(bad_ranges_write_nothing),
		TEST(redaction_spares_changed_and_linked_files),
		TEST(replacing_keeps_the_dress_and_overwrites_the_old),
		TEST(replacing_spares_other_names),
		TEST(replacing_a_sparse_file_leaves_its_holes),
		TEST(creating_overwrites_nothing),
		TEST(creating_makes_one_directory),
		TEST(what_stands_on_a_failed_creation_is_skipped),
		TEST(a_full_disk_keeps_the_old_file),
		TEST(a_read_only_mount_fails_the_step),
		TEST(immutable_files_are_changed_and_stay_so),
		TEST(an_immutable_file_that_was_swapped_stays_so),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
