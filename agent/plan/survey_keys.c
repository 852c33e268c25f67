/* SPDX-License-Identifier: MIT */
#include "plan/survey_keys.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/stop.h"
#include "model/keyglob.h"
#include "model/realm.h"
#include "plan/keys_inside.h"

/* A pattern of which the first `at` components have matched. */
struct state {
	const struct keyglob *glob;
	const struct artefact *artefact;
	size_t at;
};
typedef VEC(struct state) states;

/* One glob of one artefact. */
struct pattern {
	struct keyglob glob;
	const struct artefact *artefact;
};

struct keys_survey {
	struct survey_setup setup;
	VEC(struct pattern) patterns;
};

/* A key on the way down. */
struct level {
	struct keys_survey *survey;
	const char *place;
	const states *states;
	unsigned depth;
	int64_t written;
};

/* ---- patterns ---- */

/* Adds a state and, since ** may stand for nothing, what follows it. */
static void add_state(states *to, const struct state *state)
{
	struct state next = *state;
	for (; next.at <= next.glob->parts.n; next.at++) {
		vec_each(to, known)
			if (known->glob == next.glob && known->at == next.at)
				return;
		*vec_add(to) = next;
		if (next.at == next.glob->parts.n ||
		    !keyglob_any_depth(next.glob->parts.v[next.at]))
			return;
	}
}

static void advance(const states *from, const char *folded, states *to)
{
	vec_each(from, state) {
		struct state next = *state;
		if (state->at == state->glob->parts.n)
			continue;
		const char *part = state->glob->parts.v[state->at];
		if (!keyglob_any_depth(part)) {
			if (!keyglob_part(part, folded))
				continue;
			next.at++;
		}
		add_state(to, &next);
	}
}

/* The first in pack order of those that end here. */
static const struct artefact *best_key(const states *all)
{
	const struct artefact *best = NULL;
	vec_each(all, state)
		if (state->at == state->glob->parts.n && !state->glob->value &&
		    (!best || state->artefact < best))
			best = state->artefact;
	return best;
}

static const struct artefact *best_value(const states *all, const char *name)
{
	const struct artefact *best = NULL;
	_cleanup_free_ char *folded = fold_copy(name);
	vec_each(all, state)
		if (state->at == state->glob->parts.n && state->glob->value &&
		    (!best || state->artefact < best) && glob_name(state->glob->value, folded))
			best = state->artefact;
	return best;
}

static bool wants_values(const states *all)
{
	vec_each(all, state)
		if (state->at == state->glob->parts.n && state->glob->value)
			return true;
	return false;
}

static bool goes_on(const states *all)
{
	vec_each(all, state)
		if (state->at < state->glob->parts.n)
			return true;
	return false;
}

/* ---- what stays although its key goes ---- */

static bool stays(const struct keys_survey *s, const struct artefact *artefact,
		  const char *place)
{
	vec_each(&artefact->keep, glob)
		if (realm_of(*glob) == REALM_REGISTRY && keyglob_covers(*glob, place))
			return true;
	return policy_allows(&s->setup.rules->policy, artefact->name, place, NULL, true, NULL);
}

/* Whether something below the key may stay. */
static bool may_keep(const struct keys_survey *s, const struct artefact *artefact,
		     const char *key)
{
	vec_each(&artefact->keep, glob)
		if (realm_of(*glob) == REALM_REGISTRY && keyglob_reaches(*glob, key))
			return true;
	vec_each(&s->setup.rules->policy.allow, allowance)
		if (realm_of(allowance->path) == REALM_REGISTRY &&
		    keyglob_reaches(allowance->path, key))
			return true;
	return false;
}

struct members {
	struct keys_survey *survey;
	const struct artefact *artefact;
	const char *place;
	int64_t written;
	unsigned depth;
};

static int part_key(const struct members *above, struct view_key *key);

static int part_value(const struct view_value *value, void *context)
{
	const struct members *m = context;
	_cleanup_free_ char *place = mem_printf("%s\\\\%s", m->place, value->name);
	struct found found = keys_value(place, value, m->written);
	if (!stays(m->survey, m->artefact, place))
		found_goes(&m->survey->setup, m->artefact, STEP_REMOVE, &found);
	return 0;
}

static int part_child(const struct view_child *child, void *context)
{
	const struct members *m = context;
	_cleanup_free_ char *place = mem_printf("%s\\%s", m->place, view_child_name(child));
	struct view_key *key;
	if (m->depth >= HIVE_DEPTH_MAX)
		return -EBADMSG;
	if (stays(m->survey, m->artefact, place) || view_child_open(child, &key) < 0)
		return 0;
	struct members below = {m->survey, m->artefact, place, view_written(key), m->depth + 1};
	int r = 0;
	if (may_keep(m->survey, m->artefact, place)) {
		r = part_key(&below, key);
	} else {
		struct found found;
		r = keys_key(place, key, &found);
		found_goes(&m->survey->setup, m->artefact, STEP_REMOVE, &found);
	}
	view_close(key);
	return r < 0 ? r : 0;
}

/* Where something stays, each member that does not is a step of its own. */
static int part_key(const struct members *m, struct view_key *key)
{
	int r = view_each_value(key, part_value, (void *)(uintptr_t)m);
	return r < 0 ? r : view_each_key(key, part_child, (void *)(uintptr_t)m);
}

/* ---- an artefact ---- */

