/* SPDX-License-Identifier: MIT */
/* Where the blobs of a git repository stand that matter, and which rules ask for files
 * at such a path. */
#ifndef DETECT_HISTORY_PLACES_H
#define DETECT_HISTORY_PLACES_H

#include "detect/match.h"
#include "git/git.h"

/* Of a blob that something was found in, or whose path a rule asks for. */
struct place {
	struct git_id blob, commit; /* blob first: they are sorted by it */
	int64_t date;
	char *path; /* NULL: not come to yet */
	bool asked; /* by a rule for certain paths */
	bool done;  /* and examined by it */
};

struct places {
	VEC(struct place) all;
	size_t sorted; /* so many from the front are, each blob once */
};

/* One place for each blob comes to the front: with a path that a rule asks for, in the
 * newest commit. */
void places_sort(struct places *places);
/* Among those that are sorted, or NULL. */
struct place *places_find(const struct places *places, const struct git_id *blob);
void places_free(struct places *places);

/* The rules for certain paths that want this one, in the repository or, below `base`,
 * in the guest; false: none. */
bool places_rules(const struct patterns *patterns, const char *base, const char *path,
		  uint8_t ret[MASK_SIZE]);

#endif
