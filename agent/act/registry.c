/* SPDX-License-Identifier: MIT */
/* Steps in the registry of the running system. A value or key has no identity but its name,
 * so what is about to get new content is compared by its size and by when its key was last
 * written, and the times that our own steps leave are known. */
#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "act/value.h"
#include "base/cleanup.h"
#include "base/stop.h"
#include "model/realm.h"
#include "model/registered.h"

/* A place while it is acted on. */
struct spot {
	char *path;	  /* where it can be reached now: HKU\imgsan-SID\... */
	char *key;	  /* of that, the key */
	const char *name; /* of that, the value; or NULL */
	struct plat_info now;
};

static void spot_free(struct spot *spot)
{
	free(spot->path);
	free(spot->key);
}

/* ---- our own changes ---- */

static int64_t written(const char *key)
{
	struct plat_info info;
	return registered_look(key, &info) < 0 ? 0 : info.mtime;
}

static struct touched *touched_find(const struct hands *hands, const char *key)
{
	for (size_t i = hands->touched.n; i; i--)
		if (strcmp(hands->touched.v[i - 1].key, key) == 0)
			return &hands->touched.v[i - 1];
	return NULL;
}

/* A step has changed the key, which had been written `before`. */
static void touch(struct hands *hands, const char *key, int64_t before)
{
	struct touched *known = touched_find(hands, key);
	int64_t now = written(key);
	if (!now || now == before || (known && known->now != before))
		return;
	if (known)
		known->now = now;
	else
		*vec_add(&hands->touched) = (struct touched){mem_strdup(key), before, now};
}

/* The key whose time a change at this place moves. */
static char *moved_by(const struct spot *spot, enum action action)
{
	const char *end = strrchr(spot->key, '\\');
	bool parent = !spot->name && action == STEP_REMOVE && end;
	return parent ? mem_strndup(spot->key, (size_t)(end - spot->key))
		      : mem_strdup(spot->key);
}

static bool is_as_planned(const struct hands *hands, const struct step *step,
			  const struct spot *spot)
{
	const struct touched *known = touched_find(hands, spot->key);
	bool ours = known && known->planned == step->target.mtime &&
		    known->now == spot->now.mtime;
	return step->target.size == spot->now.size &&
	       (ours || step->target.mtime == spot->now.mtime);
}

/* ---- values ---- */

/* Sets the value and sees that it is what is there. */
static int put(const struct spot *spot, uint32_t type, const struct buf *data)
{
	struct plat_key *key = NULL;
	struct plat_value value;
	int r = plat_value_set(spot->key, spot->name, type, data->data, data->len);
	if (!r)
		r = plat_key_open(spot->key, &key);
	if (r < 0)
		return r;
	r = plat_key_value(key, spot->name, &value);
	if (!r && (value.type != type || value.len != data->len ||
		   (data->len && memcmp(value.data, data->data, data->len) != 0)))
		r = -EIO;
	plat_key_close(key);
	return r;
}

static int take_value(const struct spot *spot, uint32_t *ret_type, struct buf *ret)
{
	struct plat_key *key;
	struct plat_value value;
	int r = plat_key_open(spot->key, &key);
	if (r < 0)
		return r;
	r = plat_key_value(key, spot->name, &value);
	if (!r) {
		*ret_type = value.type;
		buf_add(ret, value.data, value.len);
	}
	plat_key_close(key);
	return r;
}

static int redact(const struct step *step, const struct spot *spot)
{
	_cleanup_(buf_wipe) struct buf data = {0};
	uint32_t type = 0;
	int r = take_value(spot, &type, &data);
	if (!r)
		r = value_redact(step, type, (uint8_t *)data.data, data.len);
	return r < 0 ? r : put(spot, type, &data);
}

/* Of the type that it has; one that is new, of the type that the step says. */
static int replace(const struct step *step, const struct spot *spot)
{
	_cleanup_(buf_wipe) struct buf old = {0}, data = {0};
	uint32_t type = step->mode;
	int r = step->action == STEP_CREATE ? 0 : take_value(spot, &type, &old);
	if (!r && step->content_len)
		r = value_encode(type, step->content, step->content_len, &data);
	return r < 0 ? r : put(spot, type, &data);
}

/* ---- keys ---- */

