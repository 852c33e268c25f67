/* SPDX-License-Identifier: MIT */
/* Removing names and trees. A tree is gone through with one open directory for
 * each level; each was opened without following a link, so whatever somebody
 * renames meanwhile, only members of directories that were inside go. */
#include <errno.h>
#include <string.h>

#include "act/grip.h"
#include "act/hands.h"
#include "base/stop.h"
#include "base/str.h"

#define MOST_LEVELS 100000

static int empty_file(struct plat_dir *dir, const char *name, const struct plat_info *info)
{
	struct grip grip;
	int r = grip_take(dir, name, info, &grip);
	if (r < 0)
		return r;
	r = grip.info.links > 1 ? -ECANCELED : plat_file_truncate(grip.file);
	if (!r)
		r = plat_file_sync(grip.file);
	grip_drop(&grip);
	return r < 0 ? r : 1;
}

/* The flags go back when the file stays, be it under another name. */
static int unlink_frozen(struct plat_dir *dir, const char *name, const struct plat_info *info)
{
	struct grip grip;
	int r = grip_thaw(dir, name, info, &grip);
	if (r < 0)
		return r;
	r = plat_unlink(dir, name);
	if (!r && grip.info.links == 1)
		grip.frozen = false;
	grip_drop(&grip);
	return r;
}

int hands_remove_name(const struct hands *hands, struct plat_dir *dir, const char *name,
		      const struct plat_info *info)
{
	if (info->kind == PLAT_FILE && info->links == 1 &&
	    writers_have(&hands->writers, info->id))
		return empty_file(dir, name, info);
	int r = plat_unlink(dir, name);
	if (r == -EPERM && info->kind == PLAT_FILE)
		r = unlink_frozen(dir, name, info);
	return r == -ENOENT ? 0 : r;
}

struct level {
	struct plat_dir *dir;
	size_t path_len; /* of this directory */
	uint64_t left;	 /* members that stay */
	uint32_t flags;	 /* to be put back if it stays */
	bool frozen, timed;
	struct plat_times times; /* likewise */
};

struct clearing {
	const struct hands *hands;
	struct step *step;
	struct buf path;
	VEC(struct level) levels;
	struct leftover left;
	int first; /* first error */
};

static struct level *top(struct clearing *c)
{
	return &c->levels.v[c->levels.n - 1];
}

static void say(struct clearing *c, const char *format, const char *reason)
{
	struct buf text = {0};
	str_quote(&text, buf_text(&c->path));
	free(c->step->error);
	c->step->error = mem_printf("%s%s%s", text.data, format, reason);
	buf_free(&text);
}

/* A fault is told before a refusal. */
static void fault(struct clearing *c, int error)
{
	top(c)->left++;
	if (c->first)
		return;
	c->first = error;
	say(c, ": ", error == -ECANCELED ? "changed meanwhile" : strerror(-error));
}

static void refuse(struct clearing *c, const char *reason)
{
	top(c)->left++;
	if (!c->first && !c->left.refused)
		say(c, " stays: ", reason);
	c->left.refused++;
}

static void push(struct clearing *c, struct plat_dir *dir)
{
	struct level *level = vec_add(&c->levels);
	level->dir = dir;
	level->path_len = c->path.len;
	level->timed = !plat_times_get(dir, &level->times);
	level->frozen = plat_thaw_dir(dir, &level->flags) > 0;
}

static void enter(struct clearing *c, const char *name, const struct plat_info *info)
{
	struct plat_dir *dir;
	struct plat_info now;
	int r = c->levels.n < MOST_LEVELS ? plat_dir_open_at(top(c)->dir, name, &dir) : -EMFILE;
	if (r < 0) {
		fault(c, r);
		return;
	}
	r = plat_dir_info(dir, &now);
	if (!r && plat_same(now.id, info->id)) {
		push(c, dir);
		return;
	}
	plat_dir_close(dir);
	fault(c, r < 0 ? r : -ECANCELED);
}

static void remove_member(struct clearing *c, const char *name, const struct plat_info *info)
{
	int r = hands_remove_name(c->hands, top(c)->dir, name, info);
	if (r < 0) {
		fault(c, r);
	} else if (r > 0) {
		top(c)->left++;
		c->left.emptied++;
	}
}

static void take_member(struct clearing *c, const char *name)
{
	const struct act_setup *setup = c->hands->setup;
	struct plat_info info;
	int r = plat_info_at(top(c)->dir, name, &info);
	if (r < 0) {
		if (r != -ENOENT)
			fault(c, r);
		return;
	}
	const char *path = buf_text(&c->path);
	const char *refusal = hands_foreign(c->hands, &info)
				      ? "another mount"
				      : setup->refuses(setup->context, STEP_REMOVE, path,
						       &info);
	if (step_keeps(c->step, path, info.kind)) {
		top(c)->left++;
		c->left.kept++;
	} else if (refusal) {
		refuse(c, refusal);
	} else if (info.kind == PLAT_DIR) {
		enter(c, name, &info);
	} else {
		remove_member(c, name, &info);
	}
}

/* Takes the name of a cleared directory away; false when it stays. */
static bool drop_directory(struct clearing *c, const struct level *done, const char *name)
{
	int r = done->left ? -ENOTEMPTY : plat_rmdir(top(c)->dir, name);
	if (!r || r == -ENOENT)
		return true;
	if (r != -ENOTEMPTY) {
		fault(c, r);
		return false;
	}
	top(c)->left++;
	if (!done->left)
		c->left.added++;
	return false;
}

static void leave(struct clearing *c)
{
	struct level done = *top(c);
	c->levels.n--;
	buf_cut(&c->path, done.path_len);
	if (!c->levels.n || !drop_directory(c, &done, str_leaf(buf_text(&c->path)))) {
		if (done.timed)
			(void)plat_times_set(done.dir, &done.times);
		if (done.frozen)
			(void)plat_freeze_dir(done.dir, done.flags);
	}
	plat_dir_close(done.dir);
	if (c->levels.n)
		buf_cut(&c->path, top(c)->path_len);
}

static void advance(struct clearing *c)
{
	const char *name;
	enum plat_kind kind;
	int r = stop_asked() ? -EINTR : plat_dir_next(top(c)->dir, &name, &kind);
	if (r <= 0) {
		if (r < 0)
			fault(c, r);
		leave(c);
		return;
	}
	size_t before = c->levels.n, len = c->path.len;
	buf_printf(&c->path, "/%s", name);
	take_member(c, name);
	if (c->levels.n == before)
		buf_cut(&c->path, len);
}

int hands_clear_tree(const struct hands *hands, struct step *step, struct plat_dir *dir,
		     struct leftover *ret_left)
{
	struct clearing c = {.hands = hands, .step = step};
	struct plat_dir *again;
	int r = plat_dir_open_at(dir, ".", &again);
	if (r < 0)
		return r;
	buf_puts(&c.path, step->path);
	push(&c, again);
	while (c.levels.n)
		advance(&c);
	*ret_left = c.left;
	vec_free(&c.levels);
	buf_free(&c.path);
	return c.first;
}
