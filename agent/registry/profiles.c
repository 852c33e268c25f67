/* SPDX-License-Identifier: MIT */
#include "registry/profiles.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/mem.h"
#include "base/str.h"
#include "registry/registry.h"

#define VERSION "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

/* ---- paths ---- */

bool profiles_has_drive(const char *path)
{
	return ascii_is_letter((uint8_t)path[0]) && path[1] == ':' &&
	       (!path[2] || path[2] == '\\' || path[2] == '/');
}

/* What a variable stands for, and how long its name is; NULL: it is not one of those that
 * are the same for everybody. */
static const char *variable(const char *path, const char *system, char drive[3],
			    size_t *ret_len)
{
	static const char *const names[] = {"%SystemDrive%", "%SystemRoot%", "%windir%"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		*ret_len = strlen(names[i]);
		if (fold_compare_n(path, names[i], *ret_len) != 0)
			continue;
		memcpy(drive, system, 2);
		drive[2] = 0;
		return i ? system : drive;
	}
	return NULL;
}

char *profiles_path(const char *path, const char *system)
{
	char drive[3];
	size_t len = 0;
	if (str_starts(path, "\\\\?\\") || str_starts(path, "\\??\\"))
		path += 4;
	const char *start = variable(path, system, drive, &len);
	_cleanup_free_ char *full = mem_printf("%s%s", start ? start : "",
					       path + (start ? len : 0));
	if (!profiles_has_drive(full))
		return NULL;
	for (char *c = full; *c; c++)
		*c = *c == '\\' ? '/' : *c;
	for (size_t n = strlen(full); n > 2 && full[n - 1] == '/'; n--)
		full[n - 1] = 0;
	bool here = fold_compare_n(full, system, 1) == 0;
	return here ? mem_printf("%s%s", full[2] ? "" : "/", full + 2)
		    : mem_printf("/%s", full);
}

/* ---- the running system ---- */

/* A text value of it, or NULL. */
static char *text_of(struct plat_key *key, const char *name)
{
	struct plat_value value;
	struct buf text = {0};
	if (plat_key_value(key, name, &value) < 0)
		return NULL;
	struct registry_value told = {.type = value.type, .data = value.data, .len = value.len};
	if (!registry_text(&told, &text) || !text.len)
		buf_free(&text);
	return text.data;
}

static char *system_folder(void)
{
	struct plat_key *key;
	char *root = NULL;
	if (!plat_key_open(VERSION, &key)) {
		root = text_of(key, "SystemRoot");
		plat_key_close(key);
	}
	if (root && profiles_has_drive(root))
		return root;
	free(root);
	return mem_strdup("C:\\Windows");
}

static void add_profile(struct profiles *to, struct plat_key *list, const char *sid,
			const char *system)
{
	struct plat_key *key;
	if (strcmp(sid, "S-1-5-18") == 0 || plat_key_open_at(list, sid, &key) < 0)
		return;
	char *path = text_of(key, "ProfileImagePath");
	plat_key_close(key);
	if (path)
		*vec_add(to) = (struct profile){mem_strdup(sid), path,
						profiles_path(path, system)};
}

void profiles_of_running(struct profiles *ret)
{
	_cleanup_free_ char *system = system_folder();
	struct plat_key *list;
	const char *name;
	if (plat_key_open(VERSION "\\ProfileList", &list) < 0)
		return;
	while (plat_key_next(list, &name) > 0) {
		_cleanup_free_ char *sid = mem_strdup(name);
		add_profile(ret, list, sid, system);
	}
	plat_key_close(list);
}

void profiles_clear(struct profiles *profiles)
{
	vec_each(profiles, profile) {
		free(profile->sid);
		free(profile->path);
		free(profile->home);
	}
	vec_free(profiles);
}
