/* SPDX-License-Identifier: MIT */
#include "model/guest.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

#define MOST_LINKS 40

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
	vec_each(&guest->homes, home)
		free(*home);
	vec_each(&guest->volumes, volume) {
		free(volume->path);
		plat_dir_close(volume->dir);
	}
	vec_each(&guest->left_out, left)
		free(left->path);
	vec_free(&guest->accounts);
	vec_free(&guest->homes);
	vec_free(&guest->volumes);
	vec_free(&guest->left_out);
	free(guest->distribution);
	free(guest->root);
	free(guest);
}

/* The rest of a path that lies in a directory (or is it), or NULL. */
__attribute__((nonnull)) static const char *inside_of(const char *path, const char *folder)
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

/* The first home that is not before the first len bytes of path. */
static size_t home_place(const struct guest *guest, const char *path, size_t len, bool *ret_hit)
{
	size_t low = 0, high = guest->homes.n;
	*ret_hit = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *home = guest->homes.v[middle];
		int order = strncmp(home, path, len);
		if (!order && home[len])
			order = 1;
		*ret_hit |= !order;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *guest_add_home(struct guest *guest, const char *path)
{
	bool hit;
	size_t at = home_place(guest, path, strlen(path), &hit);
	if (hit)
		return guest->homes.v[at];
	(void)vec_add(&guest->homes);
	char **slot = guest->homes.v + at;
	memmove(slot + 1, slot, (guest->homes.n - 1 - at) * sizeof *slot);
	return *slot = mem_strdup(path);
}

bool guest_is_home(const struct guest *guest, const char *path)
{
	bool hit;
	(void)home_place(guest, path, strlen(path), &hit);
	return hit;
}

const char *guest_home_of(const struct guest *guest, const char *path)
{
	for (size_t len = guest->homes.n ? strlen(path) : 0; len;) {
		bool hit;
		size_t at = home_place(guest, path, len, &hit);
		if (hit)
			return guest->homes.v[at];
		while (len && path[--len] != '/')
			;
	}
	return NULL;
}

static int parent_of(const struct guest *guest, const char *path, struct plat_dir **ret_parent,
		     const char **ret_leaf)
{
	const char *inside;
	const struct volume *volume = guest_volume(guest, path, &inside);
	return volume ? plat_parent_open(volume->dir, inside, ret_parent, ret_leaf) : -ENOENT;
}

/* What is at a path that has no links in it. */
static int look_plainly(const struct guest *guest, const char *path, struct plat_dir **parent,
			const char **leaf, struct plat_info *ret)
{
	int r = parent_of(guest, path, parent, leaf);
	if (r < 0)
		return r;
	r = plat_info_at(*parent, **leaf ? *leaf : ".", ret);
	if (r < 0)
		*parent = plat_dir_close(*parent);
	return r;
}

static int owner_of_root(const struct guest *guest, uint32_t *ret)
{
	struct plat_info info;
	int r = guest->volumes.n ? plat_dir_info(guest->volumes.v[0].dir, &info) : -ENOENT;
	if (!r)
		*ret = info.owner;
	return r;
}

static void drop_last(struct buf *path)
{
	const char *slash = path->len ? strrchr(path->data, '/') : NULL;
	buf_cut(path, slash ? (size_t)(slash - path->data) : 0);
}

/* The path walked so far and what is left of it. */
struct way {
	struct buf done; /* without links */
	char *rest;
	size_t at; /* in rest */
	unsigned links;
};

static void follow(struct way *way, size_t before, const char *target)
{
	char *longer = mem_printf("%s%s", target, way->rest + way->at);
	buf_cut(&way->done, *target == '/' ? 0 : before);
	free(way->rest);
	way->rest = longer;
	way->at = 0;
}

static int go_down(const struct guest *guest, uint32_t owner, struct way *way, size_t len)
{
	size_t before = way->done.len;
	struct plat_dir *parent;
	struct plat_info info;
	const char *leaf;
	buf_puts(&way->done, "/");
	buf_add(&way->done, way->rest + way->at, len);
	way->at += len;
	int r = look_plainly(guest, way->done.data, &parent, &leaf, &info);
	if (r < 0)
		return r;
	if (info.kind == PLAT_SYMLINK) {
		_cleanup_(buf_free) struct buf target = {0};
		bool trusted = !info.owner || info.owner == owner;
		r = trusted && way->links++ < MOST_LINKS ? plat_link_read(parent, leaf, &target)
							 : -ELOOP;
		if (!r)
			follow(way, before, buf_text(&target));
	}
	plat_dir_close(parent);
	return r;
}

int guest_resolve(const struct guest *guest, const char *path, struct buf *ret)
{
	uint32_t owner;
	int r = owner_of_root(guest, &owner);
	struct way way = {.rest = mem_strdup(path)};
	while (!r && way.rest[way.at += strspn(way.rest + way.at, "/")]) {
		const char *part = way.rest + way.at;
		size_t len = strcspn(part, "/");
		bool dots = part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.'));
		if (!dots) {
			r = go_down(guest, owner, &way, len);
			continue;
		}
		if (len == 2)
			drop_last(&way.done);
		way.at += len;
	}
	if (!r)
		buf_puts(ret, way.done.len ? way.done.data : "/");
	buf_free(&way.done);
	free(way.rest);
	return r;
}

/* As the guest itself would, but inside a home, where no link is followed. */
static int locate(const struct guest *guest, const char *path, struct buf *ret)
{
	if (!guest_home_of(guest, path))
		return guest_resolve(guest, path, ret);
	buf_puts(ret, path);
	return 0;
}

int guest_read(const struct guest *guest, const char *path, size_t most, struct buf *ret)
{
	_cleanup_(buf_free) struct buf real = {0};
	struct plat_dir *parent;
	const char *leaf;
	int r = locate(guest, path, &real);
	if (!r)
		r = parent_of(guest, buf_text(&real), &parent, &leaf);
	if (r)
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
	r = look_plainly(guest, real.data, &parent, &last, ret);
	if (!r)
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
		r = parent_of(guest, buf_text(&real), &parent, &leaf);
	if (r)
		return r;
	r = plat_dir_open_at(parent, *leaf ? leaf : ".", ret);
	plat_dir_close(parent);
	if (!r && ret_path)
		*ret_path = mem_strdup(buf_text(&real));
	return r;
}
