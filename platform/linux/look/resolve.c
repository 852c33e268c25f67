/* SPDX-License-Identifier: MIT */
/* Paths inside a guest, walked component by component from its root, so that
 * the same code serves kernels without openat2. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "handles.h"

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

int plat_parent_open(struct plat_dir *root, const char *path, struct plat_dir **ret_parent,
		     const char **ret_leaf)
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
