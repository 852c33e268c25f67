/* SPDX-License-Identifier: MIT */
/* Rows of a plan that read as one: a hundred files below /var/log are one line. */
#ifndef REPORT_GROUP_H
#define REPORT_GROUP_H

#include "base/vec.h"
#include "model/plan.h"

struct group {
	const char *name;
	enum severity severity;
	uint64_t files, bytes;
	VEC(const struct step *) steps;	      /* either these */
	VEC(const struct finding *) findings; /* or these */
};

typedef VEC(struct group) group_list;

typedef bool group_step_filter(const struct step *step);
typedef bool group_finding_filter(const struct finding *finding);

/* Appends the groups of the rows that a filter takes, worst first. */
void group_steps(const struct plan *plan, group_step_filter *filter, group_list *ret);
void group_findings(const struct plan *plan, group_finding_filter *filter, group_list *ret);
/* How many different secrets are behind a group; *ret_places: where they are. */
size_t group_secrets(const struct group *group, size_t *ret_places);
void group_free(group_list *groups);

#endif
