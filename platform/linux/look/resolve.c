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

/* Opens a member of a directory that is one itself: its descriptor. */
static int step_down(int from, const char *name, int flags)
{
	int fd = openat(from, name, flags | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	int error = errno;
	struct plat_info info;
	if (fd >= 0)
		return fd;
	if (error == ENOTDIR && !plat_stat(from, name, &info) && info.kind == PLAT_SYMLINK)
		return -ELOOP;
	return -error;
}

static bool is_parent(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

int plat_parent_open(struct plat_dir *root, const char *path, struct plat_dir **ret_parent,
		     const char **ret_leaf)
{
	int fd = -1; /* root's own is not ours */
	const char *at = path + strspn(path, "/");
	size_t len = strcspn(at, "/");
	while (at[len]) {
		const char *next = at + len + strspn(at + len, "/");
		size_t next_len = strcspn(next, "/");
		_cleanup_free_ char *name = mem_strndup(at, len);
		/* Only the last directory is to be read from. */
		int down = is_parent(at, len) ? -EINVAL
					      : step_down(fd < 0 ? root->fd : fd, name,
							  next[next_len] ? O_PATH : O_RDONLY);
		if (fd >= 0)
			close(fd);
		if (down < 0)
			return down;
		fd = down;
		at = next;
		len = next_len;
	}
	if (is_parent(at, len)) {
		if (fd >= 0)
			close(fd);
		return -EINVAL;
	}
	if (fd < 0)
		fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_parent = plat_dir_wrap(fd);
	*ret_leaf = at;
	return 0;
}
