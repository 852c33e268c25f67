/* SPDX-License-Identifier: MIT */
/* Sysprep's exit code says little: it is 0 after many failures, and what it started may go
 * on. What counts is what it leaves behind. It has succeeded when the system says that it is
 * generalized, the tag file was made anew, and no line of the logs gives the run up. */
#include "generalize/generalize.h"

#include <errno.h>
#include <string.h>

#include "act/generalize.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/fold.h"
#include "base/stop.h"
#include "base/str.h"
#include "generalize/answers.h"
#include "generalize/facts.h"
#include "generalize/log.h"

#define GENERALIZED "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
#define SYSPREP "/System32/Sysprep"
#define MOST_LOG_BYTES (64u << 20)

/* "Windows Setup Log Files and Event Logs"; the first is the shorter. */
static const char *const logs[] = {SYSPREP "/Panther/setuperr.log",
				   SYSPREP "/Panther/setupact.log"};
#define LOG_COUNT (sizeof logs / sizeof *logs)

static char *place_of(const char *tail)
{
	_cleanup_(buf_free) struct buf folder = {0};
	const char *architecture;
	plat_generalize_place(&folder, &architecture);
	return mem_printf("%s%s", buf_text(&folder), tail);
}

/* ---- before ---- */

/* Each clone does what it says: whoever may write it could be anybody there. */
static bool check_given(const char *path, struct generalized *into, struct buf *ret)
{
	_cleanup_(buf_wipe) struct buf bytes = {0};
	_cleanup_(buf_free) struct buf fault = {0};
	int r = plat_trusted_read(path, ANSWERS_MOST_BYTES, &bytes);
	if (r < 0)
		buf_puts(&fault, r == -EPERM ? "it or its directory can be written by others"
					     : error_text(r));
	else
		r = answers_check(bytes.data, bytes.len, ret, into, &fault);
	if (r < 0)
		into->why = mem_printf("the answer file %s can not be used: %s", path,
				       buf_text(&fault));
	return r >= 0;
}

static bool prepare_answers(const struct generalize_setup *setup, struct generalized *into,
			    struct buf *ret)
{
	_cleanup_(buf_free) struct buf folder = {0};
	const char *architecture = "";
	if (setup->answer_file) {
		into->answer_file = mem_strdup(setup->answer_file);
		return check_given(setup->answer_file, into, ret);
	}
	int r = plat_generalize_place(&folder, &architecture);
	if (!r)
		answers_make(architecture, ret);
	return !r;
}

/* What stands in the way, all of it; the remedies stand with the facts. */
static bool facts_allow(struct generalized *into)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!facts_look(into))
		return true;
	vec_each(&into->facts, fact) {
		if (fact->state != PLAT_FACT_BLOCKS)
			continue;
		buf_printf(&text, "%s%s", text.len ? "; " : "", fact->title);
		if (fact->detail.len)
			buf_printf(&text, " (%s)", buf_text(&fact->detail));
	}
	free(into->why);
	into->why = mem_strdup(buf_text(&text));
	return false;
}

bool generalize_prepare(const struct generalize_setup *setup, struct generalized *into,
			struct buf *ret_answers)
{
	return facts_allow(into) & prepare_answers(setup, into, ret_answers);
}

/* ---- after ---- */

static uint64_t log_size(const struct guest *guest, const char *tail)
{
	struct plat_info info;
	_cleanup_free_ char *path = place_of(tail);
	return guest_look(guest, path, &info) < 0 ? 0 : info.size;
}

/* False: there is none. */
static bool look_at_tag(const struct guest *guest, struct plat_info *ret)
{
	_cleanup_free_ char *path = place_of(SYSPREP "/Sysprep_succeeded.tag");
	*ret = (struct plat_info){0};
	return guest_look(guest, path, ret) >= 0;
}

struct before {
	uint64_t log[LOG_COUNT];
	bool tagged;
	struct plat_info tag;
};

static struct before look_before(const struct guest *guest)
{
	struct before before = {0};
	for (size_t i = 0; i < LOG_COUNT; i++)
		before.log[i] = log_size(guest, logs[i]);
	before.tagged = look_at_tag(guest, &before.tag);
	return before;
}

/* A tag of an earlier run is none. */
static bool has_new_tag(const struct guest *guest, const struct before *before)
{
	struct plat_info now;
	return look_at_tag(guest, &now) &&
	       (!before->tagged || !plat_same(now.id, before->tag.id) ||
		now.mtime != before->tag.mtime || now.ctime != before->tag.ctime);
}

/* A log that has become shorter is another one. */
static bool read_logs(const struct guest *guest, const struct before *before,
		      struct generalized *into)
{
	bool gave_up = false;
	for (size_t i = 0; i < LOG_COUNT; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		_cleanup_free_ char *path = place_of(logs[i]);
		if (guest_read(guest, path, MOST_LOG_BYTES, &text) < 0)
			continue;
		size_t from = before->log[i] <= text.len ? (size_t)before->log[i] : 0;
		gave_up |= log_read(buf_text(&text), text.len, from, into);
	}
	return gave_up;
}

static void judge(const struct generalize_setup *setup, const struct before *before,
		  struct generalized *into)
{
	_cleanup_(buf_free) struct buf state = {0};
	bool gave_up = read_logs(setup->guest, before, into);
	(void)plat_generalize_state(&state);
	into->image_state = state.len ? mem_strdup(buf_text(&state)) : NULL;
	into->tag = has_new_tag(setup->guest, before);
	if (into->ended && into->tag && !gave_up &&
	    strcmp(buf_text(&state), GENERALIZED) == 0) {
		into->state = GENERALIZED_DONE;
		into->power_off = setup->power_off;
		into->cause = into->meaning = into->remedy = NULL;
		return;
	}
	into->state = GENERALIZED_FAILED;
	if (!into->ended)
		log_set_cause(stop_asked() ? "stopped" : "timeout", into);
	else if (!into->cause)
		log_set_cause("no-success", into);
}

