/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <errno.h>
#include <string.h>

#include "act/act.h"
#include "act/generalize.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "classify/owned.h"
#include "discover/discover.h"
#include "generalize/generalize.h"
#include "plan/apply_cleaners.h"
#include "plan/aside.h"
#include "plan/planfile.h"
#include "plan/settle.h"
#include "plan/survey.h"
#include "plan/survey_texts.h"
#include "verify/verify.h"

#define MOST_PLAN_BYTES (256u << 20)
#define POWER_OFF_SECONDS 15 /* in which a caller can still fetch our exit code */

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

static void show_progress(struct engine *engine)
{
	if (engine->options->progress)
		engine->options->progress(&engine->progress, engine->options->context);
}

static void stage(struct engine *engine, const char *name)
{
	engine->progress = (struct engine_progress){
		.stage = name, .expected_bytes = engine->progress.expected_bytes};
}

/* What was said first says it best. */
static int fatal(struct engine *engine, const char *what, int error)
{
	if (!engine->outcome->fatal)
		engine->outcome->fatal = mem_printf("%s: %s", what, error_text(error));
	return error;
}

/* ---- the look: discover, classify, detect, plan ---- */

static void on_finding(const struct finding *finding, void *context)
{
	struct engine *engine = context;
	struct finding *copy = vec_add(&engine->into->findings);
	*copy = *finding;
	copy->path = mem_strdup(finding->path);
	copy->member = finding->member ? mem_strdup(finding->member) : NULL;
	copy->text = finding->text ? mem_strdup(finding->text) : NULL;
	engine->progress.findings++;
}

static const char unread[] = "could not be read";

static void add_unexamined(struct plan *plan, const char *path, const char *what, int error)
{
	struct finding *finding = plan_add_finding(plan, FINDING_UNEXAMINED, "unexamined-file",
						   path);
	finding->class = CLASS_TRACE;
	finding->severity = SEVERITY_MEDIUM;
	finding->text = mem_printf("%s: %s", what, error_text(error));
}

static void examine(const struct discover_entry *entry, void *context)
{
	struct engine *engine = context;
	struct plat_file *file;
	struct sum listed;
	enum stage before = stage_enter(STAGE_OPEN);
	int r = discover_take(entry, &file);
	if (!r)
		plat_file_fetch(file);
	stage_enter(before);
	bool as_built = owned_listed(engine->owned, entry->path, entry->info.mtime, &listed);
	unsigned flags = (as_built ? DETECT_AS_BUILT : 0u) |
			 (engine->guest->any_case ? DETECT_ANY_CASE : 0u);
	if (!r)
		r = detect_file(engine->detect, entry->path, &entry->info, file, &listed,
				flags);
	if (r < 0 && r != -ENOENT && r != -EINTR) /* a run cut off says so as a whole */
		add_unexamined(engine->into, entry->path, unread, r);
}

static void seen(const struct discover_entry *entry, void *context)
{
	struct engine *engine = context;
	engine->progress.files++;
	if (entry->info.kind == PLAT_FILE)
		engine->progress.bytes += entry->info.size < entry->info.allocated
						  ? entry->info.size
						  : entry->info.allocated;
	if (engine->progress.files % 64 == 0)
		show_progress(engine);
}

static void walk_volumes(struct engine *engine, struct survey *survey)
{
	vec_each(&engine->guest->left_out, left)
		if (left->error)
			add_unexamined(engine->into, left->path, left->why, left->error);
	vec_each(&engine->guest->volumes, volume) {
		int r = discover_walk(volume, survey_visitor(survey, volume));
		if (r < 0)
			add_unexamined(engine->into, volume->path, unread, r);
	}
}

/* Looking does no harm to a volume that may not be changed. */
static void note_unfit(const struct guest *guest, struct plan *plan)
{
	if (!guest->unfit)
		return;
	struct finding *finding = plan_add_finding(plan, FINDING_NOTE, "volume-state", "/");
	finding->class = CLASS_TRACE;
	finding->text = mem_printf("clean would refuse to begin: %s", guest->unfit);
	if (!plan->refusal)
		plan->refusal = mem_strdup(guest->unfit);
}

