/* SPDX-License-Identifier: MIT */
#include "act/act.h"

#include <errno.h>
#include <string.h>

#include "act/grip.h"
#include "act/hands.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/stop.h"
#include "model/realm.h"

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

void hands_gone(struct step *step)
{
	hands_done(step, "was gone already");
}

void hands_skip(struct step *step, const char *why)
{
	finish(step, STEP_SKIPPED, mem_strdup(why));
}

void hands_fail(struct step *step, const char *doing, int error)
{
	if (error == -ECANCELED)
		hands_skip(step, "changed since it was planned");
	else
		finish(step, STEP_FAILED,
		       error ? mem_printf("%s: %s", doing, error_text(error))
			     : mem_strdup(doing));
}

void hands_refused(struct step *step, const char *why)
{
	finish(step, STEP_FAILED, mem_strdup(why));
}

bool hands_foreign(const struct hands *hands, const struct plat_info *info)
{
	return !hands->detached && info->mount != hands->mount;
}

bool hands_same_content(const struct plat_info *planned, const struct plat_info *now)
{
	return plat_same(planned->id, now->id) && planned->size == now->size &&
	       planned->mtime == now->mtime && planned->ctime == now->ctime;
}

static void do_truncate(const struct hands *hands, struct step *step, struct plat_dir *dir,
			const char *leaf)
{
	struct grip grip;
	int r = grip_take(dir, leaf, &step->target, &grip);
	if (r < 0) {
		hands_fail(step, "could not be opened", r);
		return;
	}
	step->held = writers_have(&hands->writers, grip.info.id);
	/* Another name of the file may be one that has to stay. */
	if (grip.info.links > 1)
		hands_skip(step, "not emptied: the file has other names (hard links)");
	else if ((r = plat_file_truncate(grip.file)) < 0 || (r = plat_file_sync(grip.file)) < 0)
		hands_fail(step, "could not be emptied", r);
	else
		hands_done(step, NULL);
	grip_drop(&grip);
}

static void remove_file(const struct hands *hands, struct step *step, struct plat_dir *dir,
			const char *leaf, const struct plat_info *now)
{
	int r = hands_remove_name(hands, dir, leaf, now);
	step->held = r > 0;
	if (r < 0)
		hands_fail(step, "could not be removed", r);
	else if (r > 0)
		hands_done(step, "emptied, not removed: a process holds it open for writing");
	else
		hands_done(step,
			   now->kind == PLAT_FILE && now->links > 1
				   ? "removed; the same content has other names (hard links)"
				   : NULL);
}

/* What may be said of a tree that was gone through. */
static void judge_tree(struct step *step, int r, const struct leftover *left)
{
	bool goes = step->action == STEP_REMOVE;
	step->held = left->emptied > 0;
	if (r == -EINTR)
		finish(step, STEP_PLANNED, mem_strdup("stopped before its end"));
	else if (r < 0 && step->error)
		step->state = STEP_FAILED;
	else if (r < 0)
		hands_fail(step, "could not be removed", r);
	else if (left->added)
		hands_skip(step, "filled again while it was emptied");
	else if (goes && left->refused)
		step->state = STEP_SKIPPED;
	else if (goes && left->kept)
		hands_done(step, "the directory stays for the members that are kept");
	else if (left->emptied && !step->error)
		hands_done(step, "files that a process holds open for writing were emptied");
	else
		step->state = STEP_DONE;
}

/* Clears an open directory and takes its name away if nothing stays. */
static void clear_open(const struct hands *hands, struct step *step, struct plat_dir *parent,
		       const char *leaf, struct plat_dir *dir)
{
	struct leftover left = {0};
	uint32_t flags;
	int frozen = plat_thaw_dir(dir, &flags);
	int r = hands_clear_tree(hands, step, dir, &left);
	bool all = !left.kept && !left.emptied && !left.refused && !left.added;
	(void)plat_dir_sync(dir);
	if (!r && step->action == STEP_REMOVE && all) {
		r = plat_rmdir(parent, leaf);
		if (!r || r == -ENOENT) {
			hands_done(step, NULL);
			return;
		}
		if (r == -ENOTEMPTY) {
			left.added++;
			r = 0;
		}
	}
	if (frozen > 0)
		(void)plat_freeze_dir(dir, flags);
	judge_tree(step, r, &left);
}

static void clear_directory(const struct hands *hands, struct step *step,
			    struct plat_dir *parent, const char *leaf)
{
	struct plat_dir *dir;
	struct plat_info now;
	int r = plat_dir_open_at(parent, leaf, &dir);
	if (r < 0) {
		hands_fail(step, "could not be opened", r);
		return;
	}
	r = plat_dir_info(dir, &now);
	if (!r && !plat_same(now.id, step->target.id))
		r = -ECANCELED;
	if (r < 0)
		hands_fail(step, "could not be looked at", r);
	else
		clear_open(hands, step, parent, leaf, dir);
	plat_dir_close(dir);
}

