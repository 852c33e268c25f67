/* SPDX-License-Identifier: MIT */
#include "model/outcome.h"

/* Findings and steps of a plan at or above the severity that counts. */
static void weigh(const struct plan *plan, enum severity from, bool *remains,
		  bool *undetermined)
{
	vec_each(&plan->findings, finding) {
		if (finding->kind == FINDING_NOTE || finding->severity < from)
			continue;
		if (finding->kind == FINDING_UNEXAMINED)
			*undetermined = true;
		else
			*remains = true;
	}
	vec_each(&plan->steps, step)
		if (step->severity >= from && step->state != STEP_DONE)
			*remains = true;
}

enum exit_code outcome_code(const struct outcome *outcome)
{
	const struct plan *last = outcome->left ? outcome->left : outcome->plan;
	bool remains = false, failed = false,
	     undetermined = outcome->stopped != STOP_NOT || outcome->refused;
	if (outcome->fatal)
		return EXIT_FATAL;
	if (last)
		weigh(last, outcome->fail_on, &remains, &undetermined);
	if (outcome->mode == ENGINE_CLEAN && outcome->plan)
		failed = plan_has_failed(outcome->plan);
	if (outcome->generalized)
		failed |= outcome->generalized->state == GENERALIZED_FAILED;
	return failed	      ? EXIT_STEPS_FAILED
	       : undetermined ? EXIT_UNDETERMINED
	       : remains      ? EXIT_FINDINGS
			      : EXIT_CLEAN;
}

void outcome_free(struct outcome *outcome)
{
	plan_free(outcome->plan);
	plan_free(outcome->left);
	guest_free(outcome->guest);
	generalized_free(outcome->generalized);
	free(outcome->fatal);
	*outcome = (struct outcome){0};
}
