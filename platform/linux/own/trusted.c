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

static bool nobody_else_writes(const struct stat *st, bool sticky_is_fine)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return false;
	if (sticky_is_fine && (st->st_mode & S_ISVTX))
		return true;
	return !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int check_folder(const char *path)
{
	const char *leaf = str_leaf(path);
	_cleanup_free_ char *folder =
		leaf == path ? mem_strdup(".") : mem_strndup(path, (size_t)(leaf - path));
	struct stat st;
	if (stat(folder, &st) < 0)
		return -errno;
	return nobody_else_writes(&st, true) ? 0 : -EPERM;
}

int plat_trusted_read(const char *host_path, size_t most, struct buf *ret)
{
	int r = check_folder(host_path);
	if (r < 0)
		return r;
	struct plat_file *file;
	r = plat_file_open(host_path, &file);
	if (r < 0)
		return r;
	struct stat st;
	if (fstat(file->fd, &st) < 0)
		r = -errno;
	else if (!nobody_else_writes(&st, false))
		r = -EPERM;
	else
		r = plat_file_slurp(file, most, ret);
	plat_file_close(file);
	return r;
}
