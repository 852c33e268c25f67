/* SPDX-License-Identifier: MIT */
#include "act/act.h"

#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "base/cleanup.h"
#include "base/stop.h"

struct view {
	struct plat_dir *dir; /* writable */
	bool detached;
};

static void finish(struct step *step, enum step_state state, char *error)
{
	free(step->error);
	step->state = state;
	step->error = error;
}

void hands_done(struct step *step, const char *remark)
{
	finish(step, STEP_DONE, remark ? mem_strdup(remark) : NULL);
}

void hands_skip(struct step *step, const char *why)
{
	finish(step, STEP_SKIPPED, mem_strdup(why));
}

void hands_fail(struct step *step, const char *doing, int error)
{
	finish(step, STEP_FAILED, mem_printf("%s: %s", doing, strerror(-error)));
}

static int compare_ids(const void *a, const void *b)
{
	const struct plat_id *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

bool hands_held_open(const struct hands *hands, struct plat_id id)
{
	return hands->writer_count && bsearch(&id, hands->writers, hands->writer_count,
					      sizeof *hands->writers, compare_ids);
}

bool hands_same_content(const struct plat_info *planned, const struct plat_info *now)
{
	return plat_same(planned->id, now->id) && planned->size == now->size &&
	       planned->mtime == now->mtime && planned->ctime == now->ctime;
}

static void do_truncate(struct step *step, struct plat_dir *dir, const char *leaf)
{
	struct plat_file *file;
	struct plat_info now;
	uint32_t flags;
	int frozen = plat_thaw(dir, leaf, &flags);
	int r = frozen < 0 ? frozen : plat_file_open_write(dir, leaf, &file);
	if (!r) {
		r = plat_file_info(file, &now);
		/* Another name of the file may be one that has to stay. */
		if (!r && (!plat_same(now.id, step->target.id) || now.links > 1))
			hands_skip(step, "changed since it was planned");
		else if (!r && !(r = plat_file_truncate(file)) && !(r = plat_file_sync(file)))
			hands_done(step, NULL);
		plat_file_close(file);
	}
	if (frozen > 0)
		(void)plat_freeze(dir, leaf, flags);
	if (r < 0)
		hands_fail(step, "could not be emptied", r);
}

static void remove_file(const struct hands *hands, struct step *step, struct plat_dir *dir,
			const char *leaf, const struct plat_info *now)
{
	int r = hands_remove_name(hands, dir, leaf, now);
	if (r < 0)
		hands_fail(step, "could not be removed", r);
	else if (r > 0)
		hands_done(step, "emptied, not removed: a process holds it open for writing");
	else
		hands_done(step, now->kind == PLAT_FILE && now->links > 1
					 ? "removed; the same content has other names (hard links)"
					 : NULL);
}

static void clear_directory(const struct hands *hands, struct step *step,
			    struct plat_dir *parent, const char *leaf)
{
	struct plat_dir *dir;
	struct plat_info now;
	uint64_t left = 0;
	int r = plat_dir_open_at(parent, leaf, &dir);
	if (!r)
		r = plat_dir_info(dir, &now);
	if (r < 0) {
		hands_fail(step, "could not be opened", r);
		return;
	}
	if (!plat_same(now.id, step->target.id)) {
		plat_dir_close(dir);
		hands_skip(step, "changed since it was planned");
		return;
	}
	struct plat_times times;
	bool timed = step->action == STEP_EMPTY_TREE && !plat_times_get(dir, &times);
	r = hands_clear_tree(hands, step, dir, &left);
	if (timed)
		(void)plat_times_set(dir, &times);
	(void)plat_dir_sync(dir);
	plat_dir_close(dir);
	if (!r && step->action == STEP_REMOVE && !left)
		r = plat_rmdir(parent, leaf);
	if (r < 0 && !step->error)
		hands_fail(step, "could not be removed", r);
	else if (r < 0)
		step->state = STEP_FAILED;
	else if (step->state == STEP_PLANNED)
		hands_done(step, NULL);
}

static void do_existing(const struct hands *hands, struct step *step, struct plat_dir *dir,
			const char *leaf, const struct plat_info *now)
{
	if (!plat_same(now->id, step->target.id) || now->kind != step->target.kind) {
		hands_skip(step, "changed since it was planned");
		return;
	}
	switch (step->action) {
	case STEP_REMOVE:
		if (now->kind == PLAT_DIR)
			clear_directory(hands, step, dir, leaf);
		else
			remove_file(hands, step, dir, leaf, now);
		break;
	case STEP_EMPTY_TREE:
		clear_directory(hands, step, dir, leaf);
		break;
	case STEP_TRUNCATE:
		do_truncate(step, dir, leaf);
		break;
	case STEP_REDACT:
		hands_redact(step, dir, leaf);
		break;
	case STEP_REPLACE:
		hands_write_new(step, dir, leaf);
		break;
	case STEP_CREATE:
	case STEP_ACTION_COUNT:
		hands_skip(step, "there is already such a file");
		break;
	}
}

static void do_in(const struct hands *hands, struct step *step, struct plat_dir *dir,
		  const char *leaf)
{
	struct plat_info now = {0};
	int r = plat_info_at(dir, *leaf ? leaf : ".", &now);
	if (r == -ENOENT && step->action == STEP_CREATE) {
		hands_write_new(step, dir, leaf);
		return;
	}
	if (r == -ENOENT)
		hands_done(step, "was gone already");
	else if (r < 0)
		hands_fail(step, "could not be looked at", r);
	else
		do_existing(hands, step, dir, *leaf ? leaf : ".", &now);
}

/* The times of the directory a name goes from are kept: they tell when the
 * directory was last used, and should not tell when we were there. */
static void do_step(const struct hands *hands, struct step *step, struct plat_dir *root,
		    const char *inside)
{
	struct plat_dir *parent;
	const char *leaf;
	int r = plat_parent_open(root, inside, &parent, &leaf);
	if (r == -ENOENT) {
		hands_done(step, "was gone already");
		return;
	}
	if (r < 0) {
		if (r == -ELOOP || r == -ENOTDIR)
			hands_skip(step, "changed since it was planned: a link is in the way");
		else
			hands_fail(step, "its directory could not be opened", r);
		return;
	}
	struct plat_times times;
	uint32_t flags;
	bool timed = !plat_times_get(parent, &times);
	int frozen = plat_thaw_dir(parent, &flags);
	do_in(hands, step, parent, leaf);
	if (timed)
		(void)plat_times_set(parent, &times);
	if (frozen > 0)
		(void)plat_freeze_dir(parent, flags);
	(void)plat_dir_sync(parent);
	plat_dir_close(parent);
}

static void take(struct hands *hands, struct step *step, const struct view *views)
{
	const struct act_setup *setup = hands->setup;
	const char *inside;
	const struct volume *volume = guest_volume(setup->guest, step->path, &inside);
	const char *refusal =
		volume ? setup->refuses(setup->context, step->action, step->path, &step->target)
		       : "not on a volume that is cleaned";
	const struct view *view =
		volume ? &views[volume - setup->guest->volumes.v] : NULL;
	if (refusal) {
		hands_skip(step, refusal);
	} else if (!view->dir) {
		hands_fail(step, "its volume can not be written", -EROFS);
	} else {
		hands->detached = view->detached;
		do_step(hands, step, view->dir, inside);
	}
}

static int open_views(const struct guest *guest, struct view *views)
{
	int first = 0;
	for (size_t i = 0; i < guest->volumes.n; i++) {
		const char *path = guest->volumes.v[i].path;
		_cleanup_free_ char *host = mem_printf("%s%s", guest->live ? "" : guest->root, path);
		int r = plat_volume_open(host, true, &views[i].dir, &views[i].detached);
		struct plat_info seen, now;
		if (!r && (plat_dir_info(guest->volumes.v[i].dir, &seen) < 0 ||
			   plat_dir_info(views[i].dir, &now) < 0 || !plat_same(seen.id, now.id))) {
			views[i].dir = plat_dir_close(views[i].dir);
			r = -ESTALE;
		}
		if (r < 0 && !i)
			first = r;
	}
	return first;
}

int act_run(const struct act_setup *setup, struct plan *plan)
{
	struct hands hands = {.setup = setup};
	size_t count = setup->guest->volumes.n;
	struct view *views = mem_alloc(count * sizeof *views);
	int r = open_views(setup->guest, views);
	(void)plat_writers(&hands.writers, &hands.writer_count);
	for (size_t i = 0; !r && i < plan->steps.n && !stop_asked(); i++) {
		struct step *step = &plan->steps.v[i];
		take(&hands, step, views);
		if (setup->done)
			setup->done(step, setup->progress_context);
	}
	for (size_t i = 0; i < count; i++)
		plat_dir_close(views[i].dir);
	free(views);
	free(hands.writers);
	return r;
}
