/* SPDX-License-Identifier: MIT */
/* What an account has outside the account files and its home. */
#ifndef CLEANERS_REMOVAL_H
#define CLEANERS_REMOVAL_H

#include "plan/cleaner.h"

struct removal {
	const struct guest *guest;
	VEC(const struct account *) accounts;
	strings groups; /* that go with them */
};

void removal_free(struct removal *removal);

/* Only on a running machine. */
bool removal_is_running(const struct guest *guest, uint32_t uid);

/* A unit that every boot starts as this account, allocated, or NULL. */
char *removal_unit_of(const struct guest *guest, const char *name);

bool removal_uid_is_shared(const struct removal *removal, const struct account *account);
bool removal_has_step(const struct plan *plan, const char *path);

/* Mail, jobs, linger and the like. */
void removal_plan_places(struct plan *plan, const struct removal *removal,
			 const struct account *account);

/* Its lines in the sudoers files. */
void removal_plan_sudo(struct plan *plan, const struct removal *removal,
		       const struct account *account);

#endif
