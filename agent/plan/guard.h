/* SPDX-License-Identifier: MIT */
/* What must never be touched, whoever asks: the last word on every step, when
 * it is planned and again when it is done. */
#ifndef PLAN_GUARD_H
#define PLAN_GUARD_H

#include "model/guest.h"
#include "model/plan.h"
#include "rules/rules.h"

struct guard;

/* own_files: paths on this machine that are ours (report, plan), NULL entries
 * are passed over. The guest has to outlive the guard. */
struct guard *guard_new(const struct guest *guest, const char *const *own_files, size_t count);
/* Accounts that are to go: a home that is only theirs may go with them. The names
 * have to outlive the guard. */
void guard_let_go(struct guard *guard, const strings *accounts);
void guard_free(struct guard *guard); /* NULL is fine */

/* Whether the target is the program, its caller's script or one of own_files. */
bool guard_owns(const struct guard *guard, const struct plat_info *target);

/* Why an action on this target is refused, or NULL. */
const char *guard_refuses(const struct guard *guard, enum action action, const char *path,
			  const struct plat_info *target);

#endif
