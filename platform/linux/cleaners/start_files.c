/* SPDX-License-Identifier: MIT */
#include "start_files.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"

enum style {
	SHELL, /* NAME=value anywhere in a line, also environment files */
	CSH,   /* set name = value, setenv NAME value; fish likewise */
	PSQL,  /* \set NAME value */
	GDB,   /* set history filename value */
	RUBY,  /* ... NAME ... = "value", Python likewise */
};

struct start_file {
	const char *folder, *glob; /* the folder of a home begins with "~" */
	enum style style;
};

/* In the order in which shells read them, as one may use what another has set. */
static const struct start_file start_files[] = {
	{"/etc", "environment", SHELL},
	{"/etc/zsh", "zshenv", SHELL},
	{"/etc", "zshenv", SHELL},
	{"/etc", "profile", SHELL},
	{"/etc/profile.d", "*.sh", SHELL},
	{"/etc", "bash.bashrc*", SHELL},
	{"/etc", "bashrc", SHELL},
	{"/etc/bash", "bashrc", SHELL},
	{"/etc/bash", "*.sh", SHELL},
	{"/etc/zsh", "z[psl]*", SHELL}, /* zprofile, zshrc, zlogin */
	{"/etc", "z[psl]*", SHELL},
	{"/etc", "ksh.kshrc", SHELL},
	{"/etc", "mkshrc", SHELL},
	{"/etc", "csh.cshrc", CSH},
	{"/etc", "csh.login", CSH},
	{"/etc/profile.d", "*.csh", CSH},
	{"/etc/fish", "config.fish", CSH},
	{"/etc/fish/conf.d", "*.fish", CSH},
	{"/etc/R", "Renviron.site", SHELL},
	{"/etc/postgresql-common", "psqlrc", PSQL},
	{"/etc/gdb", "gdbinit", GDB},
	{"~/.config/environment.d", "*.conf", SHELL},
	{"~", ".pam_environment", SHELL},
	{"~", ".zshenv", SHELL},
	{"~", ".zprofile", SHELL},
	{"~", ".bash_profile", SHELL},
	{"~", ".bash_login", SHELL},
	{"~", ".profile", SHELL},
	{"~", ".bashrc", SHELL},
	{"~/.bashrc.d", "*", SHELL},
	{"~", ".bash_aliases", SHELL},
	{"~", ".zshrc", SHELL},
	{"~", ".zlogin", SHELL},
	{"~/.oh-my-zsh/custom", "*.zsh", SHELL},
	{"~", ".kshrc", SHELL},
	{"~", ".mkshrc", SHELL},
	{"~", ".shrc", SHELL},
	{"~", ".Renviron", SHELL},
	{"~", ".lesskey", SHELL},
	{"~/.config", "lesskey", SHELL},
	{"~", ".cshrc", CSH},
	{"~", ".tcshrc", CSH},
	{"~", ".login", CSH},
	{"~/.config/fish", "config.fish", CSH},
	{"~/.config/fish/conf.d", "*.fish", CSH},
	{"~", ".psqlrc*", PSQL},
	{"~", ".gdbinit", GDB},
	{"~/.config/gdb", "gdbinit", GDB},
	{"~", ".irbrc", RUBY},
	{"~/.config/irb", "irbrc", RUBY},
	{"~", ".xonshrc", RUBY},
	{"~/.config/xonsh", "rc.xsh", RUBY},
	{"$ZDOTDIR", ".z[psl]*", SHELL},
};

static void set(struct start_reader *r, const char *name, const struct buf *value)
{
	scope_set(&r->scope, name, buf_text(value));
	r->set(r, name, buf_text(value));
}

/* ---- the lines ---- */

static size_t name_length(const char *at)
{
	size_t len = 0;
	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	return len;
}

/* NAME=value, and ${NAME:=value} */
static void read_shell(struct start_reader *r, const char *line)
{
	for (const char *at = line; *at;) {
		size_t len = name_length(at);
		bool braced = at > line && at[-1] == '{';
		bool begins = at == line || strchr(" \t;&|({\"'", at[-1]);
		const char *behind = at + len + (braced && at[len] == ':');
		if (!len || !begins || *behind != '=' || behind[1] == '=') {
			at += len + !len;
			continue;
		}
		_cleanup_free_ char *name = mem_strndup(at, len);
		_cleanup_(buf_free) struct buf value = {0};
		at = behind + 1;
		words_read(&r->scope, &at, &value);
		if (braced)
			buf_cut(&value, strcspn(buf_text(&value), "}"));
		set(r, name, &value);
	}
}

/* csh: set name = value, setenv NAME value; fish: set -gx NAME value */
static void read_csh(struct start_reader *r, const char *line)
{
	while (*line) {
		size_t len = strcspn(line, " \t;");
		bool sets = (len == 3 && str_starts(line, "set")) ||
			    (len == 6 && str_starts(line, "setenv"));
		line += len;
		line += strspn(line, " \t;");
		while (sets && *line == '-') {
			line += strcspn(line, " \t");
			line += strspn(line, " \t");
		}
		if (!sets || !name_length(line))
			continue;
		_cleanup_free_ char *name = mem_strndup(line, name_length(line));
		_cleanup_(buf_free) struct buf value = {0};
		line += strlen(name);
		line += strspn(line, " \t");
		line += *line == '=';
		line += strspn(line, " \t");
		words_read(&r->scope, &line, &value);
		set(r, name, &value);
	}
}

