/* SPDX-License-Identifier: MIT */
/* A stateful cleaner: what a glob can not decide. A pure function from a guest
 * to steps and findings; it reads and never changes. One file each in
 * platform/<os>/cleaners/, one line in the list there. */
#ifndef PLAN_CLEANER_H
#define PLAN_CLEANER_H

#include "model/guest.h"
#include "model/plan.h"
#include "rules/rules.h"

/* What a cleaner works on and what the user asked for. */
struct cleaning {
	const struct guest *guest;
	const struct policy *policy;
	/* What the cleaners before it planned; NULL: nothing. A REPLACE that builds
	 * on the content of one of these takes its place. */
	const struct plan *plan;
	bool firstboot_unit; /* --install-firstboot-unit */
	bool allow_lockout;  /* --allow-lockout */
};

struct cleaner {
	const char *name, *title, *why;
	const char *advice; /* what to do by hand afterwards, or NULL */
	enum class class;
	enum severity severity;
	enum guest_os os;
	const char *const *held_by; /* as in struct artefact; ends with NULL, may be NULL */
	const char *reopen;
	unsigned last;	   /* as in struct step */
	const char *final; /* a place that is acted on behind all others, or NULL */
	/* Adds steps and findings; name, class and severity of each are filled in
	 * by the caller when left empty. 0, or a negative errno value when
	 * the guest could not be examined (becomes FINDING_UNEXAMINED). */
	int (*plan)(const struct cleaning *cleaning, struct plan *plan);
	/* Judges a whole plan, whatever was selected: may add findings, and a refusal
	 * so that it is not done at all. May be NULL, as may `plan`. */
	void (*check)(const struct cleaning *cleaning, struct plan *whole);
};

/* All of this platform, ends with NULL (platform/<os>/cleaners/cleaners.c). */
extern const struct cleaner *const cleaners[];

const struct cleaner *cleaner_find(const char *name); /* or NULL */

/* The `last` of its step at a place. */
unsigned cleaner_last(const struct cleaner *cleaner, const char *path);

/* NULL, or what is wrong with the list: a double name, an empty text. */
const char *cleaners_fault(void);

/* For cleaners: a step against a path as the guest has it now (links resolved
 * inside the root); 0 with *ret set, or a negative errno value (-ENOENT: there
 * is nothing to do). */
int cleaner_step(const struct guest *guest, struct plan *plan, enum action action,
		 const char *path, const char *why, struct step **ret);

/* A step at a place that is no file (model/realm.h). */
struct step *cleaner_step_at(struct plan *plan, enum action action, const char *place,
			     const char *why);

/* A file that the running system holds open, and that a step of this cleaner sees to by a
 * call of the system: no step is for the file itself. */
void cleaner_claim(struct plan *plan, const char *path);

#endif
