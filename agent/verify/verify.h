/* SPDX-License-Identifier: MIT */
/* The second look, set against what was done. */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "model/guest.h"
#include "model/plan.h"
#include "model/writers.h"

/* `left` is the plan of a look after acting. On a running system a trace that
 * was taken away and has been written again since becomes a note; every other
 * step in `left` is something that still has to go. */
void verify_compare(const struct plan *done, struct plan *left, const struct guest *guest);

/* For a look that stands alone on a running system which was cleaned since it booted:
 * traces that are there only because running programs write them become notes. */
void verify_running(struct plan *left, const struct guest *guest,
		    const struct writers *writers);

/* Whether a second round can help: some step met a target that had changed. */
bool verify_wants_again(const struct plan *done, const struct plan *left);

#endif
