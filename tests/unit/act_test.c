/* SPDX-License-Identifier: MIT */
/* The hands against a hostile or unlucky disk. A test swaps names in two places
 * where a local user could: in the guard's question for a member, and right before
 * a name is removed or given (the C library's call, replaced below). */
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
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/act.h"
#include "base/stop.h"
#include "mutate.h"
#include "plan/guard.h"
#include "scratch.h"

#define NOBODY 65534
#define SECRET "abcdefgh"

static struct guest *guest;
static struct guard *guard;
static struct plan *plan;
static unsigned syncs;
static void (*before_rmdir)(void);
static void (*before_rename)(void);
static const char *(*on_member)(const char *path);

/* ---- calls of the C library that a test looks at ---- */

int fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

int unlinkat(int dir, const char *name, int flags)
{
	void (*hook)(void) = before_rmdir;
	if (hook && (flags & AT_REMOVEDIR)) {
		before_rmdir = NULL;
		hook();
	}
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (before_rename)
		before_rename();
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* ---- the guest ---- */

static bool is_there(const char *path)
{
	struct stat st;
	return lstat(scratch_at(path), &st) == 0;
}

static void age(const char *path)
{
	struct timespec old[2] = {{1000000000, 5}, {1000000000, 7}};
	assert_int_equal(utimensat(AT_FDCWD, scratch_at(path), old, 0), 0);
}

static bool is_aged(const char *path)
{
	struct stat st;
	assert_int_equal(stat(scratch_at(path), &st), 0);
	return st.st_mtim.tv_sec == 1000000000 && st.st_mtim.tv_nsec == 7;
}

static void change_flags(const char *path, int flags)
{
	int fd = open(scratch_at(path), O_RDONLY | O_CLOEXEC);
	int now = 0;
	assert_true(fd >= 0);
	int r = ioctl(fd, FS_IOC_GETFLAGS, &now);
	now = (now & ~(FS_IMMUTABLE_FL | FS_APPEND_FL)) | flags;
	r = r ? r : ioctl(fd, FS_IOC_SETFLAGS, &now);
	close(fd);
	if (r) {
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

static void tree_remove(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), flags;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir && !ioctl(fd, FS_IOC_GETFLAGS, &flags)) {
		flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		int file = openat(fd, entry->d_name,
				  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (file >= 0 && !ioctl(file, FS_IOC_GETFLAGS, &flags)) {
			flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
			ioctl(file, FS_IOC_SETFLAGS, &flags);
		}
		if (file >= 0)
			close(file);
		if (unlinkat(fd, entry->d_name, 0) < 0)
			tree_remove(fd, entry->d_name);
	}
	if (dir)
		closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void guest_open(void)
{
	guard_free(guard);
	guest_free(guest);
	guest = guest_new(scratch_root);
	struct volume *volume = vec_add(&guest->volumes);
	volume->path = mem_strdup("/");
	assert_int_equal(plat_volume_open(scratch_root, false, &volume->dir, &volume->detached),
			 0);
	*vec_add(&guest->homes) = mem_strdup("/home/u");
	guard = guard_new(guest, NULL, 0);
}

static int start(void **state)
{
	assert_int_equal(scratch_make(state), 0);
	scratch_put_dir("/d");
	scratch_put_dir("/outside");
	scratch_put("/outside/precious", "precious");
	guest_open();
	plan = plan_new();
	before_rmdir = NULL;
	before_rename = NULL;
	on_member = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	before_rmdir = NULL;
	before_rename = NULL;
	plan_free(plan);
	guard_free(guard);
	guest_free(guest);
	guard = NULL;
	guest = NULL;
	if (geteuid() == 0)
		while (umount2(scratch_at("/m"), MNT_DETACH) == 0)
			;
	tree_remove(AT_FDCWD, scratch_root);
	return 0;
}

/* ---- steps ---- */

static struct step *step_for(enum action action, const char *path)
{
	struct step *step = plan_add_step(plan, action, path);
	step->name = "test";
	if (action != STEP_CREATE)
		assert_int_equal(guest_look(guest, path, &step->target), 0);
	if (action == STEP_CREATE || action == STEP_REPLACE) {
		step->content = mem_strdup("new\n");
		step->content_len = 4;
		step->mode = 0644;
	}
	return step;
}

static const char *refuses(const void *context, enum action action, const char *path,
			   const struct plat_info *target)
{
	const char *refusal = on_member ? on_member(path) : NULL;
	return refusal ? refusal : guard_refuses(context, action, path, target);
}

static void act(void)
{
	struct act_setup setup = {.guest = guest, .refuses = refuses, .context = guard};
	assert_int_equal(act_run(&setup, plan), 0);
}

static void expect(const struct step *step, enum step_state state, const char *part)
{
	if (step->state != state || (part && (!step->error || !strstr(step->error, part))))
		fail_msg("%s is %s (%s), not %s (%s)", step->path, step_state_name(step->state),
			 step->error ? step->error : "", step_state_name(state),
			 part ? part : "");
	if (!part && step->error)
		fail_msg("%s: %s", step->path, step->error);
}

#define RUN(action, path, state, part)                  \
	do {                                            \
		step_for(action, path);                 \
		act();                                  \
		expect(&plan->steps.v[0], state, part); \
	} while (0)

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

/* ---- redaction ---- */

static struct step *redaction(const char *path, uint64_t a, uint64_t a_len, uint64_t b,
			      uint64_t b_len)
{
	struct step *step = step_for(STEP_REDACT, path);
	*vec_add(&step->ranges) = (struct range){a, a_len, {0}};
	*vec_add(&step->ranges) = (struct range){b, b_len, {0}};
	return step;
}

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

/* ---- trees ---- */

static void small_tree(void)
{
	scratch_put_dir("/d/t");
	scratch_put_dir("/d/t/sub");
	scratch_put("/d/t/a", SECRET);
	scratch_put("/d/t/sub/b", SECRET);
	scratch_put("/d/t/sub/c", SECRET);
}

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

/* What only a plain user meets: root gives up its rights on files for it. */
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

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
		TEST(immutable_files_are_changed_and_stay_so),
		TEST(immutable_directories_stay_so),
		TEST(an_immutable_file_that_was_swapped_stays_so),
		TEST(the_guard_knows_every_spelling),
		TEST(own_files_stay_under_any_name),
		TEST(a_stopped_tree_is_not_done),
	};
	return cmocka_run_group_tests(tests, scratch_hide_mounts, NULL);
}
