/* SPDX-License-Identifier: MIT */
/* The guest as it will be once a plan is done; with NULL for the plan, as it is. */
#ifndef CLEANERS_AFTER_H
#define CLEANERS_AFTER_H

#include "model/guest.h"
#include "model/plan.h"

bool after_has(const struct guest *guest, const struct plan *plan, const char *path);

/* As guest_read; what is overwritten in part is read as it is now. */
int after_read(const struct guest *guest, const struct plan *plan, const char *path,
	       size_t most, struct buf *ret);

/* Likewise for files of configuration size (1 MiB at most); true when it could. */
bool after_text(const struct guest *guest, const struct plan *plan, const char *path,
		struct buf *ret);

#endif
