/* SPDX-License-Identifier: MIT */
#include "report/next.h"

#include <stdio.h>

#include "base/str.h"
#include "report/group.h"
#include "report/line.h"
#include "report/tally.h"

struct list {
	struct page_section *section;
	unsigned width;
	VEC(const char *) said; /* advice that stands in the list already */
};

static void add(struct list *list, const char *text)
{
	char lead[24];
	snprintf(lead, sizeof lead, "%zu. ", list->section->items.n + 1);
	line_wrapped(&page_item(list->section, 1)->head, 2, lead, text, list->width);
}

/* The same advice for several names is given once, for the worst of them. */
static void add_about(struct list *list, const char *name, const char *advice)
{
	_cleanup_(buf_free) struct buf line = {0};
	vec_each(&list->said, said)
		if (strcmp(*said, advice) == 0)
			return;
	*vec_add(&list->said) = advice;
	buf_printf(&line, "%s: %s", name, advice);
	add(list, buf_text(&line));
}

static bool any_finding(const struct finding *finding)
{
	return tally_is_stay(finding) || finding->kind == FINDING_UNEXAMINED;
}

/* Whoever could read a credential keeps it after it is gone from the disk. */
static bool grave_step(const struct step *step)
{
	return step->severity >= SEVERITY_HIGH;
}

static void add_advice(struct list *list, const group_list *groups,
		       const struct report_options *options)
{
	vec_each(groups, group) {
		struct report_item item = {0};
		if (options->item && options->item(options->rules, group->name, &item) &&
		    item.advice && *item.advice)
			add_about(list, group->name, item.advice);
	}
}

/* A step on what a running service still writes into. */
static bool held_step(const struct step *step)
{
	return step->held;
}

static void add_reopen(struct list *list, const struct outcome *outcome,
		       const struct report_options *options)
{
	_cleanup_(group_free) group_list steps = {0};
	if (!outcome->plan || !options->item)
		return;
	group_steps(outcome->plan, held_step, &steps);
	vec_each(&steps, group) {
		struct report_item item = {0};
		if (options->item(options->rules, group->name, &item) && item.reopen) {
			_cleanup_free_ char *text = mem_printf(
				"%s: a process holds it open; if the machine goes on "
				"running: %s",
				group->name, item.reopen);
			add(list, text);
		}
	}
}

static void add_all_advice(struct list *list, const struct outcome *outcome,
			   const struct report_options *options)
{
	_cleanup_(group_free) group_list found = {0}, steps = {0};
	const struct plan *stay = tally_findings(outcome);
	if (stay)
		group_findings(stay, any_finding, &found);
	if (outcome->plan)
		group_steps(outcome->plan, grave_step, &steps);
	add_advice(list, &found, options);
	add_advice(list, &steps, options);
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
	if (tally->left_steps)
		add(list, "Something was written again while it was cleaned: stop what writes "
			  "it, then run imgsan clean again.");
	if (outcome->guest && outcome->guest->live)
		add(list,
		    "Power off now, without using the machine further, and capture the image.");
	else
		add(list, "Unmount the tree before the image is captured.");
}

void next_steps(const struct outcome *outcome, const struct report_options *options,
		unsigned width, struct page *page)
{
	struct tally tally;
	struct list list = {.section = page_section(page, "NEXT STEPS", PAGE_HEAVIEST),
			    .width = width};
	tally_count(outcome, &tally);
	add_unfinished(&list, outcome);
	add_all_advice(&list, outcome, options);
	add_reopen(&list, outcome, options);
	add_notes(&list, outcome);
	if (tally.unexamined)
		add(&list, "Look by hand at what could not be examined: it may hold anything.");
	if (outcome->mode == ENGINE_SCAN)
		add_scan(&list, &tally);
	else if (outcome->mode == ENGINE_VERIFY && tally.steps)
		add(&list, "Run imgsan clean again, then verify.");
	else if (outcome->mode == ENGINE_CLEAN && tally_complete(outcome))
		add_clean(&list, outcome, &tally);
	vec_free(&list.said);
	page_drop_empty(page);
}
