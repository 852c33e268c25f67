/* SPDX-License-Identifier: MIT */
/* Paths inside a guest, walked component by component from its root. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "dir.h"

static bool is_parent(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

/* Goes on from *at, which is closed unless it is the root. */
static int step_down(HANDLE root, HANDLE *at, const char *name, size_t len, bool to_list)
{
	_cleanup_free_ char *text = mem_strndup(name, len);
	HANDLE down = NULL;
	int r = is_parent(name, len) ? -EINVAL : dir_open_handle(*at, text, to_list, &down);
	if (*at != root)
		CloseHandle(*at);
	*at = down;
	return r;
}

int plat_parent_open(struct plat_dir *root, const char *path, struct plat_dir **ret_parent,
		     const char **ret_leaf)
{
	HANDLE handle = root->handle;
	const char *at = path + strspn(path, "/");
	size_t len = strcspn(at, "/");
	while (at[len]) {
		const char *next = at + len + strspn(at + len, "/");
		size_t next_len = strcspn(next, "/");
		/* Only the last directory is to be read from. */
		int r = step_down(root->handle, &handle, at, len, !next[next_len]);
		if (r < 0)
			return r;
		at = next;
		len = next_len;
	}
	int r = is_parent(at, len)	 ? -EINVAL
		: handle == root->handle ? dir_open_handle(handle, "", true, &handle)
					 : 0;
	if (r < 0) {
		if (handle != root->handle)
			CloseHandle(handle);
		return r;
	}
	*ret_parent = plat_dir_wrap(handle);
	*ret_leaf = at;
	return 0;
}
