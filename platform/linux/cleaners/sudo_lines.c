/* SPDX-License-Identifier: MIT */
#include "sudo_lines.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

/* Behind "#", but not that of a user id, a backslash does not make the line go on. */
static bool has_comment(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] == '#' && (!i || line[i - 1] != '\\') &&
		    !isdigit((unsigned char)line[i + 1]))
			return true;
	return false;
}

/* Takes the line with those that go on behind a backslash, and gives it as one. */
static void join(const char **at, struct sudo_line *line, struct buf *joined)
{
	line->raw = *at;
	for (bool more = true; more && **at;) {
		size_t len = strcspn(*at, "\n");
		more = len && (*at)[len - 1] == '\\' && !has_comment(*at, len);
		buf_add(joined, *at, len - more);
		*at += len + ((*at)[len] == '\n');
	}
	line->raw_len = (size_t)(*at - line->raw);
}

/* "alice, %wheel" up to the blank that no comma stands before. */
static const char *users_take(const char *at, peek_list *ret)
{
	do {
		at += strspn(at, " \t,");
		bool quoted = *at == '"';
		at += quoted;
		size_t len = strcspn(at, quoted ? "\"" : " \t,=");
		_cleanup_free_ char *user = mem_strndup(at, len);
		if (len)
			peek_list_add(ret, user);
		at += len + (quoted && at[len]);
		at += strspn(at, " \t");
	} while (*at == ',');
	return at;
}

static bool is_alias(const char *text)
{
	static const char *const kinds[] = {"User_Alias", "Runas_Alias", "Host_Alias",
					    "Cmnd_Alias", "Cmd_Alias"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_starts(text, kinds[i]) && strchr(" \t", text[strlen(kinds[i])]))
			return true;
	return false;
}

/* "#1000 ALL=..." is a rule for a user id, every other "#" a comment. */
static bool is_nothing(const char *text)
{
	return !*text || (*text == '#' && !isdigit((unsigned char)text[1]));
}

static void take(struct sudo_line *line, const char *text)
{
	static const char defaults[] = "Defaults";
	text += strspn(text, " \t\r");
	if (str_starts(text, "#include") || *text == '@') {
		line->kind = SUDO_OTHER;
	} else if (is_nothing(text)) {
		line->kind = SUDO_NOTHING;
	} else if (is_alias(text)) {
		line->kind = SUDO_ALIAS;
		buf_puts(&line->rest, text);
	} else if (str_starts(text, defaults) && strchr(" \t:@!>", text[sizeof defaults - 1])) {
		line->kind = SUDO_DEFAULTS;
		text += sizeof defaults - 1;
		if (*text == ':')
			text = users_take(text + 1, &line->users);
		buf_puts(&line->rest, text);
	} else {
		line->kind = SUDO_RULE;
		buf_puts(&line->rest, users_take(text, &line->users));
	}
}

bool sudo_next(const char **at, struct sudo_line *ret)
{
	_cleanup_(buf_free) struct buf joined = {0};
	*ret = (struct sudo_line){0};
	if (!**at)
		return false;
	join(at, ret, &joined);
	take(ret, buf_text(&joined));
	return true;
}

void sudo_line_free(struct sudo_line *line)
{
	peek_list_free(&line->users);
	buf_free(&line->rest);
}

void sudo_files(const struct guest *guest, peek_list *ret)
{
	peek_list names = {0};
	peek_names(guest, "/etc/sudoers.d", &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("/etc/sudoers.d/%s", *name);
		if (!strchr(*name, '.') && !str_ends(*name, "~"))
			peek_list_add(ret, path);
	}
	peek_list_free(&names);
}
