/* SPDX-License-Identifier: MIT */
#include "engine_inside.h"

#include <errno.h>

#include "act/act.h"
#include "base/clock.h"
#include "base/error.h"
#include "discover/discover.h"
#include "plan/apply_cleaners.h"
#include "plan/planfile.h"
#include "verify/verify.h"

#define MOST_PLAN_BYTES (256u << 20)

void engine_show_progress(struct engine *engine)
{
	if (engine->options->progress)
		engine->options->progress(&engine->progress, engine->options->context);
}

void engine_stage(struct engine *engine, const char *name)
{
	engine->progress = (struct engine_progress){
		.stage = name, .expected_bytes = engine->progress.expected_bytes};
}

int engine_fatal(struct engine *engine, const char *what, int error)
{
	if (!engine->outcome->fatal)
		engine->outcome->fatal = mem_printf("%s: %s", what, error_text(error));
	return error;
}

/* ---- acting ---- */

static const char *refuses(const void *context, enum action action, const char *path,
			   const struct plat_info *target)
{
	return guard_refuses(context, action, path, target);
}

static void step_done(const struct step *step, void *context)
{
	struct engine *engine = context;
	engine->progress.files += step->files;
	engine->progress.bytes += step->bytes;
	engine_show_progress(engine);
}

int engine_act(struct engine *engine, struct plan *plan)
{
	struct act_setup setup = {
		.guest = engine->guest,
		.refuses = refuses,
		.context = engine->guard,
		.done = step_done,
		.progress_context = engine,
	};
	engine_stage(engine, "cleaning");
	enum stage before = stage_enter(STAGE_ACT);
	int r = act_run(&setup, plan);
	stage_enter(before);
	return r;
}

/* Looks again; what changed under our hands is planned and done once more, but
 * never beside a plan that somebody has reviewed. */
static int verify(struct engine *engine)
{
	struct outcome *outcome = engine->outcome;
	for (int round = 0;; round++) {
		engine_stage(engine, "verifying");
		int r = engine_look(engine, &outcome->left);
		if (r < 0 || stop_asked())
			return r;
		verify_compare(outcome->plan, outcome->left, engine->guest);
		if (round || engine->options->plan_file || outcome->left->refusal ||
		    !verify_wants_again(outcome->plan, outcome->left))
			return 0;
		r = engine_act(engine, outcome->left);
		plan_take_over(outcome->plan, outcome->left);
		if (r < 0 || stop_asked())
			return r;
		plan_free(outcome->left);
		outcome->left = NULL;
	}
}

/* ---- the plan as a file ---- */

static int read_plan(struct engine *engine)
{
	struct buf text = {0}, fault = {0};
	int r = plat_trusted_read(engine->options->plan_file, MOST_PLAN_BYTES, &text);
	if (r == -EPERM) {
		engine->outcome->fatal = mem_strdup(
			"the plan file or its directory can be written by others");
	} else if (r < 0) {
		engine_fatal(engine, "the plan file can not be read", r);
	} else {
		engine->outcome->plan = plan_new();
		r = planfile_read(&text, engine->rules, cleaners, engine->outcome->plan,
				  &fault);
		struct cleaning cleaning = engine_cleaning(engine);
		if (r < 0)
			engine->outcome->fatal = mem_printf("plan file: %s", buf_text(&fault));
		else
			cleaners_check(cleaners, &cleaning, engine->outcome->plan);
		engine_note_unfit(engine->guest, engine->outcome->plan);
	}
	buf_free(&text);
	buf_free(&fault);
	return r;
}

static int write_plan(struct engine *engine)
{
	struct buf text = {0};
	planfile_write(engine->outcome->plan, engine->guest, &text);
	int r = plat_out_write(engine->options->plan_file, text.data, text.len);
	buf_free(&text);
	return r < 0 ? engine_fatal(engine, "the plan file can not be written", r) : 0;
}

/* ---- the commands ---- */

