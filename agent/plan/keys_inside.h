/* SPDX-License-Identifier: MIT */
/* What survey_keys.c and survey_texts.c share. */
#ifndef PLAN_KEYS_INSIDE_H
#define PLAN_KEYS_INSIDE_H

#include "plan/survey_keys.h"

/* A place as the plan sees it. */
struct keys_target {
	const char *place;
	struct plat_info info;	/* a value is a file and a key a directory */
	uint64_t values, bytes; /* in it, or itself */
	bool members;		/* the key is not empty */
};

struct keys_target keys_of_value(const char *place, const struct view_value *value,
				 int64_t written);
/* Counts what is below; *ret: 0 or why that could not be done. */
struct keys_target keys_of_key(const char *place, struct view_key *key, int *ret);

/* Findings about what could not be looked at: a hive, a key, the part of hives that stands
 * in their logs. */
void keys_fault(const struct survey_setup *setup, const struct view_hive *hive, int error);
void keys_unopened(const struct survey_setup *setup, const char *place, int error);
void keys_states(const struct survey_setup *setup, const struct view *view);

#endif
