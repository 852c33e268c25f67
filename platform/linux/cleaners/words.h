/* SPDX-License-Identifier: MIT */
/* Words of start files, expanded as their shell would, as far as that gives the
 * same at every start.
 *
 *     struct scope scope = {.home = "/home/a", .user = "a"};
 *     const char *at = "\"${XDG_STATE_HOME:-$HOME/.local/state}/h\" rest";
 *     words_read(&scope, &at, &word);        "/home/a/.local/state/h"
 *     scope_free(&scope);
 *
 * What differs from start to start (commands, process ids, unknown variables)
 * becomes WORDS_UNKNOWN, one byte. */
#ifndef CLEANERS_WORDS_H
#define CLEANERS_WORDS_H

#include "base/buf.h"
#include "base/vec.h"

#define WORDS_UNKNOWN '\001'

struct variable {
	char *name, *value;
};

/* Whose start files are read, and what they have set so far. */
struct scope {
	const char *home;
	const char *user; /* or NULL: not known */
	VEC(struct variable) variables;
};

void scope_set(struct scope *scope, const char *name, const char *value);
/* What start files have set, or what every login sets; NULL: neither. */
const char *scope_get(const struct scope *scope, const char *name);
void scope_free(struct scope *scope);

/* Appends the word at *at and moves *at behind it. */
void words_read(const struct scope *scope, const char **at, struct buf *ret);

#endif
