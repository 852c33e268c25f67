/* SPDX-License-Identifier: MIT */
#include "model/outcome.h"

void outcome_free(struct outcome *outcome)
{
	plan_free(outcome->plan);
	plan_free(outcome->left);
	guest_free(outcome->guest);
	generalized_free(outcome->generalized);
	free(outcome->fatal);
	*outcome = (struct outcome){0};
}
