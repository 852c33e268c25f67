/* SPDX-License-Identifier: MIT */
#include "model/keyglob.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/str.h"
#include "model/realm.h"

enum { SET = 2 }; /* the component that names the set: HKLM\SYSTEM\CurrentControlSet */

static const char current[] = "CURRENTCONTROLSET";

/* ---- taking apart ---- */

/* A backslash in the name of a value is a character like others. */
static char *quoted(const char *value)
{
	struct buf out = {0};
	for (; *value; value++) {
		if (*value == '\\')
			buf_puts(&out, "\\");
		buf_add(&out, value, 1);
	}
	char *text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

/* The components of a pattern or a place, in capitals; `set` stands for the current one. */
static struct keyglob split(const char *text, bool is_place)
{
	struct keyglob ret = {0};
	size_t len;
	const char *value = realm_value(text, &len);
	_cleanup_free_ char *key = mem_strndup(text, len);
	fold_text(key);
	for (char *save, *part = strtok_r(key, "\\", &save); part;
	     part = strtok_r(NULL, "\\", &save)) {
		bool today = ret.parts.n == SET && strcmp(part, current) == 0 &&
			     strcmp(ret.parts.v[1], "SYSTEM") == 0;
		const char *own = !today ? part : is_place ? "CONTROLSET000" : "CONTROLSET???";
		*vec_add(&ret.parts) = mem_strdup(own);
	}
	if (value) {
		ret.value = is_place ? mem_strdup(value) : quoted(value);
		fold_text(ret.value);
	}
	return ret;
}

struct keyglob keyglob_make(const char *glob)
{
	return split(glob, false);
}

void keyglob_clear(struct keyglob *glob)
{
	vec_each(&glob->parts, part)
		free(*part);
	vec_free(&glob->parts);
	free(glob->value);
	*glob = (struct keyglob){0};
}

bool keyglob_part(const char *part, const char *name)
{
	return glob_name(part, name);
}

bool keyglob_any_depth(const char *part)
{
	return strcmp(part, "**") == 0;
}

/* ---- fitting ---- */

/* The first `count` components of a place. Of several ** only the last is tried again, as in
 * glob_path. */
static bool key_fits(const struct keyglob *glob, const struct keyglob *place, size_t count)
{
	size_t at = 0, name = 0, any = SIZE_MAX, retry = 0;
	while (at < glob->parts.n || name < count) {
		const char *part = at < glob->parts.n ? glob->parts.v[at] : NULL;
		if (part && keyglob_any_depth(part)) {
			any = ++at;
			retry = name;
		} else if (part && name < count && keyglob_part(part, place->parts.v[name])) {
			at++;
			name++;
		} else if (any == SIZE_MAX || retry >= count) {
			return false;
		} else {
			at = any;
			name = ++retry;
		}
	}
	return true;
}

static bool fits(const struct keyglob *glob, const struct keyglob *place)
{
	if (!glob->value != !place->value)
		return false;
	return (!glob->value || glob_name(glob->value, place->value)) &&
	       key_fits(glob, place, place->parts.n);
}

bool keyglob_fits(const char *glob, const char *place)
{
	struct keyglob pattern = split(glob, false), parts = split(place, true);
	bool fit = fits(&pattern, &parts);
	keyglob_clear(&pattern);
	keyglob_clear(&parts);
	return fit;
}

bool keyglob_covers(const char *glob, const char *place)
{
	struct keyglob pattern = split(glob, false), parts = split(place, true);
	bool fit = fits(&pattern, &parts);
	size_t above = parts.parts.n - (parts.value ? 0 : 1);
	for (size_t n = pattern.value || !parts.parts.n ? 0 : above; n && !fit; n--)
		fit = key_fits(&pattern, &parts, n);
	keyglob_clear(&pattern);
	keyglob_clear(&parts);
	return fit;
}

bool keyglob_reaches(const char *glob, const char *key)
{
	struct keyglob pattern = split(glob, false), parts = split(key, true);
	bool reach = true;
	for (size_t i = 0; reach && i < parts.parts.n; i++) {
		if (i < pattern.parts.n && keyglob_any_depth(pattern.parts.v[i]))
			break;
		reach = i < pattern.parts.n &&
			keyglob_part(pattern.parts.v[i], parts.parts.v[i]);
	}
	keyglob_clear(&pattern);
	keyglob_clear(&parts);
	return reach;
}

/* ---- what may be written ---- */

static const char *part_fault(const char *part)
{
	if (!*part)
		return "has an empty component";
	if (strstr(part, "**") && strcmp(part, "**") != 0)
		return "uses ** as a part of a component";
	for (const char *open = part; (open = strchr(open, '[')); open++) {
		const char *first = open + 1 + (open[1] == '!' || open[1] == '^');
		open = strchr(*first == ']' ? first + 1 : first, ']');
		if (!open)
			return "has an unclosed [";
	}
	return NULL;
}

static const char *parts_fault(char *key, size_t *ret_count)
{
	const char *wrong = NULL;
	*ret_count = 0;
	for (char *end, *part = key; part && !wrong; part = end ? end + 1 : NULL) {
		end = strchr(part, '\\');
		if (end)
			*end = 0;
		wrong = part_fault(part);
		++*ret_count;
	}
	return wrong;
}

const char *keyglob_fault(const char *glob)
{
	static const char *const hives[] = {"HKLM\\SOFTWARE", "HKLM\\SYSTEM", "HKLM\\SAM",
					    "HKLM\\SECURITY", "HKU"};
	size_t len, count;
	const char *value = realm_value(glob, &len);
	_cleanup_free_ char *key = mem_strndup(glob, len);
	bool known = false;
	for (size_t i = 0; i < sizeof hives / sizeof *hives; i++)
		known |= str_starts(key, hives[i]) && key[strlen(hives[i])] == '\\';
	if (!known)
		return "has to start with HKLM\\SOFTWARE\\, HKLM\\SYSTEM\\, HKLM\\SAM\\, "
		       "HKLM\\SECURITY\\ or HKU\\";
	if (str_starts(key, "HKU\\**"))
		return "begins with ** below HKU: one component stands for the profile";
	const char *wrong = parts_fault(key, &count);
	if (!wrong && count < 3)
		wrong = "names a hive as a whole";
	return wrong ? wrong : value ? part_fault(*value ? value : "*") : NULL;
}
