/* SPDX-License-Identifier: MIT */
#include "report/tally.h"

#include <string.h>

#include "base/sort.h"
#include "base/str.h"
#include "base/vec.h"
#include "report/sysprep.h"

#define FATAL_MOST 300 /* bytes of the reason in the verdict line */

bool tally_is_data(const struct finding *finding)
{
	return finding->kind == FINDING_POSTURE && finding->class == CLASS_BUSINESS &&
	       finding->severity == SEVERITY_INFO;
}

bool tally_is_slight(const struct finding *finding)
{
	return (finding->kind == FINDING_SECRET || finding->kind == FINDING_POSTURE) &&
	       finding->severity == SEVERITY_INFO && !tally_is_data(finding);
}

bool tally_is_stay(const struct finding *finding)
{
	return (finding->kind == FINDING_SECRET || finding->kind == FINDING_POSTURE) &&
	       finding->severity > SEVERITY_INFO;
}

/* ---- the same secret in many places is one secret ---- */

struct place {
	uint8_t id[FINDING_ID_SIZE];
	int severity; /* -1: a step takes it away */
	size_t count;
};

typedef VEC(struct place) place_list;

static void add_place(place_list *places, const uint8_t id[FINDING_ID_SIZE], int severity,
		      const struct partner *partner)
{
	struct place *place = vec_add(places);
	memcpy(place->id, id, FINDING_ID_SIZE);
	place->severity = severity;
	place->count = partner->name ? 2 : 1;
}

/* Those of one secret stand together, the worst first. */
static int by_secret(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = memcmp(x->id, y->id, FINDING_ID_SIZE);
	return order ? order : y->severity - x->severity;
}

static void count_places(place_list *places, struct tally *tally)
{
	if (places->n)
		sort_stable(places->v, places->n, sizeof *places->v, by_secret);
	for (size_t i = 0; i < places->n; i++) {
		const struct place *it = &places->v[i];
		tally->places += it->count;
		if (i && memcmp(it[-1].id, it->id, FINDING_ID_SIZE) == 0)
			continue;
		tally->secrets++;
		if (it->severity < 0)
			continue;
		tally->findings++;
		tally->by_severity[it->severity]++;
	}
}

static void count_secrets(const struct outcome *outcome, struct tally *tally)
{
	const struct plan *stay = tally_findings(outcome);
	place_list places = {0};
	if (stay)
		vec_each(&stay->findings, it)
			if (it->kind == FINDING_SECRET && !tally_is_slight(it))
				add_place(&places, it->secret_id, (int)it->severity,
					  &it->partner);
	if (outcome->plan)
		vec_each(&outcome->plan->steps, step)
			vec_each(&step->taken, it)
				add_place(&places, it->secret_id, -1, &it->partner);
	count_places(&places, tally);
	vec_free(&places);
}

static void count_finding(const struct finding *finding, struct tally *tally)
{
	if (finding->kind == FINDING_UNEXAMINED) {
		tally->unexamined++;
	} else if (finding->kind == FINDING_NOTE) {
		tally->notes++;
	} else if (tally_is_slight(finding)) {
		tally->slight++;
	} else if (tally_is_data(finding)) {
		tally->data++;
	} else if (finding->kind == FINDING_POSTURE) {
		tally->findings++;
		tally->by_severity[finding->severity]++;
	}
}

bool tally_complete(const struct outcome *outcome)
{
	return outcome->stopped == STOP_NOT && !outcome->declined && !outcome->refused &&
	       outcome->code != EXIT_FATAL && outcome->code != EXIT_USAGE;
}

const struct plan *tally_findings(const struct outcome *outcome)
{
	return outcome->left && outcome->stopped == STOP_NOT ? outcome->left : outcome->plan;
}

void tally_count(const struct outcome *outcome, struct tally *ret)
{
	const struct plan *stay = tally_findings(outcome);
	*ret = (struct tally){0};
	if (stay)
		vec_each(&stay->findings, finding)
			count_finding(finding, ret);
	count_secrets(outcome, ret);
	if (outcome->left)
		ret->left_steps = outcome->left->steps.n;
	if (!outcome->plan)
		return;
	ret->steps = outcome->plan->steps.n;
	vec_each(&outcome->plan->steps, step)
		ret->by_state[step->state]++;
}

int tally_exit(const struct outcome *outcome, const struct report_options *options)
{
	if (options->exit_zero && outcome->code == EXIT_FINDINGS)
		return EXIT_CLEAN;
	return (int)outcome->code;
}

const char *tally_command(enum engine_mode mode)
{
	static const char *const names[] = {"scan", "clean", "verify"};
	return names[mode];
}

const char *tally_verdict(const struct outcome *outcome)
{
	if (outcome->code == EXIT_FATAL || outcome->code == EXIT_USAGE)
		return "FAILED";
	if (outcome->declined)
		return "NOT STARTED";
	if (outcome->refused)
		return "REFUSED";
	if (outcome->stopped != STOP_NOT)
		return "INCOMPLETE";
	switch (outcome->code) {
	case EXIT_STEPS_FAILED:
		return "FAILED";
	case EXIT_UNDETERMINED:
		return "UNDETERMINED";
	case EXIT_FINDINGS:
		return outcome->mode == ENGINE_CLEAN ? "DONE" : "FINDINGS";
	default:
		return outcome->mode == ENGINE_CLEAN ? "DONE" : "CLEAN";
	}
}