/* A plan that was edited may ask for anything. */
static bool fits(enum action action, enum plat_kind kind)
{
	if (action == STEP_EMPTY_TREE)
		return kind == PLAT_DIR;
	if (action == STEP_DISABLE)
		return false;
	return action == STEP_REMOVE || action == STEP_CREATE || kind == PLAT_FILE;
}

/* Why what stands at the place now is not what the step is for, or NULL. */
static const char *unfit(const struct hands *hands, const struct step *step,
			 const struct plat_info *now)
{
	if (step->action == STEP_CREATE)
		return "there is already such a file";
	if (!plat_same(now->id, step->target.id) || now->kind != step->target.kind)
		return "changed since it was planned";
	if (!fits(step->action, now->kind))
		return "not a kind of file that this can be done to";
	return hands_foreign(hands, now) ? "on another mount" : NULL;
}

static void do_existing(const struct hands *hands, struct step *step, struct plat_dir *dir,
			const char *leaf, const struct plat_info *now)
{
	const char *wrong = unfit(hands, step, now);
	if (wrong) {
		hands_skip(step, wrong);
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
		do_truncate(hands, step, dir, leaf);
		break;
	case STEP_REDACT:
		hands_redact(step, dir, leaf);
		break;
	case STEP_REPLACE:
		hands_write_new(step, dir, leaf);
		break;
	case STEP_CREATE:
	case STEP_DISABLE:
	case STEP_ACTION_COUNT:
		break;
	}
}

/* What is no more needs no taking away; new content still has to come. */
static void do_missing(struct step *step)
{
	if (step->action == STEP_CREATE)
		hands_fail(step, "its directory could not be opened", -ENOENT);
	else if (step->action == STEP_REPLACE)
		hands_fail(step, "could not be replaced", -ECANCELED);
	else
		hands_gone(step);
}

static void do_in(const struct hands *hands, struct step *step, struct plat_dir *dir,
		  const char *leaf)
{
	struct plat_info now = {0};
	int r = plat_info_at(dir, leaf, &now);
	if (r == -ENOENT && step->action == STEP_CREATE)
		hands_write_new(step, dir, leaf);
	else if (r == -ENOENT)
		do_missing(step);
	else if (r < 0)
		hands_fail(step, "could not be looked at", r);
	else
		do_existing(hands, step, dir, leaf, &now);
}

static bool changes_names(enum action action)
{
	return action == STEP_REMOVE || action == STEP_REPLACE || action == STEP_CREATE;
}

/* The times of the directory a name goes from are kept: they tell when the
 * directory was last used, and should not tell when we were there. */
static void do_below(const struct hands *hands, struct step *step, struct plat_dir *parent,
		     const char *leaf)
{
	struct plat_times times;
	uint32_t flags;
	bool timed = !plat_times_get(parent, &times);
	int frozen = plat_thaw_dir(parent, &flags);
	do_in(hands, step, parent, leaf);
	if (timed)
		(void)plat_times_set(parent, &times);
	if (frozen > 0)
		(void)plat_freeze_dir(parent, flags);
	int r = plat_dir_sync(parent);
	if (r < 0 && step->state == STEP_DONE)
		hands_fail(step, "could not be brought to the disk", r);
}

/* Opens the directory that holds the target; for what is new, a directory that
 * is missing is made, but none above it. */
static int parent_open(const struct step *step, struct plat_dir *root, const char *inside,
		       struct plat_dir **ret, const char **ret_leaf)
{
	struct plat_dir *above;
	const char *name;
	int r = plat_parent_open(root, inside, ret, ret_leaf);
	if (r != -ENOENT || step->action != STEP_CREATE)
		return r;
	const char *slash = strrchr(inside, '/');
	_cleanup_free_ char *folder = mem_strndup(inside, (size_t)(slash - inside));
	r = plat_parent_open(root, folder, &above, &name);
	if (r < 0)
		return r;
	r = plat_mkdir(above, name, 0755);
	if (!r)
		r = plat_dir_sync(above);
	plat_dir_close(above);
	return r ? r : plat_parent_open(root, inside, ret, ret_leaf);
}

