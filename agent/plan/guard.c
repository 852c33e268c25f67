/* SPDX-License-Identifier: MIT */
#include "plan/guard.h"

#include <string.h>

#include "base/fold.h"
#include "base/str.h"
#include "classify/classify.h"
#include "model/keyglob.h"
#include "model/realm.h"
#include "plan/guard_places.h"

struct guard {
	const struct guest *guest;
	const struct guard_places *places;
	VEC(struct plat_id) own;
	const strings *going; /* names of accounts, or NULL */
};

struct guard *guard_new(const struct guest *guest, const char *const *own_files, size_t count)
{
	struct guard *guard = mem_alloc(sizeof *guard);
	struct plat_id *ids;
	size_t found;
	guard->guest = guest;
	guard->places = guard_places(guest->os);
	if (!plat_own_files(&ids, &found)) {
		for (size_t i = 0; i < found; i++)
			*vec_add(&guard->own) = ids[i];
		free(ids);
	}
	for (size_t i = 0; i < count; i++) {
		struct plat_file *file;
		struct plat_info info;
		if (!own_files[i] || plat_file_open(own_files[i], &file) < 0)
			continue;
		if (!plat_file_info(file, &info))
			*vec_add(&guard->own) = info.id;
		plat_file_close(file);
	}
	return guard;
}

void guard_let_go(struct guard *guard, const strings *accounts)
{
	guard->going = accounts;
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	vec_free(&guard->own);
	free(guard);
}

/* All paths here begin with '/': asked for every member of a tree, most are told
 * apart by the byte behind it. */
static bool same(const struct guest *guest, const char *a, const char *b)
{
	if (guest->any_case)
		return fold_compare(a, b) == 0;
	return a[1] == b[1] && strcmp(a, b) == 0;
}

static bool lies_below(const struct guest *guest, const char *path, const char *folder)
{
	if (!guest->any_case && path[1] != folder[1])
		return false;
	size_t len = strlen(folder);
	int other = guest->any_case ? fold_compare_n(path, folder, len)
				    : strncmp(path, folder, len);
	return !other && path[len] == '/';
}

static bool in_list(const struct guest *guest, const char *const *list, const char *path)
{
	for (; *list; list++)
		if (same(guest, *list, path))
			return true;
	return false;
}

static bool below_any(const struct guest *guest, const char *const *list, const char *path)
{
	for (; *list; list++)
		if (lies_below(guest, path, *list))
			return true;
	return false;
}

static bool fits_any(const struct guest *guest, const char *const *globs, const char *path)
{
	const char *home = guest_home_of(guest, path);
	for (; *globs; globs++)
		if (classify_glob(guest->any_case, *globs, path, home))
			return true;
	return false;
}

/* Where names have their case no glob is needed, and members of trees are many. */
static bool is_vital_file(const struct guard *guard, const char *path)
{
	return guard->guest->any_case ? fits_any(guard->guest, guard->places->vital, path)
				      : in_list(guard->guest, guard->places->vital, path);
}

static bool is_operating_system(const struct guard *guard, const char *path)
{
	const struct guard_places *places = guard->places;
	if (in_list(guard->guest, places->spared, path) ||
	    below_any(guard->guest, places->spared, path))
		return false;
	for (const char *const *leaf = places->spared_leaf; *leaf; leaf++)
		if (str_ends(path, *leaf))
			return false;
	return below_any(guard->guest, places->system, path);
}

static bool is_mount_point(const struct guest *guest, const char *path)
{
	vec_each(&guest->volumes, volume)
		if (same(guest, volume->path, path))
			return true;
	vec_each(&guest->left_out, left)
		if (same(guest, left->path, path))
			return true;
	return false;
}

static bool is_going(const struct guard *guard, const struct account *account)
{
	if (guard->going && account->uid)
		vec_each(guard->going, name)
			if (strcmp(*name, account->name) == 0)
				return true;
	return false;
}

