/* SPDX-License-Identifier: MIT */
/* The only hands. Does the steps of a plan in their order, each against an open
 * directory and only when its target is still what the plan saw.
 *
 * Every step can be cut off at any system call and done again: a name is gone or
 * not, a range is overwritten by one write, new content appears by rename. */
#ifndef ACT_ACT_H
#define ACT_ACT_H

#include "model/guest.h"
#include "model/plan.h"

struct act_setup {
	const struct guest *guest;
	/* Asked for every step and for every member of a tree; a reason refuses. */
	const char *(*refuses)(const void *context, enum action action, const char *path,
			       const struct plat_info *target);
	const void *context;
	/* After each step; may be NULL. */
	void (*done)(const struct step *step, void *progress_context);
	void *progress_context;
};

/* Sets state and error of every step it came to. Ends between two steps when the
 * run is asked to stop. A negative errno value when the guest can not be opened
 * for changes at all. */
int act_run(const struct act_setup *setup, struct plan *plan);

#endif
