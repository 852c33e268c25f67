/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

/* The first that has a unit decides; /lib is the same as /usr/lib or older. */
static const char *const folders[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
				      "/usr/lib/systemd/system", "/lib/systemd/system"};
enum { FOLDERS = sizeof folders / sizeof *folders };

/* The folders held open: hundreds of names are looked up in each, and finding the folder
 * itself anew each time takes longer than all the rest. */
struct shelves {
	const struct guest *guest;
	struct plat_dir *dirs[FOLDERS]; /* NULL: not there, or another name of one before */
};

static void shelves_open(const struct guest *guest, struct shelves *ret)
{
	peek_list reals = {0};
	*ret = (struct shelves){.guest = guest};
	for (int i = 0; i < FOLDERS; i++) {
		_cleanup_free_ char *real = NULL;
		if (guest_dir(guest, folders[i], &ret->dirs[i], &real) < 0)
			continue;
		if (peek_list_has(&reals, real))
			ret->dirs[i] = plat_dir_close(ret->dirs[i]);
		else
			peek_list_add(&reals, real);
	}
	peek_list_free(&reals);
}

static void shelves_close(struct shelves *shelves)
{
	for (int i = 0; i < FOLDERS; i++)
		if (shelves->dirs[i])
			plat_dir_close(shelves->dirs[i]);
}

static bool shelf_has(const struct shelves *shelves, int i, const char *name)
{
	struct plat_info info;
	return shelves->dirs[i] && plat_info_at(shelves->dirs[i], name, &info) == 0;
}

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

static void dropins_add(const struct shelves *shelves, int i, const char *name, struct buf *ret)
{
	peek_list files = {0};
	_cleanup_free_ char *leaf = mem_printf("%s.d", name);
	_cleanup_free_ char *place = mem_printf("%s/%s", folders[i], leaf);
	if (!shelf_has(shelves, i, leaf))
		return;
	peek_names(shelves->guest, place, &files);
	vec_each(&files, file) {
		_cleanup_free_ char *path = mem_printf("%s/%s", place, *file);
		if (str_ends(*file, ".conf") && peek_text(shelves->guest, path, ret))
			buf_puts(ret, "\n");
	}
	peek_list_free(&files);
}

/* The first folder that has the name, or -1. */
static int shelf_of(const struct shelves *shelves, const char *name)
{
	for (int i = 0; i < FOLDERS; i++)
		if (shelf_has(shelves, i, name))
			return i;
	return -1;
}

/* A unit that is there but can not be read is masked: a link to /dev/null. */
static bool unit_read(const struct shelves *shelves, const char *name, struct buf *ret)
{
	int at = shelf_of(shelves, name);
	if (at < 0)
		return false;
	_cleanup_free_ char *path = mem_printf("%s/%s", folders[at], name);
	size_t before = ret->len;
	bool read = (peek_text_at(shelves->dirs[at], name, ret) ||
		     peek_text(shelves->guest, path, ret)) &&
		    ret->len > before;
	buf_puts(ret, "\n");
	return read;
}

/* An instance may have a file of its own, or be masked; else its template counts. */
static bool text_add(const struct shelves *shelves, const char *name, struct buf *ret)
{
	_cleanup_free_ char *template = template_of(name);
	if (template && shelf_of(shelves, name) < 0)
		name = template;
	if (!unit_read(shelves, name, ret))
		return false;
	for (int i = 0; i < FOLDERS; i++)
		dropins_add(shelves, i, name, ret);
	return true;
}

bool units_text(const struct guest *guest, const char *name, struct buf *ret)
{
	struct shelves shelves;
	shelves_open(guest, &shelves);
	bool found = text_add(&shelves, name, ret);
	shelves_close(&shelves);
	return found;
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
static void linked_add(const struct shelves *shelves, const char *unit, peek_list *units)
{
	static const char *const kinds[] = {"wants", "requires"};
	for (int i = 0; i < FOLDERS * 2; i++) {
		peek_list names = {0};
		_cleanup_free_ char *leaf = mem_printf("%s.%s", unit, kinds[i % 2]);
		_cleanup_free_ char *place = mem_printf("%s/%s", folders[i / 2], leaf);
		if (!shelf_has(shelves, i / 2, leaf))
			continue;
		peek_names(shelves->guest, place, &names);
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
static void socket_add(const struct shelves *shelves, const char *unit, peek_list *units)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!str_ends(unit, ".socket"))
		return;
	int stem = (int)(strlen(unit) - strlen(".socket"));
	_cleanup_free_ char *service = mem_printf("%.*s.service", stem, unit);
	_cleanup_free_ char *each = mem_printf("%.*s@.service", stem, unit);
	take(units, text_add(shelves, service, &text) ? service : each);
}

void units_started(const struct guest *guest, peek_list *ret)
{
	static const char *const always[] = {"multi-user.target", "basic.target",
					     "sysinit.target", "sockets.target"};
	struct shelves shelves;
	shelves_open(guest, &shelves);
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		take(ret, always[i]);
	for (size_t i = 0; i < ret->n; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		_cleanup_free_ char *unit = mem_strdup(ret->v[i]);
		linked_add(&shelves, unit, ret);
		if (!text_add(&shelves, unit, &text))
			continue;
		named_add(buf_text(&text), ret);
		socket_add(&shelves, unit, ret);
	}
	shelves_close(&shelves);
}
