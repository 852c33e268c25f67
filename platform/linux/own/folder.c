/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"

#define MOST_LINKS 40

struct way {
	int fd;	    /* the directory reached so far */
	char *rest; /* what is still to be walked */
	unsigned links;
};

bool folder_trusts(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* In a sticky directory only the owner of a name can rename it. */
static bool is_safe(const struct stat *st)
{
	return folder_trusts(st) &&
	       (!(st->st_mode & (S_IWGRP | S_IWOTH)) || (st->st_mode & S_ISVTX));
}

/* Goes on from an open directory, which becomes the way's own. */
static int enter(struct way *way, int fd)
{
	struct stat st;
	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) < 0     ? -errno
		: !S_ISDIR(st.st_mode) ? -ENOTDIR
		: is_safe(&st)	       ? 0
				       : -EPERM;
	if (r < 0) {
		close(fd);
		return r;
	}
	if (way->fd >= 0)
		close(way->fd);
	way->fd = fd;
	return 0;
}

static int enter_start(struct way *way, const char *path)
{
	return enter(way, open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int follow(struct way *way, int link, const char *behind)
{
	char target[4096];
	ssize_t len = readlinkat(link, "", target, sizeof target - 1);
	if (len < 0)
		return -errno;
	if (++way->links > MOST_LINKS)
		return -ELOOP;
	target[len] = 0;
	char *rest = mem_printf("%s/%s", target, behind);
	free(way->rest);
	way->rest = rest;
	return *target == '/' ? enter_start(way, target) : 0;
}

/* One component of the rest; behind it the way goes on. */
static int advance(struct way *way, char *name, size_t len)
{
	bool last = !name[len];
	name[len] = 0;
	struct stat st;
	int fd = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode)) {
		char *rest = mem_strdup(last ? "" : name + len + 1);
		free(way->rest);
		way->rest = rest;
		return enter(way, fd);
	}
	int r = folder_trusts(&st) ? follow(way, fd, last ? "" : name + len + 1) : -EPERM;
	close(fd);
	return r;
}

int folder_open(const char *path, int *ret)
{
	struct way way = {.fd = -1};
	way.rest = mem_strndup(path, (size_t)(str_leaf(path) - path));
	int r = enter_start(&way, path);
	while (!r) {
		char *name = way.rest + strspn(way.rest, "/");
		if (!*name)
			break;
		r = advance(&way, name, strcspn(name, "/"));
	}
	int fd = r ? -1 : openat(way.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!r && fd < 0)
		r = -errno;
	if (!r)
		*ret = fd;
	if (way.fd >= 0)
		close(way.fd);
	free(way.rest);
	return r;
}