void hands_step(const struct hands *hands, struct step *step, struct plat_dir *root,
		const char *inside)
{
	struct plat_dir *parent;
	struct plat_info place = {0};
	const char *leaf;
	int r = parent_open(step, root, inside, &parent, &leaf);
	if (r == -ENOENT) {
		do_missing(step);
		return;
	}
	if (r == -ELOOP || r == -ENOTDIR) {
		hands_skip(step, "changed since it was planned: a link is in the way");
		return;
	}
	if (r < 0) {
		hands_fail(step, "its directory could not be opened", r);
		return;
	}
	if (!*leaf)
		leaf = "."; /* the top of a volume */
	r = plat_dir_info(parent, &place);
	if (r < 0)
		hands_fail(step, "its directory could not be looked at", r);
	else if (hands_foreign(hands, &place))
		hands_skip(step, "on another mount");
	else if (changes_names(step->action))
		do_below(hands, step, parent, leaf);
	else
		do_in(hands, step, parent, leaf);
	plat_dir_close(parent);
}

/* What a cleaner creates is what its other steps rely on: ssh host keys do not go
 * before what will make new ones is there. */
static bool stands_on_nothing(const struct plan *plan, const struct step *step)
{
	for (size_t i = 0; i < plan->steps.n && plan->steps.v[i].action == STEP_CREATE; i++)
		if (plan->steps.v[i].state > STEP_DONE && step->action != STEP_CREATE &&
		    strcmp(plan->steps.v[i].name, step->name) == 0)
			return true;
	return false;
}

const char *hands_refuses(const struct hands *hands, const struct step *step)
{
	const struct act_setup *setup = hands->setup;
	if (stands_on_nothing(hands->plan, step))
		return "what it relies on could not be put in place";
	return setup->refuses(setup->context, step->action, step->path, &step->target);
}

int hands_enter(struct hands *hands, const char *path, struct plat_dir **ret_root,
		const char **ret_inside)
{
	const struct guest *guest = hands->setup->guest;
	const struct volume *volume = guest_volume(guest, path, ret_inside);
	if (!volume)
		return -ENXIO;
	const struct writable *own = &hands->volumes[volume - guest->volumes.v];
	if (!own->dir)
		return -EROFS;
	hands->detached = own->detached;
	hands->mount = own->mount;
	*ret_root = own->dir;
	return 0;
}

static void take_file(struct hands *hands, struct step *step)
{
	struct plat_dir *root;
	const char *inside;
	int r = hands_enter(hands, step->path, &root, &inside);
	if (r == -ENXIO)
		hands_skip(step, "not on a volume that is cleaned");
	else if (r < 0)
		hands_fail(step, "its volume can not be written", r);
	else
		hands_step(hands, step, root, inside);
}

static void take(struct hands *hands, struct step *step)
{
	enum realm realm = realm_of(step->path);
	const char *refusal = hands_refuses(hands, step);
	if (realm != REALM_REGISTRY)
		hands_registry_end(hands);
	if (refusal)
		hands_skip(step, refusal);
	else if (realm == REALM_FILES)
		take_file(hands, step);
	else if (realm == REALM_OBJECTS)
		hands_object(hands, step);
	else if (hands->setup->guest->live)
		hands_registry(hands, step);
	else
		hands_hive(hands, step);
}

static int open_volume(const struct guest *guest, const struct volume *volume,
		       struct writable *ret)
{
	_cleanup_free_ char *host = guest_volume_host(guest, volume);
	struct writable own;
	struct plat_info seen, now;
	int r = plat_volume_open(host, true, &own.dir, &own.detached);
	if (r < 0)
		return r;
	r = plat_dir_info(volume->dir, &seen);
	if (!r)
		r = plat_dir_info(own.dir, &now);
	if (!r && !plat_same(seen.id, now.id))
		r = -ECANCELED;
	if (r) {
		plat_dir_close(own.dir);
		return r;
	}
	own.mount = now.mount;
	*ret = own;
	return 0;
}

/* Only the first volume is needed; the steps on another that fails say so. */
static int open_volumes(const struct guest *guest, struct writable *volumes)
{
	int first = 0;
	for (size_t i = 0; i < guest->volumes.n; i++) {
		int r = open_volume(guest, &guest->volumes.v[i], &volumes[i]);
		if (!i)
			first = r;
	}
	return first;
}

int act_run(const struct act_setup *setup, struct plan *plan)
{
	struct hands hands = {.setup = setup, .plan = plan};
	size_t count = setup->guest->volumes.n;
	struct writable *volumes = mem_alloc(count * sizeof *volumes);
	int r = open_volumes(setup->guest, volumes);
	hands.volumes = volumes;
	writers_read(&hands.writers);
	for (size_t i = 0; !r && i < plan->steps.n && !stop_asked(); i++) {
		struct step *step = &plan->steps.v[i];
		if (step->state != STEP_PLANNED)
			continue;
		take(&hands, step);
		if (setup->done)
			setup->done(step, setup->progress_context);
	}
	hands_registry_end(&hands);
	hands_registry_free(&hands);
	for (size_t i = 0; i < count; i++)
		plat_dir_close(volumes[i].dir);
	free(volumes);
	writers_free(&hands.writers);
	return r;
}
