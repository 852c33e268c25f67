/* SPDX-License-Identifier: MIT */
/* What survey_keys.c and survey_texts.c share. */
#ifndef PLAN_KEYS_INSIDE_H
#define PLAN_KEYS_INSIDE_H

#include "plan/found.h"
#include "plan/survey_keys.h"

/* To the plan a value is a file and a key a directory; `place` is not copied. */
struct found keys_value(const char *place, const struct view_value *value, int64_t written);
/* With all that is below. 0: it is empty, 1: it is not; negative: could not be counted to
 * its end. */
int keys_key(const char *place, struct view_key *key, struct found *ret);

/* Findings about what could not be looked at: a hive, a key, the part of hives that stands
 * in their logs. */
void keys_fault(const struct survey_setup *setup, const struct view_hive *hive, int error);
void keys_unopened(const struct survey_setup *setup, const char *place, int error);
void keys_states(const struct survey_setup *setup, const struct view *view);

#endif
