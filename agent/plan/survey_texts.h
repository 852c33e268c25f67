/* SPDX-License-Identifier: MIT */
/* The texts of a guest's registry, handed on to be examined: of every profile all, of the
 * system's hives what is not just lists of components.
 *
 *     survey_texts(&setup, view, examine, context);
 *     ... all findings are there ...
 *     survey_texts_settle(plan, view);    before settle_findings
 *
 * Texts that go by a step are examined as well: their bytes are found in the hive's file,
 * too, and who knows that they are the same tells them once. */
#ifndef PLAN_SURVEY_TEXTS_H
#define PLAN_SURVEY_TEXTS_H

#include "plan/survey_keys.h"

/* A text as WTF-8; each NUL between lines is a line's end. `place` and `text` are the
 * caller's. What is negative ends the walk. */
typedef int survey_text(const char *place, const struct plat_info *info, const char *text,
			size_t len, void *context);

void survey_texts(const struct survey_setup *setup, struct view *view, survey_text *examine,
		  void *context);

/* A secret that a value holds was found in the bytes of its hive as well: only the value is
 * told. */
void survey_texts_settle(struct plan *plan, const struct view *view);

#endif
