/* SPDX-License-Identifier: MIT */
#include "registry/view.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "model/realm.h"
#include "registry/profiles.h"
#include "registry/registry.h"

struct slot {
	struct view_hive told;
	struct plat_file *file;
	struct hive *hive; /* while it is in use */
	unsigned keys;	   /* that are open in it */
};

struct view {
	const struct guest *guest;
	VEC(struct view_hive) hives;
	struct slot *slots; /* of as many */
};

struct view_key {
	struct slot *slot;
	struct plat_key *running; /* or NULL: `at` of the slot's hive */
	struct hive_key at;
};

struct view_child {
	struct view_key *parent;
	const char *name;
	const struct hive_key *at; /* NULL: of the running system */
};

/* ---- which hives there are ---- */

static void add_hive(struct view *view, char *place, char *file, bool running)
{
	struct plat_info info;
	bool there = running ||
		     (!guest_look(view->guest, file, &info) && info.kind == PLAT_FILE);
	vec_each(&view->hives, hive) /* a copy of a profile's entry names the same folder */
		there &= fold_compare(hive->file, file) != 0;
	if (there)
		*vec_add(&view->hives) = (struct view_hive){
			.place = place, .file = file, .running = running};
	if (!there) {
		free(place);
		free(file);
	}
}

static void add_system(struct view *view)
{
	static const char *const names[] = {"SOFTWARE", "SYSTEM", "SAM", "SECURITY"};
	static const char folder[] = "/Windows/System32/config";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		add_hive(view, mem_printf("HKLM\\%s", names[i]),
			 mem_printf("%s/%s", folder, names[i]), view->guest->live);
	add_hive(view, mem_strdup("HKU\\.DEFAULT"), mem_printf("%s/DEFAULT", folder),
		 view->guest->live);
}

/* Of a running Windows: whether it has loaded it. */
static bool is_loaded(const struct view *view, const char *place)
{
	struct plat_key *key;
	if (!view->guest->live || plat_key_open(place, &key) < 0)
		return false;
	plat_key_close(key);
	return true;
}

static void add_profile_hive(struct view *view, const char *name, const char *home,
			     const char *suffix, const char *file)
{
	char *place = mem_printf("HKU\\%s%s", name, suffix);
	add_hive(view, place, mem_printf("%s/%s", home, file), is_loaded(view, place));
}

static void add_profile(struct view *view, const char *name, const char *home)
{
	add_profile_hive(view, name, home, "", "NTUSER.DAT");
	add_profile_hive(view, name, home, "_Classes",
			 "AppData/Local/Microsoft/Windows/UsrClass.dat");
}

static void add_people(struct view *view)
{
	_cleanup_(profiles_clear) struct profiles profiles = {0};
	if (view->guest->live)
		profiles_of_running(&profiles);
	vec_each(&profiles, profile)
		if (profile->home)
			add_profile(view, profile->sid, profile->home);
	vec_each(&view->guest->accounts, account)
		if (account->home && strcmp(account->name, "S-1-5-18") != 0)
			add_profile(view, account->name, account->home);
	vec_each(&view->guest->homes, home) {
		add_profile(view, *home, *home);
	}
}

struct view *view_new(const struct guest *guest)
{
	struct view *view = mem_alloc(sizeof *view);
	view->guest = guest;
	if (guest->os == GUEST_WINDOWS) {
		add_system(view);
		add_people(view);
	}
	view->slots = mem_alloc(view->hives.n * sizeof *view->slots);
	for (size_t i = 0; i < view->hives.n; i++)
		view->slots[i].told = view->hives.v[i];
	return view;
}

static void slot_close(struct slot *slot)
{
	slot->hive = hive_close(slot->hive);
	slot->file = plat_file_close(slot->file);
}

void view_free(struct view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < view->hives.n; i++) {
		slot_close(&view->slots[i]);
		free(view->hives.v[i].place);
		free(view->hives.v[i].file);
	}
	free(view->slots);
	vec_free(&view->hives);
	free(view);
}

