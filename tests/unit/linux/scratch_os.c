/* SPDX-License-Identifier: MIT */
#include "../scratch_os.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_make_root(char *out, size_t len)
{
	snprintf(out, len, "/tmp/imgsan-unit-XXXXXX");
	return mkdtemp(out) != NULL;
}

static int open_dir(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The next member but . and .. */
static const char *next_of(DIR *list)
{
	struct dirent *at;
	while ((at = readdir(list)) && (!strcmp(at->d_name, ".") || !strcmp(at->d_name, "..")))
		;
	return at ? at->d_name : NULL;
}

static DIR *list_of(int dir)
{
	return fdopendir(open_dir(dir, "."));
}

/* What is in a folder comes up, so that no depth is too deep. */
static bool bring_up(int dir, const char *folder)
{
	static unsigned number;
	const char *inner;
	char name[32];
	int below = open_dir(dir, folder);
	fchmod(below, 0700);
	DIR *list = list_of(below);
	while (list && (inner = next_of(list))) {
		snprintf(name, sizeof name, "up-%u", number++);
		renameat(below, inner, dir, name);
	}
	if (list)
		closedir(list);
	close(below);
	return list && unlinkat(dir, folder, AT_REMOVEDIR) == 0;
}

/* Whether there is anything more to go. */
static bool remove_members(int dir)
{
	const char *name;
	bool more = false;
	DIR *list = list_of(dir);
	while (list && (name = next_of(list)))
		if (unlinkat(dir, name, 0) != 0 && unlinkat(dir, name, AT_REMOVEDIR) != 0)
			more |= bring_up(dir, name);
	if (list)
		closedir(list);
	return more;
}

bool os_remove_tree(const char *path)
{
	int dir = open_dir(AT_FDCWD, path);
	while (remove_members(dir))
		;
	close(dir);
	return rmdir(path) == 0;
}

bool os_make_dir(const char *path)
{
	return mkdir(path, 0755) == 0;
}

bool os_make_link(const char *to, const char *path)
{
	return symlink(to, path) == 0;
}

FILE *os_open(const char *path, const char *mode)
{
	char closed[8];
	snprintf(closed, sizeof closed, "%se", mode); /* no child has it */
	return fopen(path, closed);
}

bool os_hard_link(const char *from, const char *to)
{
	return link(from, to) == 0;
}

bool os_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

bool os_rename(const char *from, const char *to)
{
	return rename(from, to) == 0;
}

bool os_remove(const char *path)
{
	return remove(path) == 0;
}

bool os_make_pipe(const char *path)
{
	return mkfifo(path, 0600) == 0;
}

unsigned os_make_deep(const char *path, const char *name, unsigned levels)
{
	unsigned made = 0;
	int dir = open_dir(AT_FDCWD, path);
	for (; made < levels && mkdirat(dir, name, 0755) == 0; made++) {
		int next = open_dir(dir, name);
		close(dir);
		dir = next;
	}
	close(dir);
	return made;
}

unsigned os_make_many(const char *path, unsigned count)
{
	unsigned made = 0;
	char name[16];
	int dir = open_dir(AT_FDCWD, path);
	for (int fd = 0; fd >= 0 && made < count; made += fd >= 0) {
		snprintf(name, sizeof name, "%u", made);
		fd = openat(dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		close(fd);
	}
	close(dir);
	return made;
}

bool os_keeps_access(void)
{
	return true;
}

unsigned os_may_open(unsigned wanted)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < wanted && files.rlim_max > files.rlim_cur) {
		files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return files.rlim_cur < wanted ? (unsigned)files.rlim_cur : wanted;
}

static struct timespec time_of(int64_t ns)
{
	return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static int64_t ns_of(struct timespec time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

bool os_set_times(const char *path, int64_t access, int64_t change)
{
	const struct timespec times[2] = {time_of(access), time_of(change)};
	return utimensat(AT_FDCWD, path, times, 0) == 0;
}

bool os_times(const char *path, int64_t *ret_access, int64_t *ret_change)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return false;
	*ret_access = ns_of(st.st_atim);
	*ret_change = ns_of(st.st_mtim);
	return true;
}

bool os_give_away(const char *path)
{
	return geteuid() == 0 && lchown(path, 4321, 4321) == 0;
}

bool os_let_write(const char *path, bool everybody)
{
	return chmod(path, everybody ? 0666 : 0600) == 0;
}

static bool all_zero(const char *bytes, size_t len)
{
	return !len || (!bytes[0] && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static bool fill(int fd, const char *bytes, size_t len, bool holes)
{
	enum { BLOCK = 4096 };
	for (size_t at = 0; at < len; at += BLOCK) {
		size_t part = len - at < BLOCK ? len - at : BLOCK;
		if (!(holes && all_zero(bytes + at, part)) &&
		    pwrite(fd, bytes + at, part, (off_t)at) != (ssize_t)part)
			return false;
	}
	return ftruncate(fd, (off_t)len) == 0;
}

struct plat_file *os_file_of(const void *bytes, size_t len, bool holes)
{
	char path[64];
	struct plat_file *file = NULL;
	int fd = memfd_create("scratch", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fd < 0 || !fill(fd, bytes, len, holes) || plat_file_open(path, &file) < 0)
		file = NULL;
	close(fd);
	return file;
}

bool os_hide_mounts(void)
{
	return geteuid() == 0 && !unshare(CLONE_NEWNS) &&
	       !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}
