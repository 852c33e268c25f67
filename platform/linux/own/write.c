/* SPDX-License-Identifier: MIT */
/* Writing a file of ours where another user may be able to write too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "../look/handles.h"

/* Others may not be able to swap names in the directory: nobody else may write
 * it, or it is sticky (then only the owner of a name can rename it). */
static bool directory_is_safe(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	bool ours = st.st_uid == geteuid() || st.st_uid == 0;
	return ours && (!(st.st_mode & (S_IWGRP | S_IWOTH)) || (st.st_mode & S_ISVTX));
}

static int open_parent(const char *path, int *ret)
{
	const char *leaf = str_leaf(path);
	_cleanup_free_ char *folder =
		leaf == path ? mem_strdup(".") : mem_strndup(path, (size_t)(leaf - path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!directory_is_safe(fd)) {
		close(fd);
		return -EPERM;
	}
	*ret = fd;
	return 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

static int replace(int dir, const char *leaf, const void *bytes, size_t len)
{
	uint64_t number;
	plat_random(&number, sizeof number);
	_cleanup_free_ char *temporary =
		mem_printf(".imgsan-%016llx", (unsigned long long)number);
	int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	if (fd < 0)
		return -errno;
	int r = write_all(fd, bytes, len);
	close(fd);
	if (!r && renameat(dir, temporary, dir, leaf) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, temporary, 0);
	return r;
}

int plat_out_write(const char *host_path, const void *bytes, size_t len)
{
	int dir = -1;
	const char *leaf = str_leaf(host_path);
	if (!*leaf)
		return -EISDIR;
	int r = open_parent(host_path, &dir);
	if (r < 0)
		return r;
	struct stat st;
	/* A pipe or a terminal that the caller named is written, not replaced. */
	if (!fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) && !S_ISREG(st.st_mode) &&
	    !S_ISLNK(st.st_mode)) {
		int fd = S_ISDIR(st.st_mode) ? -1 : openat(dir, leaf, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
		r = fd < 0 ? -EISDIR : write_all(fd, bytes, len);
		if (fd >= 0)
			close(fd);
	} else {
		r = replace(dir, leaf, bytes, len);
	}
	close(dir);
	return r;
}
