/* SPDX-License-Identifier: MIT */
#include "report/next.h"

#include <stdio.h>

#include "base/str.h"
#include "report/line.h"
#include "report/tally.h"

struct list {
	struct page_section *section;
	unsigned width;
	size_t count;
};

static void add(struct list *list, const char *text)
{
	char lead[24];
	snprintf(lead, sizeof lead, "%zu. ", ++list->count);
	line_wrapped(&list->section->lead, 2, lead, text, list->width);
}

static void add_unfinished(struct list *list, const struct outcome *outcome)
{
	if (outcome->stopped == STOP_DEADLINE)
		add(list, "Run it again with more time (--deadline, and the caller's own time "
			  "limit). What was done stays done.");
	else if (outcome->stopped != STOP_NOT)
		add(list, "Run it again. What was done stays done.");
	if (outcome->mode != ENGINE_SCAN && !tally_complete(outcome))
		add(list, "Do not capture an image before a run has come to its end.");
}

/* Notes about the whole guest are things to do before the capture. */
static void add_notes(struct list *list, const struct outcome *outcome)
{
	const struct plan *stay = tally_findings(outcome);
	if (stay)
		vec_each(&stay->findings, finding)
			if (finding->kind == FINDING_NOTE && !*finding->path && finding->text)
				add(list, finding->text);
}

static void add_scan(struct list *list, const struct tally *tally)
{
	_cleanup_(buf_free) struct buf line = {0};
	if (!tally->steps)
		return;
	buf_puts(&line, "Run imgsan clean with the same options (and --yes where there is no "
			"terminal) to do the ");
	tally_plural(&line, tally->steps, "step");
	buf_puts(&line, ".");
	add(list, buf_text(&line));
}

static void add_clean(struct list *list, const struct outcome *outcome,
		      const struct tally *tally)
{
	if (tally->by_state[STEP_FAILED])
		add(list, "See why steps have failed, then run imgsan clean again.");
	else if (tally->left_steps)
		add(list, "Something was written again while it was cleaned: stop what writes "
			  "it, then run imgsan clean again.");
	if (outcome->generalized && outcome->generalized->state == GENERALIZED_FAILED)
		add(list, "Do not capture an image: Sysprep has failed, see above.");
	else if (outcome->generalized && outcome->generalized->power_off)
		add(list, "The machine is being shut down. Capture the image when it is off.");
	else if (outcome->guest && outcome->guest->live)
		add(list,
		    "Power off now, without using the machine further, and capture the image.");
	else
		add(list, "Unmount the tree before the image is captured.");
}

void next_steps(const struct outcome *outcome, unsigned width, struct page *page)
{
	struct tally tally;
	struct list list = {.section = page_section(page, "NEXT STEPS", PAGE_HEAVIEST),
			    .width = width};
	tally_count(outcome, &tally);
	add_unfinished(&list, outcome);
	add_notes(&list, outcome);
	if (tally.unexamined)
		add(&list, "Look by hand at what could not be examined: it may hold anything.");
	if (outcome->mode == ENGINE_SCAN)
		add_scan(&list, &tally);
	else if (outcome->mode == ENGINE_VERIFY && tally.steps)
		add(&list, "Run imgsan clean again, then verify.");
	else if (outcome->mode == ENGINE_CLEAN && tally_complete(outcome))
		add_clean(&list, outcome, &tally);
	page_drop_empty(page);
}
