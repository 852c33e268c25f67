/* SPDX-License-Identifier: MIT */
/* One clean at a time for a guest. Root locks a file in a directory that only
 * root can enter, so that no user can hold the lock against us; without root the
 * guest's own directory is locked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "../look/handles.h"

#define FOLDER "/run/imgsan"

struct plat_lock {
	int fd;
	char *path; /* to be removed, or NULL */
};

static int lock_file(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

/* The file may have been removed by its last holder between open and lock. */
static bool still_named(int fd, const char *path)
{
	struct stat here, there;
	return !fstat(fd, &here) && !lstat(path, &there) && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

static bool folder_is_ours(void)
{
	struct stat st;
	mkdir(FOLDER, 0700);
	return !lstat(FOLDER, &st) && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
	       !(st.st_mode & 077);
}

/* The last holder may take file and folder away between any two of our calls. */
static int take_named(const char *path, int *ret)
{
	for (int tries = 0; tries < 100 && folder_is_ours(); tries++) {
		int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		int r = lock_file(fd);
		if (!r && still_named(fd, path)) {
			*ret = fd;
			return 0;
		}
		close(fd);
		if (r < 0)
			return r;
	}
	return -EBUSY;
}

/* A name of ours for a guest; the caller frees it. NULL when it can not be told. */
static char *name_for(struct plat_dir *root, const char *ending)
{
	struct plat_info info;
	if (plat_dir_info(root, &info) < 0)
		return NULL;
	return mem_printf(FOLDER "/%llx-%llx.%s", (unsigned long long)info.id.device,
			  (unsigned long long)info.id.inode, ending);
}

int plat_lock_take(struct plat_dir *root, struct plat_lock **ret)
{
	int fd = -1, r;
	char *path = NULL;
	if (geteuid() == 0 && folder_is_ours()) {
		path = name_for(root, "lock");
		r = path ? take_named(path, &fd) : -EIO;
	} else {
		fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = fd < 0 ? -errno : lock_file(fd);
		if (r < 0 && fd >= 0)
			close(fd);
	}
	if (r < 0) {
		free(path);
		return r;
	}
	*ret = mem_alloc(sizeof **ret);
	**ret = (struct plat_lock){fd, path};
	return 0;
}

struct plat_lock *plat_lock_drop(struct plat_lock *lock)
{
	if (!lock)
		return NULL;
	if (lock->path) {
		unlink(lock->path);
		rmdir(FOLDER);
	}
	close(lock->fd);
	free(lock->path);
	free(lock);
	return NULL;
}

void plat_cleaned_mark(struct plat_dir *root)
{
	if (geteuid() != 0 || !folder_is_ours())
		return;
	char *path = name_for(root, "cleaned");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
	if (fd >= 0)
		close(fd);
	free(path);
}

bool plat_cleaned_since_boot(struct plat_dir *root)
{
	struct stat st;
	if (lstat(FOLDER, &st) || !S_ISDIR(st.st_mode) || st.st_uid != 0 || (st.st_mode & 077))
		return false;
	char *path = name_for(root, "cleaned");
	bool found = path && !lstat(path, &st) && S_ISREG(st.st_mode);
	free(path);
	return found;
}
