/* SPDX-License-Identifier: MIT */
#include "look.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "discover/discover.h"
#include "own_rules.h"
#include "plan/survey.h"
#include "scratch.h"

struct artefact *rule(struct look *look, const char *name, enum action action, const char *glob,
		      const char *keep)
{
	struct artefact *artefact = own_artefact(&look->rules, name, glob);
	artefact->why = mem_strdup("because");
	artefact->action = action;
	artefact->class = CLASS_TRACE;
	artefact->severity = SEVERITY_MEDIUM;
	if (keep)
		*vec_add(&artefact->keep) = mem_strdup(keep);
	return artefact;
}

struct look *look_new(void)
{
	struct look *look = mem_alloc(sizeof *look);
	for (int class = 0; class < CLASS_COUNT; class ++)
		look->rules.policy.by_class[class] = DISPOSE_REMOVE;
	look->rules.policy.by_class[CLASS_SERVICE] = DISPOSE_REDACT;
	look->rules.policy.redact_from = CONFIDENCE_MEDIUM;
	assert_int_equal(discover_guest(scratch_root, GUEST_LINUX, NULL, NULL, &look->guest),
			 0);
	look->guard = guard_new(look->guest, NULL, 0);
	look->plan = plan_new();
	return look;
}

void look_free(struct look *look)
{
	own_rules_clear(&look->rules);
	vec_free(&look->rules.policy.items);
	vec_free(&look->rules.policy.allow);
	buf_free(&look->examined);
	plan_free(look->plan);
	owned_free(look->owned);
	guard_free(look->guard);
	guest_free(look->guest);
	free(look);
}

static void examine(const struct discover_entry *entry, void *context)
{
	struct look *look = context;
	buf_printf(&look->examined, "%s\n", entry->path);
}

void survey(struct look *look)
{
	struct survey_setup setup = {.guest = look->guest,
				     .rules = &look->rules,
				     .guard = look->guard,
				     .selection = &look->selection,
				     .writers = &look->writers,
				     .owned = look->owned,
				     .plan = look->plan,
				     .examine = examine,
				     .context = look};
	struct survey *survey = survey_new(&setup);
	const struct volume *volume = look->guest->volumes.v;
	assert_int_equal(discover_walk(volume, survey_visitor(survey, volume)), 0);
	survey_finish(survey);
	survey_free(survey);
}

bool was_examined(const struct look *look, const char *path)
{
	_cleanup_free_ char *line = mem_printf("%s\n", path);
	return strstr(buf_text(&look->examined), line) != NULL;
}
