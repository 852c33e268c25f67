/* SPDX-License-Identifier: MIT */
/* What the files of the engine share: engine.c has the stages in order, engine_look.c the
 * look from the walk to a plan, engine_sysprep.c Sysprep as the last step. */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "engine.h"
#include "plan/cleaner.h"
#include "plan/guard.h"

struct engine {
	const struct engine_options *options;
	const struct rules *rules;
	struct detect *detect;
	struct outcome *outcome;
	struct guest *guest;
	struct guard *guard;
	struct plan *into;	   /* the plan that the look at hand fills */
	const struct owned *owned; /* what packages brought, as of this look */
	struct buf answers;	   /* that generalizing is given */
	struct engine_progress progress;
};

void engine_stage(struct engine *engine, const char *name);
void engine_show_progress(struct engine *engine);
/* Gives the error back. What was said first says it best. */
int engine_fatal(struct engine *engine, const char *what, int error);

struct cleaning engine_cleaning(const struct engine *engine);
int engine_start_workers(struct engine *engine);

/* Discover, classify, detect, plan: changes nothing. */
int engine_look(struct engine *engine, struct plan **ret);
/* A note in the plan, and its refusal, when the guest's volume may not be changed: looking
 * does no harm to that. */
void engine_note_unfit(const struct guest *guest, struct plan *plan);

/* Does what is planned; each step says what became of it. Negative: nothing could be done. */
int engine_act(struct engine *engine, struct plan *plan);

/* Before anything is changed: refuses the plan when Sysprep could not run behind it. */
void engine_prepare_sysprep(struct engine *engine);
/* Behind everything else. Both do nothing when it was not asked for. */
void engine_sysprep(struct engine *engine);

#endif