size_t view_hives(const struct view *view, const struct view_hive **ret)
{
	*ret = view->hives.v;
	return view->hives.n;
}

const struct view_hive *view_hive_of(const struct view *view, const char *place,
				     const char **ret_inside)
{
	vec_each(&view->hives, hive) {
		size_t len = strlen(hive->place);
		if (fold_compare_n(place, hive->place, len) == 0 &&
		    (!place[len] || place[len] == '\\')) {
			*ret_inside = place + len + (place[len] == '\\');
			return hive;
		}
	}
	return NULL;
}

/* ---- keys ---- */

static int slot_fill(const struct view *view, struct view_hive *told, struct slot *slot)
{
	struct plat_info info;
	int r = guest_file(view->guest, told->file, &slot->file);
	if (!r)
		r = plat_file_info(slot->file, &info);
	if (!r)
		r = hive_open(slot->file, info.size, &slot->hive);
	if (!r)
		told->dirty = hive_dirty(slot->file);
	if (r < 0)
		slot_close(slot);
	return r;
}

/* Hives in which no key is open make room for this one. */
static int slot_use(struct view *view, struct view_hive *told, struct slot *slot)
{
	if (slot->hive)
		return 0;
	for (size_t i = 0; i < view->hives.n; i++)
		if (!view->slots[i].keys)
			slot_close(&view->slots[i]);
	told->error = slot_fill(view, told, slot);
	return told->error;
}

static int running_root(const struct view_hive *told, struct view_key *key)
{
	return plat_key_open(told->place, &key->running);
}

static int file_root(struct view *view, struct view_hive *told, struct view_key *key)
{
	int r = slot_use(view, told, key->slot);
	return r < 0 ? r : hive_root(key->slot->hive, &key->at);
}

static struct view_key *key_new(struct slot *slot)
{
	struct view_key *key = mem_alloc(sizeof *key);
	key->slot = slot;
	slot->keys++;
	return key;
}

struct view_key *view_close(struct view_key *key)
{
	if (!key)
		return NULL;
	plat_key_close(key->running);
	key->slot->keys--;
	free(key);
	return NULL;
}

static int open_root(struct view *view, struct view_hive *told, struct view_key **ret)
{
	struct view_key *key = key_new(&view->slots[told - view->hives.v]);
	int r = told->running ? running_root(told, key) : file_root(view, told, key);
	if (told->running)
		told->error = r;
	if (r < 0)
		view_close(key);
	else
		*ret = key;
	return r;
}

/* Replaces the key with one below it. */
static int go_down(struct view_key *key, const char *name)
{
	struct hive_key found;
	struct plat_key *below;
	if (key->running) {
		int r = plat_key_open_at(key->running, name, &below);
		if (r < 0)
			return r;
		plat_key_close(key->running);
		key->running = below;
		return 0;
	}
	int r = hive_find_key(key->slot->hive, &key->at, name, &found);
	if (r <= 0)
		return r ? r : -ENOENT;
	key->at = found;
	return found.link ? -ELOOP : 0;
}

static int open_inside(struct view *view, struct view_hive *told, const char *inside,
		       struct view_key **ret)
{
	_cleanup_free_ char *parts = mem_strdup(inside);
	char *save;
	int r = open_root(view, told, ret);
	if (r < 0)
		return r;
	for (char *part = strtok_r(parts, "\\", &save); part && !r;
	     part = strtok_r(NULL, "\\", &save))
		r = go_down(*ret, part);
	if (r < 0)
		*ret = view_close(*ret);
	return r;
}

/* ---- the set of today ---- */

static int take_current(const struct view_value *value, void *context)
{
	_cleanup_(buf_free) struct buf data = {0};
	if (fold_compare(value->name, "Current") != 0 || view_data(value, &data) < 0)
		return 0;
	struct registry_value number = {
		.type = value->type, .data = (const uint8_t *)buf_text(&data), .len = data.len};
	return registry_number(&number, context);
}

