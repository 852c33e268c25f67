/* SPDX-License-Identifier: MIT */
/* The ways in to a clone of the guest: who could log in to it, and how. */
#ifndef CLEANERS_WAYS_H
#define CLEANERS_WAYS_H

#include "model/plan.h"
#include "peek.h"

struct ways {
	peek_list list; /* a few words for each, printable */
};

/* As the plan leaves the guest; NULL: as it is now. `units` are those that a boot
 * starts (units.h). */
void ways_find(const struct guest *guest, const struct plan *plan, const peek_list *units,
	       struct ways *ret);
void ways_free(struct ways *ways);

/* Whether there is anything that somebody could log in at: an account, and an ssh
 * server or a console. */
bool ways_expected(const struct guest *guest);

#endif