static int first_look(struct engine *engine)
{
	engine_stage(engine, engine->options->mode == ENGINE_VERIFY ? "verifying" : "scanning");
	int r = engine_look(engine, &engine->outcome->plan);
	engine->outcome->files = engine->progress.files;
	engine->outcome->bytes = engine->progress.bytes;
	return r < 0 ? engine_fatal(engine, "the guest could not be examined", r) : 0;
}

/* Does a plan that is neither refused nor declined. */
static int go_through(struct engine *engine)
{
	const struct engine_options *options = engine->options;
	struct outcome *outcome = engine->outcome;
	engine_prepare_sysprep(engine);
	outcome->refused = outcome->plan->refusal != NULL;
	outcome->declined = !outcome->refused && options->confirm &&
			    !options->confirm(outcome->plan, engine->guest, options->context);
	if (outcome->refused || outcome->declined || stop_asked())
		return 0;
	int r = engine_act(engine, outcome->plan);
	if (r < 0)
		return engine_fatal(engine, "the guest can not be changed", r);
	r = stop_asked() ? 0 : verify(engine);
	/* What a verify finds written again it passes over then. */
	if (!r && !stop_asked() && engine->guest->live && !plan_has_failed(outcome->plan))
		plat_cleaned_mark(engine->guest->volumes.v[0].dir);
	if (!r)
		engine_sysprep(engine);
	return r < 0 ? engine_fatal(engine, "the second look failed", r) : 0;
}

static int clean(struct engine *engine)
{
	const struct engine_options *options = engine->options;
	struct outcome *outcome = engine->outcome;
	struct plat_lock *lock;
	int r = plat_lock_take(engine->guest->volumes.v[0].dir, &lock);
	if (r == -EBUSY)
		outcome->fatal = mem_strdup("another imgsan is cleaning this guest");
	if (r < 0)
		return r == -EBUSY ? r : engine_fatal(engine, "the lock could not be taken", r);
	/* Nothing is done for which there is no second look. */
	r = engine_start_workers(engine);
	if (!r)
		r = options->plan_file ? read_plan(engine) : first_look(engine);
	if (!r && !stop_asked())
		r = go_through(engine);
	plat_lock_drop(lock);
	return r;
}

static int command(struct engine *engine)
{
	if (engine->options->mode == ENGINE_CLEAN)
		return clean(engine);
	int r = first_look(engine);
	/* Half a plan would be taken for a whole one. */
	if (!r && engine->options->mode == ENGINE_SCAN && engine->options->plan_file &&
	    !stop_asked())
		r = write_plan(engine);
	return r;
}

static int open_guest(struct engine *engine)
{
	const struct engine_options *options = engine->options;
	const char *own[] = {options->report_file, options->plan_file};
	int r = discover_guest(options->root, options->os, options->include_mounts, NULL,
			       &engine->guest);
	if (r < 0)
		engine_fatal(engine, options->root, r);
	if (r < 0)
		return r;
	engine->outcome->guest = engine->guest;
	engine->guard = guard_new(engine->guest, own, sizeof own / sizeof *own);
	guard_let_go(engine->guard, &engine->rules->policy.remove_accounts);
	if (engine->guest->live)
		vec_each(&engine->guest->volumes, volume)
			engine->progress.expected_bytes += plat_used_bytes(volume->dir);
	return 0;
}

enum exit_code engine_run(const struct engine_options *options, const struct rules *rules,
			  struct detect *detect, struct outcome *ret)
{
	uint64_t start = clock_ms();
	*ret = (struct outcome){.mode = options->mode, .fail_on = options->fail_on};
	struct engine engine = {
		.options = options, .rules = rules, .detect = detect, .outcome = ret};
	clock_stamp(ret->started);
	(void)detect_begin(detect); /* detect_start tells what goes wrong */
	if (!open_guest(&engine))
		(void)command(&engine);
	detect_get_stats(detect, &ret->stats);
	guard_free(engine.guard);
	buf_free(&engine.answers);
	ret->stopped = stop_asked();
	ret->elapsed_ms = clock_ms() - start;
	clock_stamp(ret->finished);
	ret->code = outcome_code(ret);
	return ret->code;
}
