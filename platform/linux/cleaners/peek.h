/* SPDX-License-Identifier: MIT */
/* Small looks at a guest that several cleaners take. */
#ifndef CLEANERS_PEEK_H
#define CLEANERS_PEEK_H

#include "base/vec.h"
#include "model/guest.h"
#include "model/plan.h"

typedef VEC(char *) peek_list;

void peek_list_free(peek_list *list);
void peek_list_add(peek_list *list, const char *text);
bool peek_list_has(const peek_list *list, const char *text);

/* The names in a directory, sorted; 0, or a negative errno value. */
int peek_names(const struct guest *guest, const char *path, peek_list *ret);

/* Appends a file of configuration size (1 MiB at most); true when it could. */
bool peek_text(const struct guest *guest, const char *path, struct buf *ret);

/* Likewise a member of an open directory; a link is not followed. */
bool peek_text_at(struct plat_dir *dir, const char *name, struct buf *ret);

/* The next line without its end, copied to `line`; false behind the last. */
bool peek_line(const char **at, struct buf *line);

/* The value of `key=...` in one line of a unit, blanks in front skipped; NULL
 * when the line sets something else. */
const char *peek_value(const char *line, const char *key);

/* The full paths of what a glob for names matches in a directory, sorted. */
void peek_paths(const struct guest *guest, const char *folder, const char *glob,
		peek_list *ret);

/* Adds a finding of the cleaner at hand, which takes over `text`. */
void peek_say(struct plan *plan, enum severity severity, const char *path, char *text);

/* Makes "/a//b/./c" to "/a/b/c"; false where ".." leads somewhere else. */
bool peek_straighten(char *path);

/* Whether a directory has a member whose name matches a glob. */
bool peek_match(const struct guest *guest, const char *folder, const char *glob);

bool peek_is(const struct guest *guest, const char *path, enum plat_kind kind);

#endif
