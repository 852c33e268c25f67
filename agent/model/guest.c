/* SPDX-License-Identifier: MIT */
#include "model/guest.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

struct guest *guest_new(const char *root)
{
	struct guest *guest = mem_alloc(sizeof *guest);
	guest->root = mem_strdup(root);
	guest->live = strcmp(root, "/") == 0;
	guest->os = GUEST_LINUX;
	return guest;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	vec_each(&guest->accounts, account) {
		free(account->name);
		free(account->home);
	}
	vec_each(&guest->homes, home) free(*home);
	vec_each(&guest->volumes, volume) {
		free(volume->path);
		plat_dir_close(volume->dir);
	}
	vec_each(&guest->left_out, left) free(left->path);
	vec_free(&guest->accounts);
	vec_free(&guest->homes);
	vec_free(&guest->volumes);
	vec_free(&guest->left_out);
	free(guest->distribution);
	free(guest->root);
	free(guest);
}

/* The rest of a path that lies in a directory (or is it), or NULL. */
static const char *inside_of(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	if (len == 1)
		return path;
	if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len : "/";
}

const struct volume *guest_volume(const struct guest *guest, const char *path,
				  const char **ret_inside)
{
	const struct volume *best = NULL;
	size_t best_len = 0;
	vec_each(&guest->volumes, volume) {
		const char *inside = inside_of(path, volume->path);
		size_t len = strlen(volume->path);
		if (!inside || (best && len <= best_len))
			continue;
		best = volume;
		best_len = len;
		*ret_inside = inside;
	}
	return best;
}

const char *guest_home_of(const struct guest *guest, const char *path)
{
	const char *best = NULL;
	vec_each(&guest->homes, home)
		if (inside_of(path, *home) && (!best || strlen(*home) > strlen(best)))
			best = *home;
	return best;
}

/* Resolved as the guest itself would: from its root, every link followed but
 * inside a home, where none is. */
static int locate(const struct guest *guest, const char *path, struct buf *ret)
{
	if (!guest->volumes.n)
		return -ENOENT;
	if (guest_home_of(guest, path)) {
		buf_puts(ret, path);
		return 0;
	}
	return plat_resolve(guest->volumes.v[0].dir, path, ret);
}

static int parent_of(const struct guest *guest, const char *path,
		     struct plat_dir **ret_parent, const char **ret_leaf)
{
	const char *inside;
	const struct volume *volume = guest_volume(guest, path, &inside);
	return volume ? plat_parent_open(volume->dir, inside, ret_parent, ret_leaf) : -ENOENT;
}

int guest_read(const struct guest *guest, const char *path, size_t most, struct buf *ret)
{
	_cleanup_(buf_free) struct buf real = {0};
	struct plat_dir *parent;
	const char *leaf;
	int r = locate(guest, path, &real);
	if (!r)
		r = parent_of(guest, real.data, &parent, &leaf);
	if (r < 0)
		return r;
	struct plat_file *file;
	r = plat_file_open_at(parent, leaf, &file);
	if (!r) {
		r = plat_file_slurp(file, most, ret);
		plat_file_close(file);
	}
	plat_dir_close(parent);
	return r;
}

int guest_look(const struct guest *guest, const char *path, struct plat_info *ret)
{
	/* Only what lies above the last component is followed. */
	const char *leaf = str_leaf(path), *last;
	_cleanup_free_ char *folder = mem_strndup(path, (size_t)(leaf - path));
	_cleanup_(buf_free) struct buf real = {0};
	int r = locate(guest, *folder ? folder : "/", &real);
	if (r < 0)
		return r;
	if (*leaf && real.data[real.len - 1] != '/')
		buf_puts(&real, "/");
	buf_puts(&real, leaf);
	struct plat_dir *parent;
	r = parent_of(guest, real.data, &parent, &last);
	if (r < 0)
		return r;
	r = plat_info_at(parent, *last ? last : ".", ret);
	plat_dir_close(parent);
	return r;
}

bool guest_has(const struct guest *guest, const char *path)
{
	struct plat_info info;
	return guest_look(guest, path, &info) == 0;
}

int guest_dir(const struct guest *guest, const char *path, struct plat_dir **ret,
	      char **ret_path)
{
	_cleanup_(buf_free) struct buf real = {0};
	struct plat_dir *parent;
	const char *leaf;
	int r = locate(guest, path, &real);
	if (!r)
		r = parent_of(guest, real.data, &parent, &leaf);
	if (r < 0)
		return r;
	r = plat_dir_open_at(parent, *leaf ? leaf : ".", ret);
	plat_dir_close(parent);
	if (!r && ret_path)
		*ret_path = mem_strdup(real.data);
	return r;
}
