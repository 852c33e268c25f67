/* SPDX-License-Identifier: MIT */
/* What an entry is: the artefact that its path names.
 *
 *     struct classifier *c = classify_new(rules, guest);
 *     classify_volume(c, volume);                     before each walk
 *     artefact = classify_entry(c, path, name, depth, is_dir);
 *     classify_free(c);
 *
 * The globs of all artefacts run as one automaton over path components: a
 * directory carries only the patterns that can still match below it, so a
 * walk costs next to nothing however many artefacts there are. */
#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include "rules/rules.h"

struct classifier;

struct classifier *classify_new(const struct rules *rules, const struct guest *guest);
void classify_free(struct classifier *classifier); /* NULL is fine */

void classify_volume(struct classifier *classifier, const struct volume *volume);

/* To be called for every entry in the order of the walk; depth counts from 1
 * below the volume. The first artefact in pack order that matches and does not
 * keep this path, or NULL. */
const struct artefact *classify_entry(struct classifier *classifier, const char *path,
				      const char *name, unsigned depth, bool is_dir);

/* Whether a glob of an artefact covers a path, in a guest whose names ignore case or not; "~/"
 * stands for `home`, which may be NULL. */
bool classify_glob(bool any_case, const char *glob, const char *path, const char *home);

#endif
