/* SPDX-License-Identifier: MIT */
#include "peek.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"

enum { MOST_TEXT = 1 << 20 };

void peek_list_free(peek_list *list)
{
	vec_each(list, text)
		free(*text);
	vec_free(list);
}

bool peek_list_has(const peek_list *list, const char *text)
{
	vec_each(list, have)
		if (strcmp(*have, text) == 0)
			return true;
	return false;
}

void peek_list_add(peek_list *list, const char *text)
{
	*vec_add(list) = mem_strdup(text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int peek_names(const struct guest *guest, const char *path, peek_list *ret)
{
	struct plat_dir *dir;
	const char *name;
	enum plat_kind kind;
	int got = guest_dir(guest, path, &dir, NULL);
	if (got < 0)
		return got;
	while ((got = plat_dir_next(dir, &name, &kind)) > 0)
		peek_list_add(ret, name);
	plat_dir_close(dir);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, by_name);
	return got;
}

bool peek_text(const struct guest *guest, const char *path, struct buf *ret)
{
	return guest_read(guest, path, MOST_TEXT, ret) == 0;
}

bool peek_text_at(struct plat_dir *dir, const char *name, struct buf *ret)
{
	struct plat_file *file;
	if (plat_file_open_at(dir, name, &file) < 0)
		return false;
	bool read = plat_file_slurp(file, MOST_TEXT, ret) == 0;
	plat_file_close(file);
	return read;
}

bool peek_line(const char **at, struct buf *line)
{
	if (!**at)
		return false;
	size_t len = strcspn(*at, "\n");
	buf_cut(line, 0);
	buf_add(line, *at, len);
	*at += len + ((*at)[len] == '\n');
	return true;
}

const char *peek_value(const char *line, const char *key)
{
	line += strspn(line, " \t");
	if (!str_starts(line, key))
		return NULL;
	line += strlen(key);
	line += strspn(line, " \t");
	if (*line != '=')
		return NULL;
	return line + 1 + strspn(line + 1, " \t");
}

void peek_paths(const struct guest *guest, const char *folder, const char *glob, peek_list *ret)
{
	peek_list names = {0};
	peek_names(guest, folder, &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folder, *name);
		if (glob_name(glob, *name))
			peek_list_add(ret, path);
	}
	peek_list_free(&names);
}

void peek_say(struct plan *plan, enum severity severity, const char *path, char *text)
{
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, NULL, path);
	finding->severity = severity;
	finding->text = text;
}

bool peek_straighten(char *path)
{
	char *to = path;
	for (char *at = path; *at;) {
		size_t len = strcspn(++at, "/");
		if (len == 2 && strncmp(at, "..", 2) == 0)
			return false;
		if (len && !(len == 1 && *at == '.')) {
			*to++ = '/';
			memmove(to, at, len);
			to += len;
		}
		at += len;
	}
	*to = 0;
	return to > path;
}

bool peek_match(const struct guest *guest, const char *folder, const char *glob)
{
	peek_list names = {0};
	bool found = false;
	peek_names(guest, folder, &names);
	vec_each(&names, name)
		found = found || glob_name(glob, *name);
	peek_list_free(&names);
	return found;
}

bool peek_is(const struct guest *guest, const char *path, enum plat_kind kind)
{
	struct plat_info info;
	return guest_look(guest, path, &info) == 0 && info.kind == kind;
}
