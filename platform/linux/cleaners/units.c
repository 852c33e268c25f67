/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

/* The first that has a unit decides; /lib is the same as /usr/lib or older. */
static const char *const folders[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
				      "/usr/lib/systemd/system", "/lib/systemd/system"};
enum { FOLDERS = sizeof folders / sizeof *folders };

/* A guest can name units without end; a real one has a few hundred. */
enum { MOST_UNITS = 2000 };

/* "a@b.service" is made from "a@.service". */
static char *template_of(const char *name)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
	if (!at || !dot || dot <= at + 1)
		return NULL;
	return mem_printf("%.*s%s", (int)(at + 1 - name), name, dot);
}

static void dropins_add(const struct guest *guest, const char *folder, const char *name,
			struct buf *ret)
{
	peek_list files = {0};
	_cleanup_free_ char *place = mem_printf("%s/%s.d", folder, name);
	peek_names(guest, place, &files);
	vec_each(&files, file) {
		_cleanup_free_ char *path = mem_printf("%s/%s", place, *file);
		if (str_ends(*file, ".conf") && peek_text(guest, path, ret))
			buf_puts(ret, "\n");
	}
	peek_list_free(&files);
}

/* A unit that is there but can not be read is masked: a link to /dev/null. */
static bool file_find(const struct guest *guest, const char *name, struct buf *ret)
{
	for (int i = 0; i < FOLDERS; i++) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folders[i], name);
		if (!guest_has(guest, path))
			continue;
		size_t before = ret->len;
		bool read = peek_text(guest, path, ret) && ret->len > before;
		buf_puts(ret, "\n");
		return read;
	}
	return false;
}

bool units_text(const struct guest *guest, const char *name, struct buf *ret)
{
	_cleanup_free_ char *template = template_of(name);
	for (int i = 0; i < FOLDERS; i++) {
		_cleanup_free_ char *own = mem_printf("%s/%s", folders[i], name);
		if (template && guest_has(guest, own))
			break; /* an instance with a file of its own, or masked */
		if (template && i == FOLDERS - 1)
			name = template;
	}
	if (!file_find(guest, name, ret))
		return false;
	for (int i = 0; i < FOLDERS; i++)
		dropins_add(guest, folders[i], name, ret);
	return true;
}

bool units_masked(const struct guest *guest, const char *name)
{
	_cleanup_(buf_free) struct buf text = {0};
	_cleanup_free_ char *path = mem_printf("/etc/systemd/system/%s", name);
	return peek_is(guest, path, PLAT_SYMLINK) && !peek_text(guest, path, &text);
}

char *units_own_name(const struct guest *guest, const char *name)
{
	for (int i = 0; i < FOLDERS; i++) {
		_cleanup_(buf_free) struct buf real = {0};
		_cleanup_free_ char *path = mem_printf("%s/%s", folders[i], name);
		if (guest_has(guest, path))
			return guest_resolve(guest, path, &real) < 0
				       ? NULL
				       : mem_strdup(str_leaf(buf_text(&real)));
	}
	return NULL;
}

static void take(peek_list *units, const char *name)
{
	if (*name && units->n < MOST_UNITS && !peek_list_has(units, name))
		peek_list_add(units, name);
}

/* The links in unit.wants/ and unit.requires/. */
static void linked_add(const struct guest *guest, const char *unit, peek_list *units)
{
	static const char *const kinds[] = {"wants", "requires"};
	for (int i = 0; i < FOLDERS * 2; i++) {
		peek_list names = {0};
		_cleanup_free_ char *place = mem_printf("%s/%s.%s", folders[i / 2], unit,
							kinds[i % 2]);
		peek_names(guest, place, &names);
		vec_each(&names, name)
			take(units, *name);
		peek_list_free(&names);
	}
}

/* The units named in Wants= and Requires= lines. */
static void named_add(const char *text, peek_list *units)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *value = peek_value(buf_text(&line), "Wants");
		if (!value)
			value = peek_value(buf_text(&line), "Requires");
		while (value && *value) {
			size_t len = strcspn(value, " \t\r");
			_cleanup_free_ char *name = mem_strndup(value, len);
			take(units, name);
			value += len + strspn(value + len, " \t\r");
		}
	}
}

/* A socket starts the service of its name, or one for each connection. */
static void socket_add(const struct guest *guest, const char *unit, peek_list *units)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!str_ends(unit, ".socket"))
		return;
	int stem = (int)(strlen(unit) - strlen(".socket"));
	_cleanup_free_ char *service = mem_printf("%.*s.service", stem, unit);
	_cleanup_free_ char *each = mem_printf("%.*s@.service", stem, unit);
	take(units, units_text(guest, service, &text) ? service : each);
}

void units_started(const struct guest *guest, peek_list *ret)
{
	static const char *const always[] = {"multi-user.target", "basic.target",
					     "sysinit.target", "sockets.target"};
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		take(ret, always[i]);
	for (size_t i = 0; i < ret->n; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		_cleanup_free_ char *unit = mem_strdup(ret->v[i]);
		linked_add(guest, unit, ret);
		if (!units_text(guest, unit, &text))
			continue;
		named_add(buf_text(&text), ret);
		socket_add(guest, unit, ret);
	}
}