/* Asks the policy; true when a step is wanted. */
static bool wants_step(struct keys_survey *s, const struct artefact *artefact,
		       const struct found *found)
{
	const struct survey_setup *setup = &s->setup;
	enum disposition wanted = policy_for(&setup->rules->policy, artefact->name,
					     artefact->class);
	if (wanted == DISPOSE_KEEP || stays(s, artefact, found->path))
		return false;
	if (!artefact->report && wanted == DISPOSE_REMOVE)
		return true;
	found_stays(setup, artefact, found);
	return false;
}

/* 1: it goes with all that is in it. */
static int take_key(struct keys_survey *s, const struct artefact *artefact, const char *place,
		    struct view_key *key, unsigned depth)
{
	struct found found;
	int r = keys_key(place, key, &found);
	if (r < 0)
		return r;
	/* Emptying what is empty is no step, and that it stays is no finding. */
	if (!r && !artefact->report && artefact->action == STEP_EMPTY_TREE)
		return 0;
	if (!wants_step(s, artefact, &found))
		return 0;
	if (may_keep(s, artefact, place)) {
		struct members members = {s, artefact, place, view_written(key), depth};
		return part_key(&members, key);
	}
	return found_goes(&s->setup, artefact, artefact->action, &found) != NULL;
}

/* ---- the way down ---- */

static int on_value(const struct view_value *value, void *context)
{
	const struct level *level = context;
	const struct artefact *artefact = best_value(level->states, value->name);
	if (!artefact)
		return 0;
	_cleanup_free_ char *place = mem_printf("%s\\\\%s", level->place, value->name);
	struct found found = keys_value(place, value, level->written);
	if (wants_step(level->survey, artefact, &found))
		found_goes(&level->survey->setup, artefact, STEP_REMOVE, &found);
	return 0;
}

static int look_into(struct keys_survey *s, struct view_key *key, const char *place,
		     const states *all, unsigned depth);

static int enter(const struct level *above, const struct view_child *child, const char *place,
		 const states *all)
{
	struct view_key *key;
	const struct artefact *artefact = best_key(all);
	int r = view_child_open(child, &key);
	if (r == -ELOOP)
		return 0;
	if (r < 0) {
		keys_unopened(&above->survey->setup, place, r);
		return 0;
	}
	r = artefact ? take_key(above->survey, artefact, place, key, above->depth + 1) : 0;
	if (!r)
		r = look_into(above->survey, key, place, all, above->depth + 1);
	view_close(key);
	return r < 0 ? r : 0;
}

static int on_key(const struct view_child *child, void *context)
{
	const struct level *above = context;
	const char *name = view_child_name(child);
	_cleanup_free_ char *folded = fold_copy(name);
	states all = {0};
	int r = stop_asked() ? -EINTR : 0;
	advance(above->states, folded, &all);
	if (!r && all.n) {
		_cleanup_free_ char *place = mem_printf("%s\\%s", above->place, name);
		r = enter(above, child, place, &all);
	}
	vec_free(&all);
	return r;
}

static int look_into(struct keys_survey *s, struct view_key *key, const char *place,
		     const states *all, unsigned depth)
{
	struct level level = {s, place, all, depth, view_written(key)};
	if (depth > HIVE_DEPTH_MAX)
		return -EBADMSG;
	int r = wants_values(all) ? view_each_value(key, on_value, &level) : 0;
	return r < 0 || !goes_on(all) ? r : view_each_key(key, on_key, &level);
}

/* ---- hives ---- */

/* The states of the patterns that can match in a hive. */
static void states_of(const struct keys_survey *s, const char *place, states *ret)
{
	_cleanup_free_ char *folded = fold_copy(place);
	const char *leaf = strchr(folded, '\\') + 1;
	vec_each(&s->patterns, pattern) {
		struct state state = {&pattern->glob, pattern->artefact, 2};
		if (strncmp(pattern->glob.parts.v[0], folded, (size_t)(leaf - 1 - folded)) ==
			    0 &&
		    keyglob_part(pattern->glob.parts.v[1], leaf))
			add_state(ret, &state);
	}
}

static void survey_hive(struct keys_survey *s, struct view *view, const struct view_hive *hive)
{
	struct view_key *root;
	states all = {0};
	states_of(s, hive->place, &all);
	if (all.n) {
		int r = view_open(view, hive->place, &root);
		if (!r) {
			r = look_into(s, root, hive->place, &all, 0);
			view_close(root);
		}
		if (r < 0)
			keys_fault(&s->setup, hive, r);
	}
	vec_free(&all);
}

static void add_patterns(struct keys_survey *s)
{
	vec_each(&s->setup.rules->artefacts, artefact) {
		if (!(artefact->os & (1u << s->setup.guest->os)) ||
		    !selection_has(s->setup.selection, artefact->name, artefact->class,
				   "artefacts"))
			continue;
		vec_each(&artefact->registry, glob)
			*vec_add(&s->patterns) = (struct pattern){keyglob_make(*glob),
								  artefact};
	}
}

void survey_keys(const struct survey_setup *setup, struct view *view)
{
	struct keys_survey s = {.setup = *setup};
	const struct view_hive *hives;
	size_t count = view_hives(view, &hives);
	add_patterns(&s);
	for (size_t i = 0; i < count; i++)
		survey_hive(&s, view, &hives[i]);
	vec_each(&s.patterns, pattern)
		keyglob_clear(&pattern->glob);
	vec_free(&s.patterns);
}
