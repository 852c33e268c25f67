/* SPDX-License-Identifier: MIT */
/* A start file can move a history anywhere. Those of every home and of the system
 * are read for the settings of shells and other programs that keep one, and what
 * they name goes like the history at its usual place.
 *
 * Anybody can write such a line, so a start file decides only about what lies in
 * its own home or belongs to that home's owner; the system's own, about what
 * belongs to root, too. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "classify/classify.h"
#include "list.h"
#include "peek.h"
#include "words.h"

enum { MOST_NAMES = 3 /* of files told in one finding */ };

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

static bool is_history(const char *name)
{
	static const char *const names[] = {"HISTFILE",		 "LESSHISTFILE",
					    "PYTHON_HISTORY",	 "NODE_REPL_HISTORY",
					    "MYSQL_HISTFILE",	 "MARIADB_HISTFILE",
					    "PSQL_HISTORY",	 "SQLITE_HISTORY",
					    "REDISCLI_HISTFILE", "VALKEYCLI_HISTFILE",
					    "GDBHISTFILE",	 "R_HISTFILE",
					    "OCTAVE_HISTFILE",	 "CQL_HISTORY",
					    "USQL_HISTORY",	 "CLICKHOUSE_HISTORY_FILE",
					    "CALCHISTFILE",	 "histfile"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The start files of one home, the system's as they apply to it. */
struct reader {
	const struct guest *guest;
	struct plan *plan;
	const char *home;
	uint32_t owner; /* of the home */
	struct scope scope;
	peek_list read;		 /* start files, once each */
	peek_list *found, *told; /* of all homes: steps; "file name" of findings */
	/* where it is */
	const char *file;
	unsigned line;
	bool of_system;
};

/* ---- what is named ---- */

static bool is_first(struct reader *r, const char *name)
{
	_cleanup_free_ char *both = mem_printf("%s %s", r->file, name);
	if (peek_list_has(r->told, both))
		return false;
	peek_list_add(r->told, both);
	return true;
}

static void say_file(struct reader *r, const char *path, const char *name, const char *what)
{
	struct buf text = {0};
	buf_printf(&text, "%s at line %u of ", name, r->line);
	str_quote(&text, r->file);
	buf_puts(&text, what);
	peek_say(r->plan, SEVERITY_INFO, path, text.data);
}

static void say_line(struct reader *r, const char *name, const char *what)
{
	if (is_first(r, name))
		peek_say(r->plan, SEVERITY_MEDIUM, r->file,
			 mem_printf("%s at line %u %s", name, r->line, what));
}

/* A name that is made up anew at each start: what fits it is told. The part that
 * is not known stands for anything but a slash. */
static void fits_say(struct reader *r, const char *name, char *path)
{
	struct buf text = {0};
	struct buf glob = {0};
	char *leaf = strrchr(path, '/');
	if (!leaf || memchr(path, WORDS_UNKNOWN, (size_t)(leaf - path)) || *path != '/') {
		say_line(r, name,
			 "leads to a place that can not be told from here: look for "
			 "the file and remove it");
		return;
	}
	*leaf++ = 0;
	for (; *leaf; leaf++) {
		char one[2] = {*leaf, 0};
		if (*leaf == WORDS_UNKNOWN)
			buf_puts(&glob, "*");
		else
			glob_quote(&glob, one);
	}
	peek_list fitting = {0};
	peek_paths(r->guest, *path ? path : "/", buf_text(&glob), &fitting);
	buf_free(&glob);
	buf_puts(&text, "names files that differ from start to start: look at those "
			"that fit and remove them:");
	for (size_t i = 0; i < fitting.n && i < MOST_NAMES; i++) {
		buf_puts(&text, " ");
		str_quote(&text, fitting.v[i]);
	}
	if (fitting.n > MOST_NAMES)
		buf_printf(&text, " and %zu more", fitting.n - MOST_NAMES);
	if (fitting.n)
		say_line(r, name, text.data);
	buf_free(&text);
	peek_list_free(&fitting);
}

/* "/a//b/./c" becomes "/a/b/c"; false where ".." leads somewhere else. */
static bool straighten(char *path)
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

static bool may_name(const struct reader *r, const char *path, const struct plat_info *info)
{
	const char *home = guest_home_of(r->guest, path);
	return (home && strcmp(home, r->home) == 0) || info->owner == r->owner ||
	       (r->of_system && !home);
}

static bool is_packaged(const struct guest *guest, const char *path)
{
	bool owned = false;
	if (!guest_home_of(guest, path))
		classify_owned(guest, &path, 1, &owned);
	return owned;
}

static void file_plan(struct reader *r, const char *name, const char *path)
{
	struct plat_info info;
	struct step *step;
	if (guest_look(r->guest, path, &info) < 0 || info.kind == PLAT_DIR ||
	    strcmp(path, "/dev/null") == 0 || peek_list_has(r->found, path))
		return;
	peek_list_add(r->found, path);
	if (info.kind != PLAT_FILE)
		say_file(r, path, name,
			 " has the history here, and this is no plain file: look where "
			 "it leads and remove that by hand");
	else if (!may_name(r, path, &info))
		say_file(r, path, name,
			 " names this file as its history, but it belongs to another "
			 "account: it was left alone, look what it is");
	else if (!is_packaged(r->guest, path))
		cleaner_step(r->guest, r->plan, STEP_REMOVE, path,
			     "a start file moved a history here: commands are kept as "
			     "typed, with the passwords in them",
			     &step);
}

static void take(struct reader *r, const char *name, char *value)
{
	if (!*value || strcmp(value, "-") == 0)
		return;
	if (strchr(value, WORDS_UNKNOWN))
		fits_say(r, name, value);
	else if (*value != '/' || !straighten(value))
		say_line(r, name,
			 "names a file relative to wherever the program starts: look "
			 "for it and remove it");
	else
		file_plan(r, name, value);
}

/* fish keeps the history called NAME in a file of that name. */
static void take_fish(struct reader *r, const char *value)
{
	const char *data = scope_get(&r->scope, "XDG_DATA_HOME");
	_cleanup_free_ char *path = data ? mem_printf("%s/fish/%s_history", data, value)
					 : mem_printf("%s/.local/share/fish/%s_history",
						      r->home, value);
	if (*value && strcmp(value, "default") != 0)
		take(r, "fish_history", path);
}

static void set(struct reader *r, const char *name, struct buf *value)
{
	_cleanup_free_ char *text = mem_strdup(buf_text(value));
	scope_set(&r->scope, name, text);
	if (strcmp(name, "fish_history") == 0)
		take_fish(r, text);
	else if (is_history(name))
		take(r, name, text);
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
static void read_shell(struct reader *r, const char *line)
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
static void read_csh(struct reader *r, const char *line)
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
static void read_rest(struct reader *r, const char *name, const char *at, bool with_variables)
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
static void read_ruby(struct reader *r, const char *line)
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

static void read_line(struct reader *r, enum style style, const char *line)
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

static void read_file(struct reader *r, const char *path, enum style style)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	if (peek_list_has(&r->read, path) || !peek_text(r->guest, path, &text))
		return;
	peek_list_add(&r->read, path);
	for (size_t i = 0; i < text.len; i++)
		if (!text.data[i] || text.data[i] == '\r')
			text.data[i] = ' '; /* a NUL would hide the lines behind it */
	r->file = path;
	r->line = 0;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		r->line++;
		read_line(r, style, buf_text(&line));
	}
}

static char *folder_of(const struct reader *r, const char *folder)
{
	if (*folder == '/')
		return mem_strdup(folder);
	if (*folder == '~')
		return mem_printf("%s%s", r->home, folder + 1);
	const char *moved = scope_get(&r->scope, "ZDOTDIR");
	char *path = mem_strdup(str_or(moved, ""));
	bool fine = *path == '/' && !strchr(path, WORDS_UNKNOWN) && straighten(path) &&
		    guest_home_of(r->guest, path) == r->home;
	if (fine)
		return path;
	free(path);
	return NULL;
}

static void read_files(struct reader *r, const struct start_file *file)
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

static const char *user_of(const struct guest *guest, const char *home)
{
	vec_each(&guest->accounts, account)
		if (account->home && strcmp(account->home, home) == 0)
			return account->name;
	return NULL;
}

static void home_plan(const struct guest *guest, struct plan *plan, const char *home,
		      peek_list *found, peek_list *told)
{
	struct reader r = {.guest = guest,
			   .plan = plan,
			   .home = home,
			   .found = found,
			   .told = told,
			   .scope = {.home = home, .user = user_of(guest, home)}};
	struct plat_info info;
	if (guest_look(guest, home, &info) < 0)
		return;
	r.owner = info.owner;
	for (size_t i = 0; i < sizeof start_files / sizeof *start_files; i++)
		read_files(&r, &start_files[i]);
	scope_free(&r.scope);
	peek_list_free(&r.read);
}

static int plan_moved_histories(const struct cleaning *cleaning, struct plan *plan)
{
	peek_list found = {0}, told = {0};
	vec_each(&cleaning->guest->homes, home)
		home_plan(cleaning->guest, plan, *home, &found, &told);
	peek_list_free(&found);
	peek_list_free(&told);
	return 0;
}

const struct cleaner moved_histories_cleaner = {
	.name = "moved-histories",
	.title = "Histories moved by start files",
	.why = "a history that HISTFILE or its like moved elsewhere holds commands as "
	       "typed, with the passwords in them",
	.advice = "log out everywhere first: a shell writes its history when it ends",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.last = true,
	.plan = plan_moved_histories,
};
