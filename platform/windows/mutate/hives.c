/* SPDX-License-Identifier: MIT */
/* The hive of a user who is not logged on: loaded as HKU\imgsan-SID, a name that no user has,
 * so that whoever looks later knows whose it is. The profile's folder is the user's own, but
 * nobody whose hive is not loaded runs anything; a link on the way is refused all the same.
 * While a hive is lent its user can not log on with it: so it is given back at once. */
#include "hives.h"

#include <errno.h>
#include <string.h>

#include <windows.h>

#include <userenv.h>

#include "../look/keys.h"
#include "../look/names.h"
#include "../look/paths.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/vec.h"
#include "fault.h"
#include "mutate.h"

enum { PATIENCE = 500, PAUSE = 20 /* milliseconds */, MOST_PATH = 32768 };

#define PROFILES "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"
#define OURS "imgsan-"
#define CLASSES "_Classes" /* a user's second hive */

static VEC(char *) changed; /* each hive once: HKLM\SOFTWARE */
static char *borrowed;	    /* HKU\imgsan-SID, or NULL */

/* ---- whose ---- */

static char *hive_of(const char *key)
{
	size_t len = strcspn(key, "\\");
	len += key[len] ? 1 + strcspn(key + len + 1, "\\") : 0;
	return mem_strndup(key, len);
}

void hives_changed(const char *key)
{
	char *hive = hive_of(key);
	vec_each(&changed, known) {
		if (strcmp(*known, hive) == 0) {
			free(hive);
			return;
		}
	}
	*vec_add(&changed) = hive;
}

static bool is_there(const char *key)
{
	HANDLE handle;
	int r = key_open(key, KEY_QUERY_VALUE, &handle);
	if (!r)
		NtClose(handle);
	return r != -ENOENT;
}

/* ---- where its file is ---- */

/* ProfileImagePath with its variables, which are the system's; the caller frees. */
static int profile_folder(const char *sid, wchar_t **ret)
{
	_cleanup_free_ char *place = mem_printf(PROFILES "%s", sid);
	_cleanup_free_ wchar_t *text = NULL;
	struct plat_key *key;
	struct plat_value value;
	int r = plat_key_open(place, &key);
	if (r < 0)
		return r;
	r = plat_key_value(key, "ProfileImagePath", &value);
	if (!r && (value.type == REG_SZ || value.type == REG_EXPAND_SZ)) {
		text = mem_alloc(value.len + sizeof *text);
		memcpy(text, value.data, value.len);
	}
	plat_key_close(key);
	if (r < 0 || !text)
		return r < 0 ? r : -EINVAL;
	*ret = mem_alloc(MOST_PATH * sizeof **ret);
	if (ExpandEnvironmentStringsForUserW(NULL, text, *ret, MOST_PATH))
		return 0;
	free(*ret);
	return -EINVAL;
}

/* That a plain file is there, and no link on the way to it. */
static int check_file(const wchar_t *path)
{
	_cleanup_(buf_free) struct buf inside = {0};
	struct plat_dir *root, *parent;
	struct plat_info info;
	const char *leaf;
	int r = path_to_guest(path, wcslen(path), path_system_drive(), &inside);
	if (r < 0)
		return r;
	bool other_drive = inside.len > 3 && inside.data[2] == ':';
	_cleanup_free_ char *drive = mem_strndup(inside.data, other_drive ? 3 : 1);
	r = plat_dir_open(drive, &root);
	if (r < 0)
		return r;
	r = plat_parent_open(root, inside.data + (other_drive ? 3 : 0), &parent, &leaf);
	if (!r) {
		r = plat_info_at(parent, leaf, &info);
		plat_dir_close(parent);
	}
	plat_dir_close(root);
	return r < 0 ? r : info.kind == PLAT_FILE ? 0 : -ELOOP;
}

