/* SPDX-License-Identifier: MIT */
#include "engine_inside.h"

#include <errno.h>

#include "base/error.h"
#include "base/number.h"
#include "classify/owned.h"
#include "discover/discover.h"
#include "generalize/generalize.h"
#include "plan/apply_cleaners.h"
#include "plan/aside.h"
#include "plan/settle.h"
#include "plan/survey.h"
#include "plan/survey_texts.h"
#include "verify/verify.h"

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
		engine->progress.bytes += smaller(entry->info.size, entry->info.allocated);
	if (engine->progress.files % 64 == 0)
		engine_show_progress(engine);
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

void engine_note_unfit(const struct guest *guest, struct plan *plan)
{
	if (!guest->unfit)
		return;
	struct finding *finding = plan_add_finding(plan, FINDING_NOTE, "volume-state", "/");
	finding->class = CLASS_TRACE;
	finding->text = mem_printf("clean would refuse to begin: %s", guest->unfit);
	if (!plan->refusal)
		plan->refusal = mem_strdup(guest->unfit);
}

static void note_live_shells(const struct guest *guest, struct plan *plan)
{
	unsigned shells = guest->live ? plat_live_shells() : 0;
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

struct cleaning engine_cleaning(const struct engine *engine)
{
	return (struct cleaning){
		.guest = engine->guest,
		.policy = &engine->rules->policy,
		.firstboot_unit = engine->options->firstboot_unit,
		.allow_lockout = engine->options->allow_lockout,
	};
}

int engine_start_workers(struct engine *engine)
{
	int r = detect_start(engine->detect, on_finding, engine);
	return r < 0 ? engine_fatal(engine, "the workers could not be started", r) : 0;
}

static int examine_text(const char *place, const struct plat_info *info, const char *text,
			size_t len, void *context)
{
	struct engine *engine = context;
	return detect_text(engine->detect, place, info, text, len);
}

static struct view *look_at_registry(const struct survey_setup *setup)
{
	struct view *view = view_new(setup->guest);
	survey_keys(setup, view);
	survey_texts(setup, view, examine_text, setup->context);
	return view;
}

/* Steps and findings, each for itself: files, the registry, cleaners, histories of git. */
static int collect(struct engine *engine, const struct survey_setup *setup,
		   struct survey *survey)
{
	struct cleaning cleaning = engine_cleaning(engine);
	enum stage before = stage_enter(STAGE_WALK);
	walk_volumes(engine, survey);
	stage_enter(STAGE_PLAN);
	survey_finish(survey);
	struct view *view = look_at_registry(setup);
	/* The workers have the last files in hand meanwhile. */
	cleaners_apply(cleaners, &cleaning, setup->guard, setup->selection, setup->plan);
	stage_enter(STAGE_WALK);
	int r = detect_finish(engine->detect);
	if (!r)
		r = detect_history(engine->detect, engine->guest);
	stage_enter(STAGE_PLAN);
	survey_texts_settle(setup->plan, view);
	view_free(view);
	stage_enter(before);
	return r == -EINTR ? 0 : r;
}

/* What only all of it together tells. */
static void settle(const struct engine *engine, const struct survey_setup *setup)
{
	const struct engine_options *options = engine->options;
	const struct guest *guest = engine->guest;
	struct cleaning cleaning = engine_cleaning(engine);
	struct plan *plan = setup->plan;
	enum stage before = stage_enter(STAGE_PLAN);
	settle_findings(plan, guest, engine->rules, engine->guard, setup->selection,
			setup->owned);
	cleaners_check(cleaners, &cleaning, plan);
	generalize_settle(guest, options->generalize, plan);
	if (options->mode == ENGINE_VERIFY && plat_cleaned_since_boot(guest->volumes.v[0].dir))
		verify_running(plan, guest, setup->writers);
	note_live_shells(guest, plan);
	engine_note_unfit(guest, plan);
	aside_idle(engine->rules, plan);
	baseline_apply(options->baseline, plan);
	plan_sort(plan);
	stage_enter(before);
}

int engine_look(struct engine *engine, struct plan **ret)
{
	_cleanup_(owned_free_ptr) struct owned *owned = owned_new(engine->guest);
	struct packages_reader packages = {read_packages, engine};
	struct selection selection = {engine->options->only, engine->options->skip};
	struct writers writers = {0};
	struct plan *plan = plan_new();
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
	engine->into = plan;
	engine->owned = owned;
	if (engine->guest->live)
		writers_read(&writers);
	struct survey *survey = survey_new(&setup); /* while the workers get ready */
	owned_read(owned, &packages);
	int r = engine_start_workers(engine);
	if (r < 0) {
		plan_free(plan);
	} else {
		r = collect(engine, &setup, survey);
		settle(engine, &setup);
		*ret = plan;
	}
	survey_free(survey);
	writers_free(&writers);
	return r;
}
