/* SPDX-License-Identifier: MIT */
#include "model/guest.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
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
	free(guest->unfit);
	free(guest->root);
	free(guest);
}

static int compare(const struct guest *guest, const char *a, const char *b, size_t len)
{
	return guest->any_case ? fold_compare_n(a, b, len) : strncmp(a, b, len);
}

/* The rest of a path that lies in a directory (or is it), or NULL. */
__attribute__((nonnull)) static const char *inside_of(const struct guest *guest,
						      const char *path, const char *folder)
{
	size_t len = strlen(folder);
	if (len == 1)
		return path;
	if (compare(guest, path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len : "/";
}

const struct volume *guest_volume(const struct guest *guest, const char *path,
				  const char **ret_inside)
{
	const struct volume *best = NULL;
	size_t best_len = 0;
	vec_each(&guest->volumes, volume) {
		const char *inside = inside_of(guest, path, volume->path);
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
		int order = compare(guest, home, path, len);
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

static int owner_of_root(const struct guest *guest, uint32_t *ret)
{
	struct plat_info info;
	int r = guest->volumes.n ? plat_dir_info(guest->volumes.v[0].dir, &info) : -ENOENT;
	if (!r)
		*ret = info.owner;
	return r;
}

/* The path walked so far and what is left of it. */
struct way {
	struct buf done; /* without links */
	char *rest;
	size_t at; /* in rest */
	unsigned links;
	struct plat_dir *above; /* where the last of `done` lies, on `volume`; or NULL */
	const struct volume *volume;
};

static void way_clear(struct way *way)
{
	plat_dir_close(way->above);
	buf_free(&way->done);
	free(way->rest);
}

/* Somewhere else is gone on: at the first `len` bytes of `done`. */
static void turn(struct way *way, size_t len)
{
	way->above = plat_dir_close(way->above);
	buf_cut(&way->done, len);
}

static void drop_last(struct way *way)
{
	const char *slash = way->done.len ? strrchr(way->done.data, '/') : NULL;
	turn(way, slash ? (size_t)(slash - way->done.data) : 0);
}

static void follow(struct way *way, size_t before, const char *target)
{
	char *longer = mem_printf("%s%s", target, way->rest + way->at);
	turn(way, *target == '/' ? 0 : before);
	free(way->rest);
	way->rest = longer;
	way->at = 0;
}

/* Opens what `done` lies in. */
static int way_parent(const struct guest *guest, struct way *way, struct plat_dir **ret,
		      const char **ret_leaf)
{
	const char *path = way->done.len ? way->done.data : "/";
	if (!way->above)
		return parent_of(guest, path, ret, ret_leaf);
	*ret = way->above;
	*ret_leaf = str_leaf(path);
	way->above = NULL;
	return 0;
}

/* The member that is called so but for the case; -ENOENT: there is none. */
static int respell(struct plat_dir *folder, const char *name, struct buf *ret)
{
	struct plat_dir *again; /* a listing of our own */
	const char *member;
	enum plat_kind kind;
	int r = plat_dir_open_at(folder, ".", &again);
	if (r < 0)
		return r;
	while ((r = plat_dir_next(again, &member, &kind)) > 0 && fold_compare(member, name))
		;
	if (r > 0)
		buf_puts(ret, member);
	plat_dir_close(again);
	return r < 0 ? r : r ? 0 : -ENOENT;
}

/* plat_info_at of the last component of `done`, which is spelled as it is. */
static int look(const struct guest *guest, struct way *way, struct plat_info *ret)
{
	size_t leaf = (size_t)(str_leaf(way->done.data) - way->done.data);
	int r = plat_info_at(way->above, way->done.data + leaf, ret);
	if (r != -ENOENT || !guest->any_case)
		return r;
	_cleanup_(buf_free) struct buf name = {0};
	r = respell(way->above, way->done.data + leaf, &name);
	if (r < 0)
		return r;
	buf_cut(&way->done, leaf);
	buf_puts(&way->done, name.data);
	return plat_info_at(way->above, name.data, ret);
}

/* Goes on to a member, which is not followed; *ret tells what it is. The directory above
 * is opened from the one above that, unless another volume begins in between. */
static int step(const struct guest *guest, struct way *way, const char *name, size_t len,
		struct plat_info *ret)
{
	const char *inside, *leaf = NULL;
	struct plat_dir *folder;
	_cleanup_free_ char *last = mem_strdup(way->above ? str_leaf(way->done.data) : "");
	buf_puts(&way->done, "/");
	buf_add(&way->done, name, len);
	const struct volume *volume = guest_volume(guest, way->done.data, &inside);
	bool near = way->above && volume == way->volume && inside[1];
	int r = near ? plat_dir_open_at(way->above, last, &folder)
		     : parent_of(guest, way->done.data, &folder, &leaf);
	if (r < 0)
		return r;
	plat_dir_close(way->above);
	way->above = folder;
	way->volume = volume;
	if (!inside[1] && volume->path[1]) { /* as it is spelled */
		buf_cut(&way->done, 0);
		buf_puts(&way->done, volume->path);
	}
	r = near || *leaf ? look(guest, way, ret) : plat_info_at(folder, ".", ret);
	if (!inside[1]) /* the volume's own root lies in nothing of it */
		way->above = plat_dir_close(way->above);
	return r;
}

/* A link is followed. */
static int go_down(const struct guest *guest, uint32_t owner, struct way *way, size_t len)
{
	size_t before = way->done.len;
	struct plat_info info;
	int r = step(guest, way, way->rest + way->at, len, &info);
	way->at += len;
	if (r < 0 || info.kind != PLAT_SYMLINK)
		return r;
	if (guest->any_case)
		return -ELOOP;
	_cleanup_(buf_free) struct buf target = {0};
	bool trusted = !info.owner || info.owner == owner;
	r = trusted && way->links++ < MOST_LINKS
		    ? plat_link_read(way->above, str_leaf(way->done.data), &target)
		    : -ELOOP;
	if (!r)
		follow(way, before, buf_text(&target));
	return r;
}

static int resolve(const struct guest *guest, const char *path, struct way *way)
{
	uint32_t owner;
	int r = owner_of_root(guest, &owner);
	way->rest = mem_strdup(path);
	while (!r && way->rest[way->at += strspn(way->rest + way->at, "/")]) {
		const char *part = way->rest + way->at;
		size_t len = strcspn(part, "/");
		bool dots = part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.'));
		if (!dots) {
			r = go_down(guest, owner, way, len);
			continue;
		}
		if (len == 2)
			drop_last(way);
		way->at += len;
	}
	return r;
}

int guest_resolve(const struct guest *guest, const char *path, struct buf *ret)
{
	_cleanup_(way_clear) struct way way = {0};
	int r = resolve(guest, path, &way);
	if (!r)
		buf_puts(ret, way.done.len ? way.done.data : "/");
	return r;
}

/* As the guest itself would, but inside a home, where no link is followed. */
static int locate(const struct guest *guest, const char *path, struct way *ret)
{
	if (guest->any_case || !guest_home_of(guest, path))
		return resolve(guest, path, ret);
	buf_puts(&ret->done, path);
	return 0;
}

int guest_file(const struct guest *guest, const char *path, struct plat_file **ret)
{
	_cleanup_(way_clear) struct way way = {0};
	struct plat_dir *parent;
	const char *leaf;
	int r = locate(guest, path, &way);
	if (!r)
		r = way_parent(guest, &way, &parent, &leaf);
	if (r)
		return r;
	r = plat_file_open_at(parent, leaf, ret);
	plat_dir_close(parent);
	return r;
}

int guest_read(const struct guest *guest, const char *path, size_t most, struct buf *ret)
{
	struct plat_file *file;
	int r = guest_file(guest, path, &file);
	if (r < 0)
		return r;
	r = plat_file_slurp(file, most, ret);
	plat_file_close(file);
	return r;
}

int guest_look(const struct guest *guest, const char *path, struct plat_info *ret)
{
	/* Only what lies above the last component is followed. */
	const char *leaf = str_leaf(path);
	_cleanup_free_ char *folder = mem_strndup(path, (size_t)(leaf - path));
	_cleanup_(way_clear) struct way way = {0};
	int r = locate(guest, folder, &way);
	if (r < 0 || *leaf)
		return r < 0 ? r : step(guest, &way, leaf, strlen(leaf), ret);
	struct plat_dir *parent;
	r = way_parent(guest, &way, &parent, &leaf);
	if (r < 0)
		return r;
	r = plat_info_at(parent, *leaf ? leaf : ".", ret);
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
	_cleanup_(way_clear) struct way way = {0};
	struct plat_dir *parent;
	const char *leaf;
	int r = locate(guest, path, &way);
	if (!r)
		r = way_parent(guest, &way, &parent, &leaf);
	if (r)
		return r;
	r = plat_dir_open_at(parent, *leaf ? leaf : ".", ret);
	plat_dir_close(parent);
	if (!r && ret_path)
		*ret_path = mem_strdup(way.done.len ? way.done.data : "/");
	return r;
}