static int current_set(struct view *view, struct view_hive *told, uint32_t *ret)
{
	struct view_key *select;
	int r = open_inside(view, told, "Select", &select);
	if (r < 0)
		return r;
	r = view_each_value(select, take_current, ret);
	view_close(select);
	return r < 0 ? r : r && *ret <= 999 ? 0 : -ENOENT;
}

int view_open(struct view *view, const char *place, struct view_key **ret)
{
	static const char current[] = "CurrentControlSet";
	const char *inside;
	_cleanup_free_ char *resolved = NULL;
	const struct view_hive *told = view_hive_of(view, place, &inside);
	if (!told)
		return -ENOENT;
	struct view_hive *own = &view->hives.v[told - view->hives.v];
	size_t len = sizeof current - 1;
	if (fold_compare(own->place, "HKLM\\SYSTEM") == 0 &&
	    fold_compare_n(inside, current, len) == 0 &&
	    (!inside[len] || inside[len] == '\\')) {
		uint32_t set;
		int r = current_set(view, own, &set);
		if (r < 0)
			return r;
		inside = resolved = mem_printf("ControlSet%03u%s", set, inside + len);
	}
	return open_inside(view, own, inside, ret);
}

int64_t view_written(const struct view_key *key)
{
	int64_t when = 0;
	if (!key->running)
		return key->at.written;
	return plat_key_written(key->running, &when) < 0 ? 0 : when;
}

/* ---- what is in a key ---- */

const char *view_child_name(const struct view_child *child)
{
	return child->name;
}

int view_child_open(const struct view_child *child, struct view_key **ret)
{
	struct view_key *key = key_new(child->parent->slot);
	int r = 0;
	if (!child->at)
		r = plat_key_open_at(child->parent->running, child->name, &key->running);
	else if (child->at->link)
		r = -ELOOP;
	else
		key->at = *child->at;
	if (r < 0)
		view_close(key);
	else
		*ret = key;
	return r;
}

struct visiting {
	struct view_key *key;
	view_key_visit *visit;
	view_value_visit *visit_value;
	void *context;
};

static int visit_key(const struct hive_key *key, void *context)
{
	const struct visiting *v = context;
	struct view_child child = {v->key, key->name, key};
	return v->visit(&child, v->context);
}

static int running_keys(struct view_key *key, view_key_visit *visit, void *context)
{
	const char *name;
	int r, done = 0;
	while (!done && (r = plat_key_next(key->running, &name)) > 0) {
		_cleanup_free_ char *own = mem_strdup(name); /* opening ends what was told */
		struct view_child child = {key, own, NULL};
		done = visit(&child, context);
	}
	return done ? done : r;
}

int view_each_key(struct view_key *key, view_key_visit *visit, void *context)
{
	struct visiting v = {.key = key, .visit = visit, .context = context};
	return key->running ? running_keys(key, visit, context)
			    : hive_each_key(key->slot->hive, &key->at, visit_key, &v);
}

static int visit_value(const struct hive_value *value, void *context)
{
	const struct visiting *v = context;
	struct view_value told = {.name = value->name,
				  .type = value->type,
				  .len = value->len,
				  .at = value,
				  .hive = v->key->slot->hive};
	return v->visit_value(&told, v->context);
}

static int running_values(struct view_key *key, view_value_visit *visit, void *context)
{
	struct plat_value value;
	int r, done = 0;
	while (!done && (r = plat_key_next_value(key->running, &value)) > 0) {
		struct view_value told = {.name = value.name,
					  .type = value.type,
					  .len = value.len,
					  .data = value.data};
		done = visit(&told, context);
	}
	return done ? done : r;
}

int view_each_value(struct view_key *key, view_value_visit *visit, void *context)
{
	struct visiting v = {.key = key, .visit_value = visit, .context = context};
	return key->running ? running_values(key, visit, context)
			    : hive_each_value(key->slot->hive, &key->at, visit_value, &v);
}

int view_data(const struct view_value *value, struct buf *out)
{
	if (value->at)
		return hive_data(value->hive, value->at, out);
	buf_add(out, value->data, value->len);
	return 0;
}