/* Home of accounts that go and of nobody else, and no other home lies in it. */
static bool goes_with_account(const struct guard *guard, const char *path)
{
	bool whose = false;
	vec_each(&guard->guest->accounts, account) {
		if (!account->home)
			continue;
		bool here = same(guard->guest, account->home, path);
		bool going = is_going(guard, account);
		whose |= here && going;
		if (!going && (here || lies_below(guard->guest, account->home, path)))
			return false;
	}
	return whose;
}

/* ---- the registry ---- */

static bool is_vital_value(const struct guard *guard, const char *place)
{
	for (const char *const *glob = guard->places->vital_values; *glob; glob++)
		if (keyglob_fits(*glob, place))
			return true;
	return false;
}

/* It or something below it. */
static bool is_vital_key(const struct guard *guard, const char *place)
{
	for (const char *const *glob = guard->places->vital_keys; *glob; glob++)
		if (keyglob_reaches(*glob, place))
			return true;
	for (const char *const *glob = guard->places->vital_values; *glob; glob++)
		if (keyglob_reaches(*glob, place))
			return true;
	return false;
}

/* Who plans or does a step there knows what may go, and this is the last word about what
 * never may. */
static const char *refuses_key(const struct guard *guard, enum action action, const char *path)
{
	size_t key;
	unsigned depth = 0;
	bool value = realm_value(path, &key) != NULL;
	for (const char *at = path; (at = strchr(at, '\\')); at++)
		depth++;
	if (!value && depth < 2)
		return "a hive of the registry";
	/* What is taken away; a cleaner may give a new value. */
	if (action == STEP_REPLACE || action == STEP_CREATE)
		return NULL;
	if (value ? is_vital_value(guard, path) : is_vital_key(guard, path))
		return value ? "the clone needs this value as it is"
			     : "a key that Windows needs";
	return NULL;
}

/* Of an action that takes away; the directories themselves may only be emptied
 * where members come and go. */
static const char *refuses_removal(const struct guard *guard, enum action action,
				   const char *path)
{
	const struct guest *guest = guard->guest;
	if (in_list(guest, guard->places->skeleton, path) &&
	    !(action == STEP_EMPTY_TREE && in_list(guest, guard->places->transient, path)))
		return "a directory of the system itself";
	if (action == STEP_REMOVE && is_mount_point(guest, path))
		return "something is mounted there";
	if (guest_is_home(guest, path) && !goes_with_account(guard, path))
		return "the home of an account";
	if (is_vital_file(guard, path))
		return "the clone needs this file";
	if (is_operating_system(guard, path))
		return "a part of the operating system";
	return NULL;
}

/* Where no package says what a file of the system was, a signature may, or nothing. */
static const char *refuses_redaction(const struct guard *guard, const char *path)
{
	if (is_vital_file(guard, path))
		return "the clone needs this file as it is";
	const char *const *settings = guard->places->settings;
	if (settings && is_operating_system(guard, path) &&
	    !fits_any(guard->guest, settings, path))
		return "a part of the operating system";
	return NULL;
}

bool guard_owns(const struct guard *guard, const struct plat_info *target)
{
	vec_each(&guard->own, id)
		if (plat_same(*id, target->id))
			return true;
	return false;
}

const char *guard_refuses(const struct guard *guard, enum action action, const char *path,
			  const struct plat_info *target)
{
	/* The lists here compare text: one spelling for each place. */
	if (!realm_is_plain(path))
		return "not a plain path";
	if (realm_of(path) == REALM_REGISTRY)
		return refuses_key(guard, action, path);
	if (realm_of(path) != REALM_FILES)
		return NULL;
	if (guard_owns(guard, target))
		return "belongs to this run (program, its caller's script or its report)";
	switch (action) {
	case STEP_CREATE:
	case STEP_REPLACE: /* also of vital files: a cleaner rewrites accounts */
		return is_operating_system(guard, path) ? "a part of the operating system"
							: NULL;
	case STEP_REDACT:
		return refuses_redaction(guard, path);
	default:
		return refuses_removal(guard, action, path);
	}
}
