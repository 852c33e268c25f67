/* SPDX-License-Identifier: MIT */
/* Patterns for places in the registry (model/realm.h). Between backslashes a component is as
 * in base/glob.h, but that nothing quotes: `*`, `?`, `[a-z]`, and `**` for any number of keys.
 * Behind two backslashes stands a pattern for the name of a value. Case never counts.
 *
 *     HKU\*\Software\Vendor\Sessions\*           keys
 *     HKLM\SOFTWARE\Vendor\\*Password            values
 *     HKLM\SYSTEM\CurrentControlSet\...          of every set there is
 *
 * The set that is current is a link to one of several, and old ones travel with the image as
 * well: that name stands for all of them. */
#ifndef MODEL_KEYGLOB_H
#define MODEL_KEYGLOB_H

#include <stdbool.h>

#include "base/vec.h"

struct keyglob {
	VEC(char *) parts; /* of the key, in capitals */
	char *value;	   /* in capitals; NULL: it names keys */
};

struct keyglob keyglob_make(const char *glob);
void keyglob_clear(struct keyglob *glob);

/* One component, and one value's name; both folded (base/fold.h). */
bool keyglob_part(const char *part, const char *name);
bool keyglob_any_depth(const char *part); /* it is ** */

/* NULL, or what is wrong with the pattern. */
const char *keyglob_fault(const char *glob);
/* Whether a pattern fits a place as a whole. */
bool keyglob_fits(const char *glob, const char *place);
/* Likewise, or a key above the place. */
bool keyglob_covers(const char *glob, const char *place);
/* Whether it fits something that may lie below the key, or the key itself. */
bool keyglob_reaches(const char *glob, const char *key);

#endif
