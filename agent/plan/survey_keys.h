/* SPDX-License-Identifier: MIT */
/* The registry of a guest looked at: artefacts become steps or findings. Texts are looked at
 * by survey_texts.h.
 *
 *     survey_keys(&setup, view);
 *
 * The globs of all artefacts go down each hive as one automaton, so that only keys are opened
 * in which something can match. */
#ifndef PLAN_SURVEY_KEYS_H
#define PLAN_SURVEY_KEYS_H

#include "plan/survey.h"
#include "registry/view.h"

/* A guest without registry has nothing to survey. */
void survey_keys(const struct survey_setup *setup, struct view *view);

#endif
