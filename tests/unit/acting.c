/* SPDX-License-Identifier: MIT */
#include "acting.h"

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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act/act.h"
#include "mutate.h"
#include "plan/guard.h"
#include "scratch.h"

struct guest *guest;
struct guard *guard;
struct plan *plan;
unsigned syncs;
void (*before_rmdir)(void);
void (*before_rename)(void);
const char *(*on_member)(const char *path);

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

bool is_there(const char *path)
{
	struct stat st;
	return lstat(scratch_at(path), &st) == 0;
}

void age(const char *path)
{
	struct timespec old[2] = {{1000000000, 5}, {1000000000, 7}};
	assert_int_equal(utimensat(AT_FDCWD, scratch_at(path), old, 0), 0);
}

bool is_aged(const char *path)
{
	struct stat st;
	assert_int_equal(stat(scratch_at(path), &st), 0);
	return st.st_mtim.tv_sec == 1000000000 && st.st_mtim.tv_nsec == 7;
}

void change_flags(const char *path, int flags)
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

int flags_of(const char *path)
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

void guest_open(void)
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

int acting_start(void **state)
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

int acting_end(void **state)
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

struct step *step_for(enum action action, const char *path)
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

void act(void)
{
	struct act_setup setup = {.guest = guest, .refuses = refuses, .context = guard};
	assert_int_equal(act_run(&setup, plan), 0);
}

void expect(const struct step *step, enum step_state state, const char *part)
{
	if (step->state != state || (part && (!step->error || !strstr(step->error, part))))
		fail_msg("%s is %s (%s), not %s (%s)", step->path, step_state_name(step->state),
			 step->error ? step->error : "", step_state_name(state),
			 part ? part : "");
	if (!part && step->error)
		fail_msg("%s: %s", step->path, step->error);
}

struct step *redaction(const char *path, uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	struct step *step = step_for(STEP_REDACT, path);
	*vec_add(&step->ranges) = (struct range){a, a_len, {0}};
	*vec_add(&step->ranges) = (struct range){b, b_len, {0}};
	return step;
}

void as_user(void (*part)(void))
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

/* ---- trees ---- */

void small_tree(void)
{
	scratch_put_dir("/d/t");
	scratch_put_dir("/d/t/sub");
	scratch_put("/d/t/a", SECRET);
	scratch_put("/d/t/sub/b", SECRET);
	scratch_put("/d/t/sub/c", SECRET);
}
