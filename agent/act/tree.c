/* SPDX-License-Identifier: MIT */
/* Removing names and trees. A tree is gone through with one open directory for
 * each level; each was opened without following a link, so whatever somebody
 * renames meanwhile, only members of directories that were inside go. */
#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "base/stop.h"
#include "base/str.h"

#define MOST_LEVELS 100000

static int empty_file(struct plat_dir *dir, const char *name, const struct plat_info *info)
{
	struct plat_file *file;
	struct plat_info now;
	int r = plat_file_open_write(dir, name, &file);
	if (r < 0)
		return r;
	r = plat_file_info(file, &now);
	if (!r)
		r = plat_same(now.id, info->id) ? plat_file_truncate(file) : -ESTALE;
	plat_file_close(file);
	return r < 0 ? r : 1;
}

int hands_remove_name(const struct hands *hands, struct plat_dir *dir, const char *name,
		      const struct plat_info *info)
{
	if (info->kind == PLAT_FILE && info->links == 1 && hands_held_open(hands, info->id))
		return empty_file(dir, name, info);
	int r = plat_unlink(dir, name);
	uint32_t flags;
	if (r == -EPERM && plat_thaw(dir, name, &flags) > 0)
		r = plat_unlink(dir, name);
	return r == -ENOENT ? 0 : r;
}

struct level {
	struct plat_dir *dir;
	size_t path_len; /* of this directory */
	uint64_t left;	 /* members that stay */
};

struct clearing {
	const struct hands *hands;
	struct step *step;
	struct buf path;
	VEC(struct level) levels;
	uint64_t mount;
	int first; /* first error */
};

static struct level *top(struct clearing *c)
{
	return &c->levels.v[c->levels.n - 1];
}

static void note(struct clearing *c, int error, const char *reason)
{
	if (!c->first)
		c->first = error;
	if (c->step->error)
		return;
	struct buf text = {0};
	str_quote(&text, buf_text(&c->path));
	c->step->error = mem_printf("%s: %s", text.data, reason);
	buf_free(&text);
}

static void stays(struct clearing *c, const char *reason)
{
	top(c)->left++;
	if (reason && !c->step->error) {
		struct buf text = {0};
		str_quote(&text, buf_text(&c->path));
		c->step->error = mem_printf("%s stays: %s", text.data, reason);
		buf_free(&text);
	}
}

static void push(struct clearing *c, struct plat_dir *dir)
{
	uint32_t flags;
	(void)plat_thaw_dir(dir, &flags);
	*vec_add(&c->levels) = (struct level){dir, c->path.len, 0};
}

static void enter(struct clearing *c, const char *name, const struct plat_info *info)
{
	struct plat_dir *dir;
	struct plat_info now;
	int r = c->levels.n < MOST_LEVELS ? plat_dir_open_at(top(c)->dir, name, &dir) : -EMFILE;
	if (!r && (r = plat_dir_info(dir, &now)) == 0 && plat_same(now.id, info->id)) {
		push(c, dir);
		return;
	}
	if (!r)
		plat_dir_close(dir);
	top(c)->left++;
	note(c, r < 0 ? r : -ESTALE, r < 0 ? strerror(-r) : "changed meanwhile");
}

/* True when the member is a directory that was entered. */
static bool take_member(struct clearing *c, const char *name)
{
	struct plat_info info;
	int r = plat_info_at(top(c)->dir, name, &info);
	if (r == -ENOENT)
		return false;
	if (r < 0) {
		top(c)->left++;
		note(c, r, strerror(-r));
		return false;
	}
	const struct act_setup *setup = c->hands->setup;
	const char *refusal =
		setup->refuses(setup->context, STEP_REMOVE, buf_text(&c->path), &info);
	if (step_keeps(c->step, buf_text(&c->path), info.kind)) {
		stays(c, NULL);
	} else if (refusal) {
		stays(c, refusal);
	} else if (!c->hands->detached && info.mount != c->mount) {
		stays(c, "another mount");
	} else if (info.kind == PLAT_DIR) {
		size_t before = c->levels.n;
		enter(c, name, &info);
		return c->levels.n > before;
	} else {
		r = hands_remove_name(c->hands, top(c)->dir, name, &info);
		if (r) /* emptied, or an error */
			top(c)->left++;
		if (r < 0)
			note(c, r, strerror(-r));
	}
	return false;
}

static void leave(struct clearing *c)
{
	struct level done = *top(c);
	buf_cut(&c->path, done.path_len);
	plat_dir_close(done.dir);
	c->levels.n--;
	if (!c->levels.n)
		return;
	const char *name = str_leaf(buf_text(&c->path));
	int r = done.left ? 0 : plat_rmdir(top(c)->dir, name);
	if (done.left || r == -ENOTEMPTY) /* somebody added a member: next run */
		top(c)->left++;
	else if (r < 0 && r != -ENOENT) {
		top(c)->left++;
		note(c, r, strerror(-r));
	}
	buf_cut(&c->path, top(c)->path_len);
}

int hands_clear_tree(const struct hands *hands, struct step *step, struct plat_dir *dir,
		     uint64_t *ret_left)
{
	struct clearing c = {.hands = hands, .step = step};
	struct plat_dir *again;
	struct plat_info info;
	int r = plat_dir_open_at(dir, ".", &again);
	if (r < 0)
		return r;
	if (!plat_dir_info(again, &info))
		c.mount = info.mount;
	buf_puts(&c.path, step->path);
	push(&c, again);
	while (c.levels.n) {
		const char *name;
		enum plat_kind kind;
		r = stop_asked() ? -EINTR : plat_dir_next(top(&c)->dir, &name, &kind);
		if (r < 0) {
			top(&c)->left++;
			note(&c, r, r == -EINTR ? "stopped" : strerror(-r));
		}
		if (r <= 0) {
			*ret_left = top(&c)->left;
			leave(&c);
			continue;
		}
		size_t len = c.path.len;
		buf_printf(&c.path, "/%s", name);
		if (!take_member(&c, name))
			buf_cut(&c.path, len);
	}
	vec_free(&c.levels);
	buf_free(&c.path);
	return c.first;
}