void tally_plural(struct buf *out, uint64_t count, const char *noun)
{
	char number[28];
	buf_printf(out, "%s %s%s", str_count(count, number), noun, count == 1 ? "" : "s");
}

void tally_secrets(struct buf *out, size_t secrets, size_t places)
{
	tally_plural(out, secrets, "secret");
	buf_puts(out, " in ");
	tally_plural(out, places, "place");
}

static void add_findings(const struct outcome *outcome, const struct tally *tally,
			 struct buf *out)
{
	tally_plural(out, tally->findings, "finding");
	buf_printf(out, " %s%s", outcome->mode == ENGINE_CLEAN ? "remain" : "stay",
		   tally->findings == 1 ? "s" : "");
	for (int severity = SEVERITY_CRITICAL; severity >= 0; severity--) {
		if (!tally->by_severity[severity])
			continue;
		buf_printf(out, " (%zu %s)", tally->by_severity[severity],
			   severity_name((enum severity)severity));
		return;
	}
}

static void add_steps(const struct outcome *outcome, const struct tally *tally, struct buf *out)
{
	if (outcome->mode == ENGINE_CLEAN) {
		tally_plural(out, tally->by_state[STEP_DONE], "step");
		buf_puts(out, " done");
	} else {
		tally_plural(out, tally->steps, "step");
		buf_puts(out, outcome->mode == ENGINE_SCAN ? " to do" : " left to do");
	}
	if (tally->by_state[STEP_FAILED])
		buf_printf(out, ", %zu failed", tally->by_state[STEP_FAILED]);
	if (tally->by_state[STEP_SKIPPED])
		buf_printf(out, ", %zu refused", tally->by_state[STEP_SKIPPED]);
}

static void add_counts(const struct outcome *outcome, struct buf *out)
{
	struct tally tally;
	tally_count(outcome, &tally);
	add_steps(outcome, &tally, out);
	buf_puts(out, ", ");
	add_findings(outcome, &tally, out);
	if (tally.places > tally.secrets) {
		/* Those that are gone count, too. */
		buf_puts(out, outcome->mode == ENGINE_CLEAN ? ", there were " : ", ");
		tally_secrets(out, tally.secrets, tally.places);
	}
	if (tally.left_steps) {
		buf_puts(out, ", ");
		tally_plural(out, tally.left_steps, "thing");
		buf_puts(out, " there again");
	}
	if (tally.unexamined) {
		buf_puts(out, ", ");
		tally_plural(out, tally.unexamined, "place");
		buf_puts(out, " not examined");
	}
}

/* How far a run came that was cut short. */
static void add_progress(const struct outcome *outcome, struct buf *out)
{
	struct tally tally;
	tally_count(outcome, &tally);
	if (outcome->mode == ENGINE_CLEAN && tally.steps) {
		size_t tried = tally.steps - tally.by_state[STEP_PLANNED];
		buf_printf(out, "after %zu of ", tried);
		tally_plural(out, tally.steps, "step");
		bool unchecked = tried == tally.steps && !sysprep_has_run(outcome);
		buf_puts(out, unchecked ? ", before it was checked" : "");
	} else {
		buf_puts(out, "after ");
		tally_plural(out, outcome->files, "file");
		buf_puts(out, outcome->mode == ENGINE_CLEAN ? "; nothing was changed" : "");
	}
}

static void add_fatal(const struct outcome *outcome, struct buf *out)
{
	size_t before = out->len;
	str_quote(out, str_or(outcome->fatal, "the run could not be made"));
	if (out->len - before > FATAL_MOST) {
		buf_cut(out, before + FATAL_MOST);
		buf_puts(out, "...");
	}
	if (outcome->plan && outcome->plan->steps.n) {
		buf_puts(out, "; ");
		add_counts(outcome, out);
	}
}

void tally_line(const struct outcome *outcome, const struct report_options *options,
		struct buf *out)
{
	buf_printf(out, "imgsan %s: %s - ", tally_command(outcome->mode),
		   tally_verdict(outcome));
	if (outcome->code == EXIT_FATAL || outcome->code == EXIT_USAGE) {
		add_fatal(outcome, out);
	} else if (outcome->declined) {
		buf_puts(out, "the answer was no; nothing was changed");
	} else if (outcome->refused) {
		str_quote(out, outcome->plan->refusal);
		buf_puts(out, "; nothing was changed");
	} else if (outcome->stopped != STOP_NOT) {
		buf_printf(out, "%s ", stop_text(outcome->stopped));
		add_progress(outcome, out);
		sysprep_verdict(outcome, out);
	} else {
		add_counts(outcome, out);
		sysprep_verdict(outcome, out);
	}
	buf_printf(out, " [exit %d]", tally_exit(outcome, options));
}
