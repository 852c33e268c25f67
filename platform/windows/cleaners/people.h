/* SPDX-License-Identifier: MIT */
/* The accounts and profiles of the running system, for the cleaners that judge them. */
#ifndef WINDOWS_CLEANERS_PEOPLE_H
#define WINDOWS_CLEANERS_PEOPLE_H

#include "../system/system.h"
#include "base/vec.h"
#include "plan/cleaner.h"

enum { PEOPLE_FIRST_MADE = 1000 }; /* RIDs below are of accounts that Windows makes */

struct person {
	char *name, *sid;
	struct sys_account account; /* its name is `name` */
};

struct profile {
	char *sid, *folder;
	bool loaded;
};

struct people {
	char *machine, *own; /* SIDs; own may be NULL */
	VEC(struct person) persons;
	VEC(struct profile) profiles;
};

/* Fills it. False: it can not be had, which the plan now tells, or this is a domain
 * controller. */
bool people_read(struct people *people, struct plan *plan);
void people_free(struct people *people);

/* By name without regard to case, by SID; or NULL. */
const struct person *people_named(const struct people *people, const char *name);
const struct person *people_of_sid(const struct people *people, const char *sid);
const struct profile *people_profile(const struct people *people, const char *sid);

/* `account "NAME"WHAT`, allocated. */
char *people_text(const char *name, const char *what);

#endif
