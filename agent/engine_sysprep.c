/* SPDX-License-Identifier: MIT */
#include "engine_inside.h"

#include "act/generalize.h"
#include "generalize/generalize.h"

#define POWER_OFF_SECONDS 15 /* in which a caller can still fetch our exit code */

static struct generalize_setup generalizing_of(const struct engine *engine)
{
	return (struct generalize_setup){
		.guest = engine->guest,
		.answer_file = engine->options->answer_file,
		.seconds = engine->options->generalize_limit,
		.power_off = engine->options->power_off,
	};
}

/* Nothing is cleaned for a system that could not be generalized then. */
void engine_prepare_sysprep(struct engine *engine)
{
	struct outcome *outcome = engine->outcome;
	struct generalize_setup setup = generalizing_of(engine);
	if (!engine->options->generalize)
		return;
	outcome->generalized = generalized_new();
	if (!generalize_prepare(&setup, outcome->generalized, &engine->answers) &&
	    !outcome->plan->refusal)
		outcome->plan->refusal = mem_printf("Sysprep could not run: %s",
						    outcome->generalized->why);
}

/* Of a run that failed they are what somebody has to read. */
static void clean_leftovers(struct engine *engine)
{
	const struct policy *policy = &engine->rules->policy;
	struct outcome *outcome = engine->outcome;
	struct generalize_setup setup = generalizing_of(engine);
	if (outcome->generalized->state != GENERALIZED_DONE ||
	    policy->by_class[CLASS_TRACE] != DISPOSE_REMOVE)
		return;
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	generalize_leftovers(&setup, plan);
	(void)engine_act(engine, plan); /* what fails says so in its step */
	plan_take_over(outcome->plan, plan);
	outcome->generalized->power_off &= outcome_code(outcome) == EXIT_CLEAN;
}

/* It can not be taken back: only what is clean so far is generalized. */
void engine_sysprep(struct engine *engine)
{
	struct outcome *outcome = engine->outcome;
	struct generalized *generalized = outcome->generalized;
	struct generalize_setup setup = generalizing_of(engine);
	if (!generalized || stop_asked())
		return;
	enum exit_code so_far = outcome_code(outcome);
	if (so_far != EXIT_CLEAN) {
		generalized->why = mem_printf(
			"what came before it ended with exit code %d%s", (int)so_far,
			so_far == EXIT_FINDINGS
				? ": decide on what stays (allow it in the policy, --treat, "
				  "--fail-on) and run it again"
				: "");
		return;
	}
	engine_stage(engine, "generalizing");
	engine_show_progress(engine);
	generalize_run(&setup, &engine->answers, generalized);
	clean_leftovers(engine);
}

int engine_power_off(void)
{
	return act_power_off(POWER_OFF_SECONDS);
}