/* The words of what is left, put together; "~" at their front also in quotes. */
static void read_rest(struct start_reader *r, const char *name, const char *at,
		      bool with_variables)
{
	_cleanup_(buf_free) struct buf value = {0};
	_cleanup_(buf_free) struct buf full = {0};
	while (*(at += strspn(at, " \t\r"))) {
		size_t before = value.len;
		const char *begin = at;
		if (with_variables && *at == ':') {
			at += strcspn(at, " \t");
			buf_add(&value, &(char){WORDS_UNKNOWN}, 1);
			continue;
		}
		words_read(&r->scope, &at, &value);
		if (at == begin || value.len == before)
			break;
	}
	if (str_starts(buf_text(&value), "~/"))
		buf_puts(&full, r->home);
	buf_puts(&full, buf_text(&value) + (full.len > 0));
	set(r, name, &full);
}

/* `front` is made of words with any blanks between them. */
static const char *behind_words(const char *line, const char *front)
{
	while (*front) {
		size_t len = strcspn(front, " ");
		line += strspn(line, " \t");
		if (strncmp(line, front, len) != 0)
			return NULL;
		line += len;
		front += len + (front[len] == ' ');
		if (!strchr(" \t", *line) || !*line)
			return NULL;
	}
	return line;
}

/* A quoted text behind the equals sign, in the home or at a full path. */
static void read_ruby(struct start_reader *r, const char *line)
{
	const char *at = strstr(line, "HISTORY_FILE");
	at = at ? strchr(at, '=') : NULL;
	if (!at)
		return;
	static const char *const homes[] = {"#{ENV['HOME']}", "#{ENV[\"HOME\"]}",
					    "#{Dir.home}"};
	bool in_home = strstr(at, "HOME") || strstr(at, "Dir.home") || strstr(at, "~");
	_cleanup_(buf_free) struct buf value = {0};
	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
		const char *hit = strstr(at, homes[i]);
		if (hit)
			at = hit + strlen(homes[i]);
	}
	/* the last quoted text: what is before it leads to its folder */
	const char *end = strrchr(at, '"') ? strrchr(at, '"') : strrchr(at, '\'');
	const char *begin = end;
	while (begin && begin > at && begin[-1] != *end)
		begin--;
	if (!end || begin == end)
		return;
	_cleanup_free_ char *text = mem_strndup(begin, (size_t)(end - begin));
	const char *inside = text + (*text == '~');
	if (in_home && !str_starts(inside, r->home))
		buf_printf(&value, "%s%s", r->home, *inside == '/' ? "" : "/");
	buf_puts(&value, inside);
	if (strchr(inside, '{') || strstr(at, "XDG_")) {
		buf_cut(&value, 0);
		buf_add(&value, &(char){WORDS_UNKNOWN}, 1);
	}
	set(r, "HISTFILE", &value);
}

static void read_line(struct start_reader *r, enum style style, const char *line)
{
	const char *rest;
	line += strspn(line, " \t");
	if (*line == '#')
		return;
	switch (style) {
	case SHELL:
		read_shell(r, line);
		break;
	case CSH:
		read_csh(r, line);
		break;
	case PSQL:
		if ((rest = behind_words(line, "\\set HISTFILE")))
			read_rest(r, "HISTFILE", rest, true);
		break;
	case GDB:
		if ((rest = behind_words(line, "set history filename")))
			read_rest(r, "GDBHISTFILE", rest, false);
		break;
	case RUBY:
		read_ruby(r, line);
		break;
	}
}

/* ---- the files ---- */

static void read_file(struct start_reader *r, const char *path, enum style style)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	struct plat_info info;
	if (peek_list_has(&r->read, path) || guest_look(r->guest, path, &info) < 0 ||
	    !peek_text(r->guest, path, &text))
		return;
	peek_list_add(&r->read, path);
	for (size_t i = 0; i < text.len; i++)
		if (!text.data[i] || text.data[i] == '\r')
			text.data[i] = ' '; /* a NUL would hide the lines behind it */
	r->file = path;
	r->writer = info.owner;
	r->line = 0;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		r->line++;
		read_line(r, style, buf_text(&line));
	}
}

static char *folder_of(const struct start_reader *r, const char *folder)
{
	if (*folder == '/')
		return mem_strdup(folder);
	if (*folder == '~')
		return mem_printf("%s%s", r->home, folder + 1);
	const char *moved = scope_get(&r->scope, "ZDOTDIR");
	char *path = mem_strdup(str_or(moved, ""));
	bool fine = *path == '/' && !strchr(path, WORDS_UNKNOWN) && peek_straighten(path) &&
		    guest_home_of(r->guest, path) == r->home;
	if (fine)
		return path;
	free(path);
	return NULL;
}

static void read_files(struct start_reader *r, const struct start_file *file)
{
	_cleanup_free_ char *folder = folder_of(r, file->folder);
	peek_list paths = {0};
	if (!folder)
		return;
	r->of_system = *file->folder == '/';
	if (glob_literal(file->glob, strlen(file->glob))) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folder, file->glob);
		peek_list_add(&paths, path);
	} else {
		peek_paths(r->guest, folder, file->glob, &paths);
	}
	vec_each(&paths, path)
		read_file(r, *path, file->style);
	peek_list_free(&paths);
}

void start_files_read(struct start_reader *r)
{
	r->scope = (struct scope){.home = r->home, .user = r->user};
	for (size_t i = 0; i < sizeof start_files / sizeof *start_files; i++)
		read_files(r, &start_files[i]);
	scope_free(&r->scope);
	peek_list_free(&r->read);
}