static void note_live_shells(struct engine *engine, struct plan *plan)
{
	unsigned shells = engine->guest->live ? plat_live_shells() : 0;
	if (!shells)
		return;
	struct finding *finding = plan_add_finding(plan, FINDING_NOTE, "live-shells", "");
	finding->class = CLASS_TRACE;
	finding->text = mem_printf(
		"%u interactive shell%s will write a history when %s; log out "
		"before the image is captured",
		shells, shells > 1 ? "s" : "", shells > 1 ? "they end" : "it ends");
}

static int read_packages(enum packages_kind kind, const struct packages_file *files,
			 size_t count, packages_sink *sink, void *sink_context, void *context)
{
	struct engine *engine = context;
	return detect_packages(engine->detect, kind, files, count, sink, sink_context);
}

static struct cleaning cleaning_of(const struct engine *engine)
{
	return (struct cleaning){
		.guest = engine->guest,
		.policy = &engine->rules->policy,
		.firstboot_unit = engine->options->firstboot_unit,
		.allow_lockout = engine->options->allow_lockout,
	};
}

static int start_workers(struct engine *engine)
{
	int r = detect_start(engine->detect, on_finding, engine);
	return r < 0 ? fatal(engine, "the workers could not be started", r) : 0;
}

static int examine_text(const char *place, const struct plat_info *info, const char *text,
			size_t len, void *context)
{
	struct engine *engine = context;
	return detect_text(engine->detect, place, info, text, len);
}

/* NULL: it has none. */
static struct view *look_at_registry(const struct survey_setup *setup)
{
	if (setup->guest->os != GUEST_WINDOWS)
		return NULL;
	struct view *view = view_new(setup->guest);
	survey_keys(setup, view);
	survey_texts(setup, view, examine_text, setup->context);
	return view;
}

static int look(struct engine *engine, struct plan **ret)
{
	struct packages_reader packages = {read_packages, engine};
	_cleanup_(owned_free_ptr) struct owned *owned = owned_new(engine->guest);
	struct plan *plan = engine->into = plan_new();
	engine->owned = owned;
	struct writers writers = {0};
	struct selection selection = {engine->options->only, engine->options->skip};
	struct survey_setup setup = {
		.guest = engine->guest,
		.rules = engine->rules,
		.guard = engine->guard,
		.selection = &selection,
		.writers = &writers,
		.owned = owned,
		.plan = plan,
		.examine = examine,
		.seen = seen,
		.context = engine,
	};
	if (engine->guest->live)
		writers_read(&writers);
	struct survey *survey = survey_new(&setup); /* while the workers get ready */
	owned_read(owned, &packages);
	int r = start_workers(engine);
	if (r < 0) {
		survey_free(survey);
		writers_free(&writers);
		plan_free(plan);
		return r;
	}
	enum stage before = stage_enter(STAGE_WALK);
	walk_volumes(engine, survey);
	stage_enter(STAGE_PLAN);
	survey_finish(survey);
	survey_free(survey);
	struct view *view = look_at_registry(&setup);
	/* The workers have the last files in hand meanwhile. */
	struct cleaning cleaning = cleaning_of(engine);
	cleaners_apply(cleaners, &cleaning, engine->guard, &selection, plan);
	stage_enter(STAGE_WALK);
	r = detect_finish(engine->detect);
	if (!r)
		r = detect_history(engine->detect, engine->guest);
	stage_enter(STAGE_PLAN);
	if (view)
		survey_texts_settle(plan, view);
	view_free(view);
	settle_findings(plan, engine->guest, engine->rules, engine->guard, &selection, owned);
	cleaners_check(cleaners, &cleaning, plan);
	generalize_settle(engine->guest, engine->options->generalize, plan);
	if (engine->options->mode == ENGINE_VERIFY &&
	    plat_cleaned_since_boot(engine->guest->volumes.v[0].dir))
		verify_running(plan, engine->guest, &writers);
	writers_free(&writers);
	note_live_shells(engine, plan);
	note_unfit(engine->guest, plan);
	aside_idle(engine->rules, plan);
	baseline_apply(engine->options->baseline, plan);
	plan_sort(plan);
	*ret = plan;
	stage_enter(before);
	return r == -EINTR ? 0 : r;
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
	show_progress(engine);
}

