/* SPDX-License-Identifier: MIT */
/* Paths inside a guest, walked component by component from its root, so that
 * the same code serves kernels without openat2 and no link leads out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "handles.h"

#define MOST_LINKS 40

static int step_down(int *fd, const char *name)
{
	int next = openat(*fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	if (next < 0) {
		struct plat_info info;
		if (errno == ENOTDIR && !plat_stat(*fd, name, &info) &&
		    info.kind == PLAT_SYMLINK)
			return -ELOOP;
		return -errno;
	}
	close(*fd);
	*fd = next;
	return 0;
}

static bool is_parent(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

int plat_parent_open(struct plat_dir *root, const char *path,
		     struct plat_dir **ret_parent, const char **ret_leaf)
{
	int fd = openat(root->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	const char *at = path;
	for (;;) {
		at += strspn(at, "/");
		size_t len = strcspn(at, "/");
		if (!at[len])
			break;
		_cleanup_free_ char *name = mem_strndup(at, len);
		int r = is_parent(at, len) ? -EINVAL : step_down(&fd, name);
		if (r < 0) {
			close(fd);
			return r;
		}
		at += len;
	}
	if (is_parent(at, strlen(at))) {
		close(fd);
		return -EINVAL;
	}
	int real = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;
	close(fd);
	if (real < 0)
		return -error;
	*ret_parent = plat_dir_wrap(real);
	*ret_leaf = at;
	return 0;
}

/* The kind of what `path` (no links in it) names below root. */
static int look_at(struct plat_dir *root, const char *path, struct plat_dir **parent,
		   const char **leaf, struct plat_info *info)
{
	int r = plat_parent_open(root, path, parent, leaf);
	if (r < 0)
		return r;
	r = plat_info_at(*parent, **leaf ? *leaf : ".", info);
	if (r < 0)
		*parent = plat_dir_close(*parent);
	return r;
}

static void drop_last(struct buf *path)
{
	const char *slash = path->len ? strrchr(path->data, '/') : NULL;
	buf_cut(path, slash ? (size_t)(slash - path->data) : 0);
}

int plat_resolve(struct plat_dir *root, const char *path, struct buf *ret)
{
	_cleanup_(buf_free) struct buf done = {0}; /* without links so far */
	_cleanup_free_ char *rest = mem_strdup(path);
	unsigned links = 0;
	for (size_t at = 0; rest[at += strspn(rest + at, "/")];) {
		size_t len = strcspn(rest + at, "/");
		if (is_parent(rest + at, len)) {
			drop_last(&done);
			at += len;
			continue;
		}
		if (len == 1 && rest[at] == '.') {
			at++;
			continue;
		}
		size_t before = done.len;
		buf_puts(&done, "/");
		buf_add(&done, rest + at, len);
		at += len;
		struct plat_dir *parent = NULL;
		const char *leaf;
		struct plat_info info;
		int r = look_at(root, done.data, &parent, &leaf, &info);
		if (r < 0)
			return r;
		if (info.kind == PLAT_SYMLINK) {
			_cleanup_(buf_free) struct buf target = {0};
			r = links++ < MOST_LINKS ? plat_link_read(parent, leaf, &target)
						 : -ELOOP;
			char *longer = mem_printf("%s%s", buf_text(&target), rest + at);
			buf_cut(&done, buf_text(&target)[0] == '/' ? 0 : before);
			free(rest);
			rest = longer;
			at = 0;
		}
		plat_dir_close(parent);
		if (r < 0)
			return r;
	}
	if (!done.len)
		buf_puts(&done, "/");
	buf_add(ret, done.data, done.len);
	return 0;
}
