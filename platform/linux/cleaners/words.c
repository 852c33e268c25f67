/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

/* A hostile file may double a variable on each line, or nest without end. */
enum { MOST_VARIABLES = 64, MOST_VALUE = 4096, MOST_DEPTH = 8 };

void scope_set(struct scope *scope, const char *name, const char *value)
{
	vec_each(&scope->variables, have) {
		if (strcmp(have->name, name) == 0) {
			free(have->value);
			have->value = mem_strdup(value);
			return;
		}
	}
	if (scope->variables.n < MOST_VARIABLES)
		*vec_add(&scope->variables) = (struct variable){mem_strdup(name),
								mem_strdup(value)};
}

const char *scope_get(const struct scope *scope, const char *name)
{
	static const char *const users[] = {"USER", "LOGNAME", "USERNAME", "user"};
	vec_each(&scope->variables, have)
		if (strcmp(have->name, name) == 0)
			return have->value;
	if (strcmp(name, "HOME") == 0 || strcmp(name, "home") == 0)
		return scope->home;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		if (strcmp(name, users[i]) == 0)
			return scope->user;
	return NULL;
}

void scope_free(struct scope *scope)
{
	vec_each(&scope->variables, have) {
		free(have->name);
		free(have->value);
	}
	vec_free(&scope->variables);
}

static void unknown(struct buf *out)
{
	buf_add(out, &(char){WORDS_UNKNOWN}, 1);
}

/* Where they lead when nothing has set them, or what sets them was not read. */
static void guess(const struct scope *scope, const char *name, struct buf *out)
{
	static const char *const places[][2] = {{"ZDOTDIR", ""},
						{"XDG_STATE_HOME", "/.local/state"},
						{"XDG_DATA_HOME", "/.local/share"},
						{"XDG_CACHE_HOME", "/.cache"},
						{"XDG_CONFIG_HOME", "/.config"}};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (strcmp(name, places[i][0]) == 0) {
			buf_puts(out, scope->home);
			buf_puts(out, places[i][1]);
			return;
		}
	}
	unknown(out);
}

static void word(const struct scope *scope, const char **at, char stop, unsigned depth,
		 struct buf *out);

/* Behind the bracket that closes the one before *at. */
static void skip_pair(const char **at, char open, char close)
{
	for (size_t deep = 1; **at && deep; (*at)++)
		deep += (size_t)(**at == open) - (size_t)(**at == close);
}

static char *name_at(const char **at)
{
	const char *begin = *at;
	while (isalnum((unsigned char)**at) || **at == '_')
		(*at)++;
	return mem_strndup(begin, (size_t)(*at - begin));
}

static void put_variable(const struct scope *scope, const char *name, struct buf *out)
{
	const char *value = scope_get(scope, name);
	if (value)
		buf_puts(out, value);
	else
		guess(scope, name, out);
}

/* Behind "${": NAME}, NAME:-WORD}, NAME-WORD} and the same with =. */
static void braces(const struct scope *scope, const char **at, unsigned depth, struct buf *out)
{
	_cleanup_free_ char *name = name_at(at);
	const char *op = *at + (**at == ':');
	if (**at == '}') {
		(*at)++;
		put_variable(scope, name, out);
		return;
	}
	if (!*name || (*op != '-' && *op != '=') || depth >= MOST_DEPTH) {
		skip_pair(at, '{', '}');
		unknown(out);
		return;
	}
	_cleanup_(buf_free) struct buf other = {0};
	const char *value = scope_get(scope, name);
	*at = op + 1;
	word(scope, at, '}', depth + 1, &other);
	*at += **at == '}';
	buf_puts(out, value && *value ? value : buf_text(&other));
}

/* Behind "$". */
static void dollar(const struct scope *scope, const char **at, unsigned depth, struct buf *out)
{
	if (**at == '{') {
		(*at)++;
		braces(scope, at, depth, out);
	} else if (**at == '(') {
		(*at)++;
		skip_pair(at, '(', ')');
		unknown(out);
	} else if (isalpha((unsigned char)**at) || **at == '_') {
		_cleanup_free_ char *name = name_at(at);
		put_variable(scope, name, out);
	} else if (**at && strchr("$!?#*@-'0123456789", **at)) {
		(*at)++;
		unknown(out);
	} else {
		buf_puts(out, "$");
	}
}

/* "~" and "~user", which may be a directory of anybody. */
static void tilde(const struct scope *scope, const char **at, struct buf *out)
{
	(*at)++;
	size_t len = strcspn(*at, "/ \t;&|)<>\"'}");
	bool own = !len || (scope->user && strlen(scope->user) == len &&
			    strncmp(*at, scope->user, len) == 0);
	*at += len;
	if (own)
		buf_puts(out, scope->home);
	else
		unknown(out);
}

static void quoted(const char **at, struct buf *out)
{
	size_t len = strcspn(++*at, "'");
	buf_add(out, *at, len);
	*at += len + ((*at)[len] == '\'');
}

/* One character or what begins there. */
static void piece(const struct scope *scope, const char **at, bool in_double, unsigned depth,
		  struct buf *out)
{
	char c = **at;
	if (c == '\'' && !in_double) {
		quoted(at, out);
	} else if (c == '\\' && (*at)[1]) {
		buf_add(out, *at + 1, 1);
		*at += 2;
	} else if (c == '`') {
		*at += 1 + strcspn(*at + 1, "`");
		*at += **at == '`';
		unknown(out);
	} else if (c == '(' && !in_double) {
		(*at)++;
		skip_pair(at, '(', ')');
		unknown(out);
	} else if (c == '$') {
		(*at)++;
		dollar(scope, at, depth, out);
	} else {
		buf_add(out, *at, 1);
		(*at)++;
	}
}

static void word(const struct scope *scope, const char **at, char stop, unsigned depth,
		 struct buf *out)
{
	bool in_double = false;
	size_t begin = out->len;
	if (**at == '~')
		tilde(scope, at, out);
	while (**at && (in_double || (**at != stop && !strchr(" \t;&|)<>", **at)))) {
		if (out->len > MOST_VALUE) { /* no path is so long */
			buf_cut(out, begin);
			unknown(out);
			*at += strlen(*at);
			return;
		}
		if (**at == '"') {
			in_double = !in_double;
			(*at)++;
			continue;
		}
		piece(scope, at, in_double, depth, out);
	}
}

void words_read(const struct scope *scope, const char **at, struct buf *ret)
{
	word(scope, at, 0, 0, ret);
}
