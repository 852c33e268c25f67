/* SPDX-License-Identifier: MIT */
/* A start file can move a history anywhere. Those of every home and of the system
 * are read for the settings of shells and other programs that keep one, and what
 * they name goes like the history at its usual place.
 *
 * Anybody can write such a line, so a start file decides only about what belongs to
 * whoever owns that file and, if that is the owner of its home, about what lies in the
 * home; the system's own, about what belongs to root, too. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "list.h"
#include "start_files.h"

/* Files told in one finding; settings of one home, which may be there to keep us busy. */
enum { MOST_NAMES = 3, MOST_SETTINGS = 200 };

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

/* One home; found and told are of all homes. */
struct search {
	const struct guest *guest;
	struct plan *plan;
	uint32_t owner;	  /* of the home */
	size_t settings;  /* in it */
	peek_list *found; /* files that go */
	peek_list *told;  /* "start-file name" of findings */
};

/* ---- what is named ---- */

static bool is_first(const struct start_reader *r, const char *name)
{
	struct search *s = r->context;
	_cleanup_free_ char *both = mem_printf("%s %s", r->file, name);
	if (peek_list_has(s->told, both))
		return false;
	peek_list_add(s->told, both);
	return true;
}

static void say_file(const struct start_reader *r, const char *path, const char *name,
		     const char *what)
{
	struct search *s = r->context;
	struct buf text = {0};
	if (!is_first(r, path))
		return;
	buf_printf(&text, "%s at line %u of ", name, r->line);
	str_quote(&text, r->file);
	buf_puts(&text, what);
	peek_say(s->plan, SEVERITY_INFO, path, text.data);
}

static void say_line(const struct start_reader *r, const char *name, const char *what)
{
	struct search *s = r->context;
	if (is_first(r, name))
		peek_say(s->plan, SEVERITY_MEDIUM, r->file,
			 mem_printf("%s at line %u %s", name, r->line, what));
}

/* A name that is made up anew at each start: what fits it is told. The part that
 * is not known stands for anything but a slash. */
static void fits_say(const struct start_reader *r, const char *name, char *path)
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

static bool may_name(const struct start_reader *r, const char *path,
		     const struct plat_info *info)
{
	const struct search *s = r->context;
	const char *home = guest_home_of(r->guest, path);
	if (home && strcmp(home, r->home) == 0 && (r->of_system || r->writer == s->owner))
		return true;
	return info->owner == r->writer || (r->of_system && !home);
}

static void file_plan(const struct start_reader *r, const char *name, const char *path)
{
	struct search *s = r->context;
	struct plat_info info;
	struct step *step;
	if (guest_look(r->guest, path, &info) < 0 || info.kind == PLAT_DIR ||
	    strcmp(path, "/dev/null") == 0 || peek_list_has(s->found, path))
		return;
	if (info.kind != PLAT_FILE)
		say_file(r, path, name,
			 " has the history here, and this is no plain file: look where "
			 "it leads and remove that by hand");
	else if (!may_name(r, path, &info))
		say_file(r, path, name,
			 " names this file as its history, but it belongs to another "
			 "account: it was left alone, look what it is");
	else if (str_starts(path, "/etc/"))
		say_file(r, path, name,
			 " names this file as its history, but it lies among the "
			 "settings of the system: it was left alone, look what it is");
	else if (cleaner_step(r->guest, s->plan, STEP_REMOVE, path,
			      "a start file moved a history here: commands are kept as "
			      "typed, with the passwords in them",
			      &step) == 0)
		peek_list_add(s->found, path);
}

static void take(const struct start_reader *r, const char *name, char *value)
{
	if (!*value || strcmp(value, "-") == 0)
		return;
	if (strchr(value, WORDS_UNKNOWN))
		fits_say(r, name, value);
	else if (*value != '/' || !peek_straighten(value))
		say_line(r, name,
			 "names a file relative to wherever the program starts: look "
			 "for it and remove it");
	else
		file_plan(r, name, value);
}

/* fish keeps the history called NAME in a file of that name. */
static void take_fish(const struct start_reader *r, const char *value)
{
	const char *data = scope_get(&r->scope, "XDG_DATA_HOME");
	_cleanup_free_ char *path = data ? mem_printf("%s/fish/%s_history", data, value)
					 : mem_printf("%s/.local/share/fish/%s_history",
						      r->home, value);
	if (*value && strcmp(value, "default") != 0)
		take(r, "fish_history", path);
}

static void take_setting(const struct start_reader *r, const char *name, const char *value)
{
	struct search *s = r->context;
	_cleanup_free_ char *copy = mem_strdup(value);
	bool fish = strcmp(name, "fish_history") == 0;
	if (!fish && !is_history(name))
		return;
	if (s->settings == MOST_SETTINGS)
		say_line(r, "a setting of a history",
			 "comes behind too many others: from there on none was looked at");
	if (s->settings++ >= MOST_SETTINGS)
		return;
	if (fish)
		take_fish(r, value);
	else
		take(r, name, copy);
}

/* ---- the homes ---- */

static const char *user_of(const struct guest *guest, const char *home)
{
	vec_each(&guest->accounts, account)
		if (account->home && strcmp(account->home, home) == 0)
			return account->name;
	return NULL;
}

static void home_plan(struct search *search, const char *home)
{
	struct plat_info info;
	if (guest_look(search->guest, home, &info) < 0)
		return;
	search->owner = info.owner;
	search->settings = 0;
	struct start_reader reader = {.guest = search->guest,
				      .home = home,
				      .user = user_of(search->guest, home),
				      .set = take_setting,
				      .context = search};
	start_files_read(&reader);
}

static int plan_moved_histories(const struct cleaning *cleaning, struct plan *plan)
{
	peek_list found = {0}, told = {0};
	struct search search = {
		.guest = cleaning->guest, .plan = plan, .found = &found, .told = &told};
	vec_each(&cleaning->guest->homes, home)
		home_plan(&search, *home);
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