struct sweep {
	const struct hands *hands;
	struct step *step;
	size_t shift; /* what `path` has more in front than the step's path */
	size_t kept, failed;
	int first; /* fault */
};

static int sweep_key(struct sweep *sweep, const char *path);

typedef VEC(char *) names;

static void names_free(names *list)
{
	vec_each(list, name)
		free(*name);
	vec_free(list);
}

/* All names first: what goes while they are told moves the others. */
static int read_names(const char *path, names *values, names *keys)
{
	struct plat_key *key;
	struct plat_value value;
	const char *name;
	int r = plat_key_open(path, &key);
	if (r < 0)
		return r;
	while ((r = plat_key_next_value(key, &value)) > 0)
		*vec_add(values) = mem_strdup(value.name);
	while (!r && (r = plat_key_next(key, &name)) > 0) {
		*vec_add(keys) = mem_strdup(name);
		r = 0;
	}
	plat_key_close(key);
	return r;
}

/* The name that the plan knows the place by. */
static char *as_planned(const struct sweep *sweep, const char *path)
{
	static const char users[] = "HKU\\";
	return sweep->shift ? mem_printf("%s%s", users, path + strlen(users) + sweep->shift)
			    : mem_strdup(path);
}

static bool stays(struct sweep *sweep, const char *path, enum plat_kind kind)
{
	const struct act_setup *setup = sweep->hands->setup;
	_cleanup_free_ char *planned = as_planned(sweep, path);
	struct plat_info info = {.kind = kind};
	const char *refusal = setup->refuses(setup->context, STEP_REMOVE, planned, &info);
	bool kept = refusal || step_keeps(sweep->step, true, planned, kind);
	sweep->kept += kept;
	return kept;
}

static void count(struct sweep *sweep, int r)
{
	if (r >= 0 || r == -ENOENT)
		return;
	sweep->failed++;
	sweep->first = sweep->first ? sweep->first : r;
}

static void sweep_value(struct sweep *sweep, const char *path, const char *name)
{
	_cleanup_free_ char *place = mem_printf("%s\\\\%s", path, name);
	if (!stays(sweep, place, PLAT_FILE))
		count(sweep, plat_value_remove(path, name));
}

static void sweep_below(struct sweep *sweep, const char *path, const char *name)
{
	_cleanup_free_ char *place = mem_printf("%s\\%s", path, name);
	size_t before = sweep->kept + sweep->failed;
	if (stays(sweep, place, PLAT_DIR))
		return;
	int r = sweep_key(sweep, place);
	if (!r && sweep->kept + sweep->failed == before)
		r = plat_key_remove(place);
	count(sweep, r);
}

/* All below a key; of one that is a link there is nothing. */
static int sweep_key(struct sweep *sweep, const char *path)
{
	_cleanup_(names_free) names values = {0}, keys = {0};
	int r = stop_asked() ? -EINTR : read_names(path, &values, &keys);
	if (r < 0)
		return r == -ELOOP ? 0 : r;
	vec_each(&keys, name)
		sweep_below(sweep, path, *name);
	vec_each(&values, name)
		sweep_value(sweep, path, *name);
	return 0;
}

static int clear(const struct hands *hands, struct step *step, const struct spot *spot,
		 size_t *ret_kept)
{
	struct sweep sweep = {
		.hands = hands,
		.step = step,
		.shift = strlen(spot->path) - strlen(step->path),
	};
	count(&sweep, sweep_key(&sweep, spot->key));
	if (!sweep.first && !sweep.kept && step->action == STEP_REMOVE)
		count(&sweep, plat_key_remove(spot->key));
	*ret_kept = sweep.kept;
	return sweep.first;
}

/* ---- a step ---- */

static bool fits(enum action action, enum plat_kind kind)
{
	switch (action) {
	case STEP_REMOVE:
		return true;
	case STEP_EMPTY_TREE:
		return kind == PLAT_DIR;
	case STEP_TRUNCATE:
	case STEP_REDACT:
	case STEP_REPLACE:
		return kind == PLAT_FILE;
	default:
		return false;
	}
}