static int act(struct engine *engine, struct plan *plan)
{
	struct act_setup setup = {
		.guest = engine->guest,
		.refuses = refuses,
		.context = engine->guard,
		.done = step_done,
		.progress_context = engine,
	};
	stage(engine, "cleaning");
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
		stage(engine, "verifying");
		int r = look(engine, &outcome->left);
		if (r < 0 || stop_asked())
			return r;
		verify_compare(outcome->plan, outcome->left, engine->guest);
		if (round || engine->options->plan_file || outcome->left->refusal ||
		    !verify_wants_again(outcome->plan, outcome->left))
			return 0;
		r = act(engine, outcome->left);
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
		fatal(engine, "the plan file can not be read", r);
	} else {
		engine->outcome->plan = plan_new();
		r = planfile_read(&text, engine->rules, cleaners, engine->outcome->plan,
				  &fault);
		struct cleaning cleaning = cleaning_of(engine);
		if (r < 0)
			engine->outcome->fatal = mem_printf("plan file: %s", buf_text(&fault));
		else
			cleaners_check(cleaners, &cleaning, engine->outcome->plan);
		note_unfit(engine->guest, engine->outcome->plan);
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
	return r < 0 ? fatal(engine, "the plan file can not be written", r) : 0;
}

/* ---- generalizing, before and behind everything else ---- */

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
static void prepare_generalizing(struct engine *engine)
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
	(void)act(engine, plan); /* what fails says so in its step */
	plan_take_over(outcome->plan, plan);
	outcome->generalized->power_off &= outcome_code(outcome) == EXIT_CLEAN;
}

/* It can not be taken back: only what is clean so far is generalized. */
static void generalize(struct engine *engine)
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
	stage(engine, "generalizing");
	show_progress(engine);
	generalize_run(&setup, &engine->answers, generalized);
	clean_leftovers(engine);
}

int engine_power_off(void)
{
	return act_power_off(POWER_OFF_SECONDS);
}

/* ---- the commands ---- */

static int first_look(struct engine *engine)
{
	stage(engine, engine->options->mode == ENGINE_VERIFY ? "verifying" : "scanning");
	int r = look(engine, &engine->outcome->plan);
	engine->outcome->files = engine->progress.files;
	engine->outcome->bytes = engine->progress.bytes;
	return r < 0 ? fatal(engine, "the guest could not be examined", r) : 0;
}

/* Does a plan that is neither refused nor declined. */
static int go_through(struct engine *engine)
{
	const struct engine_options *options = engine->options;
	struct outcome *outcome = engine->outcome;
	prepare_generalizing(engine);
	outcome->refused = outcome->plan->refusal != NULL;
	outcome->declined = !outcome->refused && options->confirm &&
			    !options->confirm(outcome->plan, engine->guest, options->context);
	if (outcome->refused || outcome->declined || stop_asked())
		return 0;
	int r = act(engine, outcome->plan);
	if (r < 0)
		return fatal(engine, "the guest can not be changed", r);
	r = stop_asked() ? 0 : verify(engine);
	/* What a verify finds written again it passes over then. */
	if (!r && !stop_asked() && engine->guest->live && !plan_has_failed(outcome->plan))
		plat_cleaned_mark(engine->guest->volumes.v[0].dir);
	if (!r)
		generalize(engine);
	return r < 0 ? fatal(engine, "the second look failed", r) : 0;
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
		return r == -EBUSY ? r : fatal(engine, "the lock could not be taken", r);
	/* Nothing is done for which there is no second look. */
	r = start_workers(engine);
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
		fatal(engine, options->root, r);
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
