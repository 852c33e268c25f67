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
#include "folder.h"

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
	_cleanup_free_ char *temporary = mem_printf(".imgsan-%016llx",
						    (unsigned long long)number);
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
	else
		(void)fsync(dir);
	return r;
}

/* Where others may add names, what is there already can be theirs. */
static bool may_be_planted(int dir, const struct stat *st)
{
	struct stat folder;
	return fstat(dir, &folder) < 0 ||
	       ((folder.st_mode & (S_IWGRP | S_IWOTH)) && !folder_trusts(st));
}

/* A pipe or a terminal that the caller named is written, not replaced. */
static int write_through(int dir, const char *leaf, const struct stat *seen, int flags,
			 const void *bytes, size_t len)
{
	int fd = openat(dir, leaf, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags);
	if (fd < 0)
		return -errno;
	struct stat now;
	int r = fstat(fd, &now) < 0 ? -errno
		: now.st_ino != seen->st_ino || now.st_dev != seen->st_dev
			? -EPERM
			: write_all(fd, bytes, len);
	close(fd);
	return r;
}

/* A link that root or we made, such as /dev/stdout, is not ours to replace. */
static int write_link(int dir, const char *leaf, const void *bytes, size_t len)
{
	struct stat st;
	if (fstatat(dir, leaf, &st, 0) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return -ELOOP;
	return write_through(dir, leaf, &st, 0, bytes, len);
}

static int write_at(int dir, const char *leaf, const void *bytes, size_t len)
{
	struct stat st;
	if (fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? replace(dir, leaf, bytes, len) : -errno;
	bool planted = may_be_planted(dir, &st);
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && planted))
		return replace(dir, leaf, bytes, len);
	if (S_ISLNK(st.st_mode))
		return write_link(dir, leaf, bytes, len);
	return planted ? -EPERM : write_through(dir, leaf, &st, O_NOFOLLOW, bytes, len);
}

int plat_out_write(const char *host_path, const void *bytes, size_t len)
{
	const char *leaf = str_leaf(host_path);
	if (!*leaf)
		return -EISDIR;
	int dir;
	int r = folder_open(host_path, &dir);
	if (r < 0)
		return r;
	r = write_at(dir, leaf, bytes, len);
	close(dir);
	return r;
}