/* Why what is there now is not what the step is for, or NULL. */
static const char *unfit(const struct hands *hands, const struct step *step,
			 const struct spot *spot)
{
	if (step->action == STEP_CREATE)
		return "there is already such a value";
	if (step->target.kind != PLAT_UNKNOWN && step->target.kind != spot->now.kind)
		return "changed since it was planned";
	if (!fits(step->action, spot->now.kind))
		return "not a kind of place that this can be done to";
	bool compares = step->action == STEP_REDACT || step->action == STEP_REPLACE;
	return compares && !is_as_planned(hands, step, spot) ? "changed since it was planned"
							     : NULL;
}

static void do_existing(struct hands *hands, struct step *step, const struct spot *spot)
{
	_cleanup_free_ char *moved = moved_by(spot, step->action);
	int64_t before = written(moved);
	size_t kept = 0;
	int r = 0;
	if (step->action == STEP_REDACT)
		r = redact(step, spot);
	else if (step->action == STEP_REPLACE || step->action == STEP_TRUNCATE)
		r = replace(step, spot);
	else if (spot->name)
		r = plat_value_remove(spot->key, spot->name);
	else
		r = clear(hands, step, spot, &kept);
	touch(hands, moved, before);
	if (r == -EINTR)
		step->error = mem_strdup("stopped before its end"); /* it stays planned */
	else if (r == -ENOENT)
		hands_gone(step);
	else if (r < 0)
		hands_fail(step, "the registry refused", r);
	else
		hands_done(step, kept ? "the key stays for what is kept in it" : NULL);
}

static void do_missing(struct hands *hands, struct step *step, const struct spot *spot)
{
	if (step->action == STEP_REPLACE) {
		hands_fail(step, "could not be replaced", -ECANCELED);
	} else if (step->action == STEP_CREATE && spot->name) {
		int64_t before = written(spot->key);
		int r = replace(step, spot);
		touch(hands, spot->key, before);
		if (r < 0)
			hands_fail(step, "could not be written", r);
		else
			hands_done(step, NULL);
	} else if (step->action == STEP_CREATE) {
		hands_skip(step, "not a kind of place that this can be done to");
	} else {
		hands_gone(step);
	}
}

static void do_at(struct hands *hands, struct step *step, struct spot *spot)
{
	size_t len;
	spot->name = realm_value(spot->path, &len);
	spot->key = mem_strndup(spot->path, len);
	int r = registered_look(spot->path, &spot->now);
	const char *wrong = r < 0 ? NULL : unfit(hands, step, spot);
	if (r == -ENOENT)
		do_missing(hands, step, spot);
	else if (r == -ELOOP)
		hands_skip(step, "changed since it was planned: a link is in the way");
	else if (r < 0)
		hands_fail(step, "could not be looked at", r);
	else if (wrong)
		hands_skip(step, wrong);
	else
		do_existing(hands, step, spot);
}

/* ---- whose hive ---- */

/* HKU\SID, HKLM\SOFTWARE: bytes. */
static size_t hive_len(const char *path)
{
	size_t top = strcspn(path, "\\");
	return path[top] ? top + 1 + strcspn(path + top + 1, "\\") : top;
}

void hands_registry_end(struct hands *hands)
{
	struct step *step = hands->in_registry;
	hands->in_registry = NULL;
	int r = step ? plat_registry_settle() : 0;
	if (r < 0 && step->state == STEP_DONE)
		hands_fail(step,
			   "done, but its part of the registry could not be written and "
			   "unloaded",
			   r);
}

static void begin(struct hands *hands, struct step *step)
{
	const struct step *before = hands->in_registry;
	size_t len = hive_len(step->path);
	if (before &&
	    (hive_len(before->path) != len || strncmp(before->path, step->path, len) != 0))
		hands_registry_end(hands);
	hands->in_registry = step;
}

void hands_registry(struct hands *hands, struct step *step)
{
	_cleanup_(spot_free) struct spot spot = {0};
	if (!hands->setup->guest->live) {
		hands_fail(step, "the registry refused", -EOPNOTSUPP);
		return;
	}
	begin(hands, step);
	int r = plat_hive_borrow(step->path, &spot.path);
	if (r == -ENOENT && step->action != STEP_REPLACE && step->action != STEP_CREATE)
		hands_gone(step);
	else if (r < 0)
		hands_fail(step, "the registry of this user could not be loaded", r);
	else
		do_at(hands, step, &spot);
}

void hands_registry_free(struct hands *hands)
{
	vec_each(&hands->touched, touched)
		free(touched->key);
	vec_free(&hands->touched);
}