/* "/Users/Default", "/D:/people/ann": a folder that no account is told to have. */
static int named_folder(const char *path, wchar_t **ret)
{
	bool drive = strchr(path, ':') == path + 2;
	_cleanup_free_ char *full = drive ? mem_strdup(path + 1)
					  : mem_printf("%c:%s", path_system_drive(), path);
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(full, &units);
	if (!wide || units >= MOST_PATH)
		return -EINVAL;
	for (wchar_t *at = wide; (at = wcschr(at, L'/'));)
		*at = L'\\';
	*ret = mem_alloc(MOST_PATH * sizeof **ret);
	wcscpy(*ret, wide);
	return 0;
}

/* The file of HKU\SID or HKU\SID_Classes ("Registry Hives" at learn.microsoft.com), or of
 * HKU\/FOLDER (registry/view.h). */
static int hive_file(const char *name, wchar_t **ret)
{
	bool classes = str_ends(name, CLASSES);
	_cleanup_free_ char *sid = mem_strndup(
		name, strlen(name) - (classes ? sizeof CLASSES - 1 : 0));
	const wchar_t *leaf = classes ? L"\\AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"
				      : L"\\NTUSER.DAT";
	wchar_t *path;
	int r = *sid == '/' ? named_folder(sid, &path) : profile_folder(sid, &path);
	if (r < 0)
		return r;
	r = wcslen(path) + wcslen(leaf) < MOST_PATH ? 0 : -ENAMETOOLONG;
	if (!r)
		r = check_file(wcscat(path, leaf));
	if (r < 0)
		free(path);
	else
		*ret = path;
	return r;
}

/* ---- borrowing ---- */

static int load(const char *name)
{
	_cleanup_free_ char *ours = mem_printf(OURS "%s", name);
	_cleanup_free_ wchar_t *file = NULL;
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(ours, &units);
	int r = wide ? hive_file(name, &file) : -EINVAL;
	return r < 0 ? r : hive_load(wide, file);
}

int plat_hive_borrow(const char *key, char **ret_key)
{
	_cleanup_free_ char *hive = hive_of(key);
	const char *name = hive + strlen("HKU\\");
	if (!str_starts(hive, "HKU\\") || !*name || str_starts(name, OURS) || is_there(hive)) {
		*ret_key = mem_strdup(key);
		return 0;
	}
	_cleanup_free_ char *place = mem_printf("HKU\\" OURS "%s", name);
	if (borrowed && strcmp(borrowed, place) != 0)
		return -EBUSY;
	int r = borrowed || is_there(place) ? 0 : load(name);
	if (r < 0)
		return r;
	if (!borrowed)
		borrowed = mem_strdup(place);
	*ret_key = mem_printf("%s%s", place, key + strlen(hive));
	return 0;
}

/* ---- giving back ---- */

static int flush(const char *hive)
{
	HANDLE key;
	int r = key_open(hive, KEY_QUERY_VALUE, &key);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	fault_point("NtFlushKey");
	NTSTATUS status = NtFlushKey(key);
	NtClose(key);
	return status < 0 ? -EIO : 0;
}

/* Who else has a key of it open, as a scanner for viruses may, mostly soon has not. */
int hives_give_back(const char *hive)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(hive + strlen("HKU\\"), &units);
	int r = !wide ? -EINVAL : is_there(hive) ? flush(hive) : -ENOENT;
	for (int waited = 0; !r; waited += PAUSE) {
		r = hive_unload(wide);
		if (r != -EACCES || waited >= PATIENCE)
			return r == -EACCES ? -EBUSY : r;
		Sleep(PAUSE);
		r = 0;
	}
	return r;
}

int plat_registry_settle(void)
{
	int first = 0;
	if (borrowed) {
		first = hives_give_back(borrowed);
		if (!first || first == -ENOENT) {
			free(borrowed);
			borrowed = NULL;
			first = 0;
		}
	}
	vec_each(&changed, hive) {
		int r = str_starts(*hive, "HKU\\" OURS) ? 0 : flush(*hive);
		first = first ? first : r;
		free(*hive);
	}
	vec_free(&changed);
	return first;
}
