/* SPDX-License-Identifier: MIT */
#include "model/realm.h"

#include <string.h>

#include "base/str.h"

enum realm realm_of(const char *path)
{
	if (*path == '/' || !*path)
		return REALM_FILES;
	return strncmp(path, "HKLM\\", 5) == 0 || strncmp(path, "HKU\\", 4) == 0
		       ? REALM_REGISTRY
		       : REALM_OBJECTS;
}

char realm_separator(const char *path)
{
	return realm_of(path) == REALM_REGISTRY ? '\\' : '/';
}

const char *realm_value(const char *path, size_t *ret_key_len)
{
	const char *name = strstr(path, "\\\\");
	*ret_key_len = name ? (size_t)(name - path) : strlen(path);
	return name ? name + 2 : NULL;
}

static bool is_plain_file(const char *path)
{
	if (*path != '/')
		return false;
	if (!path[1])
		return true;
	for (const char *at = path; (at = strstr(at, "/.")); at++) {
		size_t dots = strspn(at + 1, ".");
		if (dots <= 2 && (!at[1 + dots] || at[1 + dots] == '/'))
			return false;
	}
	return !strstr(path, "//") && !str_ends(path, "/");
}

/* KIND:NAME, where the kind is a word. */
static bool is_plain_object(const char *path)
{
	size_t kind = strspn(path, "abcdefghijklmnopqrstuvwxyz-");
	return kind && path[kind] == ':';
}

bool realm_is_plain(const char *path)
{
	size_t key;
	switch (realm_of(path)) {
	case REALM_FILES:
		return is_plain_file(path);
	case REALM_REGISTRY:
		return realm_value(path, &key) || path[key - 1] != '\\';
	case REALM_OBJECTS:
		break;
	}
	return is_plain_object(path);
}

void realm_quote(struct buf *out, const char *place)
{
	if (realm_of(place) != REALM_REGISTRY) {
		str_quote(out, place);
		return;
	}
	for (; *place; place++)
		if (*place < ' ' || *place > '~' || *place == '<')
			buf_printf(out, "<%02x>", (unsigned char)*place);
		else
			buf_add(out, place, 1);
}
