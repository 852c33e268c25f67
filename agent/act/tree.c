/* SPDX-License-Identifier: MIT */
/* Removing names and trees. A tree is gone through with one open directory for
 * each level; each was opened without following a link, so whatever somebody
 * renames meanwhile, only members of directories that were inside go. */
#include <errno.h>
#include <string.h>

#include "act/grip.h"
#include "act/hands.h"
#include "base/error.h"
#include "base/sort.h"
#include "base/stop.h"
#include "base/str.h"

#define MOST_LEVELS 100000
#define MOST_WAITING 10000

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
	uint64_t device;
	size_t path_len; /* of this directory */
	uint64_t left;	 /* members that stay */
	uint32_t flags;	 /* to be put back if it stays */
	bool frozen, timed;
	struct plat_times times; /* likewise */
};

/* A member that goes without a look. */
struct waiting {
	uint64_t inode;
	size_t name; /* where it begins in the names */
};

struct clearing {
	const struct hands *hands;
	struct step *step;
	struct buf path;
	VEC(struct level) levels;
	VEC(struct waiting) waiting; /* members of the directory at hand */
	struct buf names;	     /* theirs, each with its NUL */
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
	say(c, ": ", error == -ECANCELED ? "changed meanwhile" : error_text(error));
}

static void refuse(struct clearing *c, const char *reason)
{
	top(c)->left++;
	if (!c->first && !c->left.refused)
		say(c, " stays: ", reason);
	c->left.refused++;
}

static void push(struct clearing *c, struct plat_dir *dir, uint64_t device)
{
	struct level *level = vec_add(&c->levels);
	level->dir = dir;
	level->device = device;
	level->path_len = c->path.len;
	level->timed = !plat_times_get(dir, &level->times);
	level->frozen = plat_thaw_dir(dir, &level->flags) > 0;
}

static void add_name(struct buf *path, const char *name)
{
	buf_puts(path, "/");
	buf_puts(path, name);
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
		push(c, dir, now.id.device);
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

/* Looks at a member and does what is right for it. */
static void take_member(struct clearing *c, const char *name, bool enters)
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
	bool any_case = setup->guest->any_case;
	const char *refusal = hands_foreign(c->hands, &info)
				      ? "another mount"
				      : setup->refuses(setup->context, STEP_REMOVE, path,
						       &info);
	if (step_keeps(c->step, any_case, path, info.kind)) {
		top(c)->left++;
		c->left.kept++;
	} else if (refusal) {
		refuse(c, refusal);
	} else if (info.kind == PLAT_DIR && !enters) {
		top(c)->left++;
		c->left.added++;
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

/* Most members need no look: the listing tells which file it is. */
static bool goes_unseen(struct clearing *c, enum plat_kind kind, uint64_t inode)
{
	const struct act_setup *setup = c->hands->setup;
	const char *path = buf_text(&c->path);
	struct plat_info info = {.kind = kind, .id = {top(c)->device, inode}};
	return inode && !writers_have(&c->hands->writers, info.id) &&
	       !step_keeps(c->step, setup->guest->any_case, path, kind) &&
	       !setup->refuses(setup->context, STEP_REMOVE, path, &info);
}

static int compare_inodes(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* In the order of their inodes: those that share a block of the disk go together,
 * which saves a fifth of the time. What does not go like that is looked at. */
static void remove_waiting(struct clearing *c)
{
	size_t len = c->path.len;
	sort_stable(c->waiting.v, c->waiting.n, sizeof *c->waiting.v, compare_inodes);
	vec_each(&c->waiting, member) {
		const char *name = c->names.data + member->name;
		int r = plat_unlink(top(c)->dir, name);
		if (!r || r == -ENOENT)
			continue;
		add_name(&c->path, name);
		take_member(c, name, false);
		buf_cut(&c->path, len);
	}
	c->waiting.n = 0;
	buf_cut(&c->names, 0);
}

static void next_member(struct clearing *c, const char *name, enum plat_kind kind)
{
	bool folder = kind == PLAT_DIR || kind == PLAT_UNKNOWN;
	if (folder || c->waiting.n == MOST_WAITING)
		remove_waiting(c);
	size_t before = c->levels.n, len = c->path.len;
	uint64_t inode = folder ? 0 : plat_dir_inode(top(c)->dir);
	add_name(&c->path, name);
	if (goes_unseen(c, kind, inode)) {
		*vec_add(&c->waiting) = (struct waiting){inode, c->names.len};
		buf_add(&c->names, name, strlen(name) + 1);
	} else {
		take_member(c, name, true);
	}
	if (c->levels.n == before)
		buf_cut(&c->path, len);
}

static void advance(struct clearing *c)
{
	const char *name;
	enum plat_kind kind;
	int r = stop_asked() ? -EINTR : plat_dir_next(top(c)->dir, &name, &kind);
	if (r > 0) {
		next_member(c, name, kind);
		return;
	}
	if (r == -EINTR)
		c->waiting.n = 0;
	remove_waiting(c);
	if (r < 0)
		fault(c, r);
	leave(c);
}

int hands_clear_tree(const struct hands *hands, struct step *step, struct plat_dir *dir,
		     struct leftover *ret_left)
{
	struct clearing c = {.hands = hands, .step = step};
	struct plat_dir *again = NULL;
	struct plat_info info;
	int r = plat_dir_info(dir, &info);
	if (!r)
		r = plat_dir_open_at(dir, ".", &again);
	if (r < 0)
		return r;
	buf_puts(&c.path, step->path);
	push(&c, again, info.id.device);
	while (c.levels.n)
		advance(&c);
	*ret_left = c.left;
	vec_free(&c.levels);
	vec_free(&c.waiting);
	buf_free(&c.names);
	buf_free(&c.path);
	return c.first;
}
