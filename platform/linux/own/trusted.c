/* SPDX-License-Identifier: MIT */
/* Reading a file that decides what is deleted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "../look/handles.h"
#include "folder.h"

#define MOST_LINKS 40

/* Replaces a path whose last component is a link by where the link leads. */
static int follow(struct plat_dir *dir, char **path)
{
	_cleanup_(buf_free) struct buf target = {0};
	int r = plat_link_read(dir, str_leaf(*path), &target);
	if (r < 0)
		return r;
	const char *to = buf_text(&target);
	size_t folder = *to == '/' ? 0 : (size_t)(str_leaf(*path) - *path);
	char *next = mem_printf("%.*s%s", (int)folder, *path, to);
	free(*path);
	*path = next;
	return 0;
}

/* Opens what a path leads to, by ways that nobody else can change. */
static int open_trusted(const char *host_path, struct plat_file **ret)
{
	_cleanup_free_ char *path = mem_strdup(host_path);
	for (int links = 0; links < MOST_LINKS; links++) {
		int fd;
		int r = folder_open(path, &fd);
		if (r < 0)
			return r;
		struct plat_dir *dir = plat_dir_wrap(fd);
		struct stat st;
		bool link = !fstatat(fd, str_leaf(path), &st, AT_SYMLINK_NOFOLLOW) &&
			    S_ISLNK(st.st_mode);
		if (!link)
			r = plat_file_open_at(dir, str_leaf(path), ret);
		else
			r = folder_trusts(&st) ? follow(dir, &path) : -EPERM;
		plat_dir_close(dir);
		if (r < 0 || !link)
			return r;
	}
	return -ELOOP;
}

int plat_trusted_read(const char *host_path, size_t most, struct buf *ret)
{
	struct plat_file *file;
	int r = open_trusted(host_path, &file);
	if (r < 0)
		return r;
	struct stat st;
	if (fstat(file->fd, &st) < 0)
		r = -errno;
	else if (!folder_trusts(&st) || (st.st_mode & (S_IWGRP | S_IWOTH)))
		r = -EPERM;
	else
		r = plat_file_slurp(file, most, ret);
	plat_file_close(file);
	return r;
}
