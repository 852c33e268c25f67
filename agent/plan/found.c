/* SPDX-License-Identifier: MIT */
#include "plan/found.h"

struct finding *found_tell(const struct survey_setup *setup, const struct artefact *artefact,
			   const struct found *found, enum finding_kind kind, const char *text)
{
	struct finding *finding = plan_add_finding(setup->plan, kind, artefact->name,
						   found->path);
	finding->class = artefact->class;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : artefact->severity;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_strdup(text);
	finding->target = found->info;
	finding->files = found->files;
	finding->bytes = found->bytes;
	return finding;
}

struct finding *found_stays(const struct survey_setup *setup, const struct artefact *artefact,
			    const struct found *found)
{
	return found_tell(setup, artefact, found, FINDING_POSTURE,
			  artefact->report ? artefact->why
					   : "kept by the policy; the clone will carry it");
}

struct step *found_goes(const struct survey_setup *setup, const struct artefact *artefact,
			enum action action, const struct found *found)
{
	const char *refusal = guard_refuses(setup->guard, action, found->path, &found->info);
	if (refusal) {
		_cleanup_free_ char *text = mem_printf("stays: %s", refusal);
		found_tell(setup, artefact, found, FINDING_NOTE, text);
		return NULL;
	}
	struct step *step = plan_add_step(setup->plan, action, found->path);
	step->target = found->info;
	step->name = artefact->name;
	step->why = mem_strdup(artefact->why);
	step->class = artefact->class;
	step->severity = artefact->severity;
	step->provision = artefact->class == CLASS_SERVICE;
	step->last = artefact->last;
	step->files = found->files;
	step->bytes = found->bytes;
	return step;
}
