/* SPDX-License-Identifier: MIT */
/* From the walk to a plan: artefacts become steps or findings at once, files
 * that stay are handed on to be examined.
 *
 *     struct survey *survey = survey_new(&setup);
 *     discover_walk(volume, survey_visitor(survey, volume));   each volume
 *     survey_finish(survey);   drops steps that would do nothing
 *     survey_free(survey); */
#ifndef PLAN_SURVEY_H
#define PLAN_SURVEY_H

#include "classify/owned.h"
#include "discover/discover.h"
#include "model/writers.h"
#include "plan/guard.h"
#include "plan/selection.h"
#include "rules/rules.h"

struct survey;

struct survey_setup {
	const struct guest *guest;
	const struct rules *rules;
	const struct guard *guard;
	const struct selection *selection;
	const struct writers *writers; /* NULL where nothing runs */
	const struct owned *owned;     /* NULL: no package has anything */
	struct plan *plan;	       /* gets steps and findings */
	/* A regular file that no step takes away; may be NULL. */
	void (*examine)(const struct discover_entry *entry, void *context);
	/* Every entry, for progress; may be NULL. */
	void (*seen)(const struct discover_entry *entry, void *context);
	void *context;
};

struct survey *survey_new(const struct survey_setup *setup);
const struct discover_visitor *survey_visitor(struct survey *survey,
					      const struct volume *volume);
void survey_finish(struct survey *survey);
void survey_free(struct survey *survey); /* NULL is fine */

#endif
