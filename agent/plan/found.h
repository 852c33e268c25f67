/* SPDX-License-Identifier: MIT */
/* What a survey has found an artefact at, and what becomes of it: a step, or a finding that
 * says why it stays. The same for files and for places in the registry. */
#ifndef PLAN_FOUND_H
#define PLAN_FOUND_H

#include "plan/survey.h"

struct found {
	const char *path;
	struct plat_info info;
	uint64_t files, bytes; /* in it, or itself; of a key its values */
};

/* POSTURE or NOTE; `text` is copied. Valid until the plan's next finding. */
struct finding *found_tell(const struct survey_setup *setup, const struct artefact *artefact,
			   const struct found *found, enum finding_kind kind, const char *text);

/* Likewise for what neither a report nor the policy lets go. */
struct finding *found_stays(const struct survey_setup *setup, const struct artefact *artefact,
			    const struct found *found);

/* NULL: the guard refuses it, and a note says so. Valid until the plan's next step. */
struct step *found_goes(const struct survey_setup *setup, const struct artefact *artefact,
			enum action action, const struct found *found);

#endif
