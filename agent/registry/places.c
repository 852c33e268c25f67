/* SPDX-License-Identifier: MIT */
#include "registry/places.h"

#include <errno.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "model/realm.h"
#include "registry/registry.h"

#define CONFIG "/Windows/System32/config/"

/* The first component, and where the rest begins ("" at the end). */
static char *first_of(const char *path, const char **ret_rest)
{
	size_t len = strcspn(path, "\\");
	*ret_rest = path + len + (path[len] == '\\');
	return mem_strndup(path, len);
}

/* ---- HKLM ---- */

static void on_current(const struct registry_value *value, void *context)
{
	if (ascii_compare(value->name, "Current") == 0)
		(void)registry_number(value, context);
}

/* "ControlSet001", as Select\Current has it. */
static int current_set(const struct guest *guest, const char *file, char **ret)
{
	static const char *const keys[] = {"Select", NULL};
	struct plat_file *system;
	struct plat_info info;
	uint32_t number = 0;
	int r = guest_file(guest, file, &system);
	if (r < 0)
		return r;
	r = plat_file_info(system, &info);
	if (!r)
		r = registry_read(system, info.size, keys, on_current, &number);
	plat_file_close(system);
	if (r < 0)
		return r;
	if (!number || number > 999)
		return -EBADMSG;
	*ret = mem_printf("ControlSet%03u", number);
	return 0;
}

static int machine(const struct guest *guest, const char *path, struct buf *file,
		   char **ret_key)
{
	static const char *const hives[] = {"SOFTWARE", "SYSTEM",     "SAM",
					    "SECURITY", "COMPONENTS", "DRIVERS"};
	const char *rest, *below;
	_cleanup_free_ char *name = first_of(path, &rest);
	_cleanup_free_ char *set = first_of(rest, &below), *current = NULL;
	for (size_t i = 0; i < sizeof hives / sizeof *hives; i++) {
		if (ascii_compare(hives[i], name) != 0)
			continue;
		buf_printf(file, CONFIG "%s", hives[i]);
		bool moving = i == 1 && ascii_compare(set, "CurrentControlSet") == 0;
		int r = moving ? current_set(guest, file->data, &current) : 0;
		if (!r)
			*ret_key = current ? mem_printf("%s%s%s", current, *below ? "\\" : "",
							below)
					   : mem_strdup(rest);
		return r;
	}
	return -ENXIO;
}

/* ---- HKU ---- */

static int user(const struct guest *guest, const char *path, struct buf *file, char **ret_key)
{
	static const char suffix[] = "_Classes";
	const char *rest;
	_cleanup_free_ char *sid = first_of(path, &rest);
	size_t len = strlen(sid), tail = strlen(suffix);
	bool classes = len > tail && fold_compare(sid + len - tail, suffix) == 0;
	*ret_key = mem_strdup(rest);
	if (!classes && (ascii_compare(sid, ".DEFAULT") == 0 || strcmp(sid, "S-1-5-18") == 0)) {
		buf_puts(file, CONFIG "DEFAULT");
		return 0;
	}
	const char *kept = classes ? "AppData/Local/Microsoft/Windows/UsrClass.dat"
				   : "NTUSER.DAT";
	sid[classes ? len - tail : len] = 0;
	if (*sid == '/' && guest_is_home(guest, sid)) {
		buf_printf(file, "%s/%s", sid, kept);
		return 0;
	}
	vec_each(&guest->accounts, account)
		if (account->home && ascii_compare(account->name, sid) == 0) {
			buf_printf(file, "%s/%s", account->home, kept);
			return 0;
		}
	return -ENXIO;
}

int registry_find(const struct guest *guest, const char *place, struct registry_spot *ret)
{
	_cleanup_(buf_free) struct buf file = {0}, real = {0};
	struct registry_spot spot = {0};
	const char *rest;
	size_t len;
	(void)realm_value(place, &len);
	_cleanup_free_ char *path = mem_strndup(place, len);
	_cleanup_free_ char *top = first_of(path, &rest);
	int r = strcmp(top, "HKLM") == 0  ? machine(guest, rest, &file, &spot.key)
		: strcmp(top, "HKU") == 0 ? user(guest, rest, &file, &spot.key)
					  : -ENXIO;
	if (!r)
		r = guest_resolve(guest, file.data, &real);
	if (r < 0) {
		registry_spot_clear(&spot);
		return r;
	}
	spot.file = mem_strdup(real.data);
	*ret = spot;
	return 0;
}

void registry_spot_clear(struct registry_spot *spot)
{
	free(spot->file);
	free(spot->key);
	*spot = (struct registry_spot){0};
}
