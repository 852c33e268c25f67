/* SPDX-License-Identifier: MIT */
#include "../scratch_os.h"

#include <ftw.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_make_root(char *out, size_t len)
{
	snprintf(out, len, "/tmp/imgsan-unit-XXXXXX");
	return mkdtemp(out) != NULL;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info, (void)type, (void)where;
	remove(path); /* the others go even if this one stays */
	return 0;
}

bool os_remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return access(path, F_OK) != 0;
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