/* ---- the run ---- */

static void fail_start(const char *doing, int error, struct generalized *into)
{
	into->state = GENERALIZED_FAILED;
	log_set_cause("not-started", into);
	*vec_add(&into->errors) = mem_printf("%s: %s", doing, error_text(error));
}

static void run_with(const struct generalize_setup *setup, const char *answers,
		     struct generalized *into)
{
	struct act_generalized done = {0};
	struct before before = look_before(setup->guest);
	int r = act_generalize(answers, setup->seconds, &done);
	into->line = done.line;
	into->ended = done.ended;
	into->exit_code = done.exit_code;
	into->elapsed_ms = done.elapsed_ms;
	if (r < 0)
		fail_start("it could not be started", r, into);
	else
		judge(setup, &before, into);
}

void generalize_run(const struct generalize_setup *setup, const struct buf *answers,
		    struct generalized *into)
{
	if (!facts_allow(into)) {
		into->state = GENERALIZED_FAILED;
		log_set_cause("changed", into);
		return;
	}
	/* Only the system and administrators may write there. It holds no password, so it
	 * does no harm where a kill keeps us from taking it away. */
	_cleanup_free_ char *answer_file = place_of(SYSPREP "/imgsan-answers.xml");
	int r = plat_out_write(answer_file, buf_text(answers), answers->len);
	if (r < 0) {
		fail_start("the answer file could not be written", r, into);
		return;
	}
	run_with(setup, answer_file, into);
	r = act_own_remove(setup->guest->volumes.v[0].dir, answer_file);
	if (r < 0 && r != -ENOENT)
		*vec_add(&into->errors) = mem_printf("%s could not be removed: %s", answer_file,
						     error_text(r));
}

/* ---- what it leaves ---- */

static bool is_log(const char *name)
{
	return str_ends(name, ".log") || str_ends(name, ".etl") || str_ends(name, ".que") ||
	       str_ends(name, ".dir") || str_starts(name, "diag");
}

static void add_leftover(struct plan *plan, const char *folder, const char *name,
			 const struct plat_info *info)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", folder, name);
	struct step *step = plan_add_step(plan, STEP_REMOVE, path);
	step->target = *info;
	step->name = "windows-setup-logs";
	step->why = mem_strdup("Sysprep has written it while it ran.");
	step->class = CLASS_TRACE;
	step->severity = SEVERITY_LOW;
	step->files = 1;
	step->bytes = info->size;
}

static void add_leftovers(const struct guest *guest, const char *folder, struct plan *plan)
{
	struct plat_dir *parent, *dir;
	const char *leaf, *name;
	enum plat_kind kind;
	if (plat_parent_open(guest->volumes.v[0].dir, folder, &parent, &leaf) < 0)
		return;
	int r = plat_dir_open_at(parent, leaf, &dir);
	plat_dir_close(parent);
	if (r < 0)
		return;
	while (plat_dir_next(dir, &name, &kind) > 0) {
		struct plat_info info;
		if (is_log(name) && plat_info_at(dir, name, &info) >= 0 &&
		    info.kind == PLAT_FILE)
			add_leftover(plan, folder, name, &info);
	}
	plat_dir_close(dir);
}

void generalize_leftovers(const struct generalize_setup *setup, struct plan *plan)
{
	static const char *const folders[] = {SYSPREP "/Panther", SYSPREP "/Panther/IE",
					      "/Panther"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		_cleanup_free_ char *folder = place_of(folders[i]);
		add_leftovers(setup->guest, folder, plan);
	}
}

/* ---- when somebody looks again ---- */

static bool holds_no_password(const struct guest *guest, const char *path)
{
	_cleanup_(buf_wipe) struct buf bytes = {0};
	_cleanup_(buf_free) struct buf copy = {0}, fault = {0};
	if (guest_read(guest, path, ANSWERS_MOST_BYTES, &bytes) < 0)
		return false;
	struct generalized *seen = generalized_new();
	bool none = answers_check(buf_text(&bytes), bytes.len, &copy, seen, &fault) >= 0 &&
		    !seen->passwords.n;
	generalized_free(seen);
	return none;
}

/* Why an answer file is no finding, or NULL. */
static const char *is_fine(const struct guest *guest, bool will, bool generalized,
			   const char *path)
{
	_cleanup_free_ char *replaced = place_of("/Panther/unattend.xml");
	if (will && fold_compare(path, replaced) == 0)
		return "Sysprep puts the one in its place that the clone is set up from.";
	if (generalized && holds_no_password(guest, path))
		return "The clone is set up from it, and it holds no password.";
	return NULL;
}

void generalize_settle(const struct guest *guest, bool will, struct plan *plan)
{
	_cleanup_(buf_free) struct buf state = {0};
	if (!guest->live || plat_generalize_state(&state) < 0)
		return;
	bool generalized = strcmp(buf_text(&state), GENERALIZED) == 0;
	vec_each(&plan->findings, finding) {
		if (finding->kind != FINDING_POSTURE ||
		    strcmp(finding->name, "windows-answer-files") != 0)
			continue;
		const char *why = is_fine(guest, will, generalized, finding->path);
		if (!why)
			continue;
		finding->kind = FINDING_NOTE;
		free(finding->text);
		finding->text = mem_strdup(why);
	}
}
