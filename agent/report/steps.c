/* SPDX-License-Identifier: MIT */
#include "base/str.h"
#include "report/line.h"
#include "report/tally.h"
#include "report/writer.h"

/* ---- the size of what goes ---- */

struct sum {
	size_t steps;
	uint64_t files, bytes;
	bool more; /* not all members of a tree were asked for their size */
};

static void add_to_sum(struct sum *sum, const struct step *step)
{
	sum->steps++;
	sum->files += step->files;
	sum->bytes += step->bytes;
	sum->more |= step->files > STEP_SIZED;
}

static struct sum sum_of(const struct group *group)
{
	struct sum sum = {0};
	vec_each(&group->steps, step)
		add_to_sum(&sum, *step);
	return sum;
}

static void add_size(struct buf *out, const struct sum *sum)
{
	char size[16];
	tally_plural(out, sum->files > sum->steps ? sum->files : sum->steps, "file");
	buf_printf(out, ", %s%s", sum->more ? "more than " : "", str_bytes(sum->bytes, size));
}

/* ---- rows ---- */

static const char *action_word(enum action action)
{
	return action == STEP_REPLACE ? "replace" : action_name(action);
}

static void add_places(const struct writer *writer, const struct group *group, size_t from,
		       struct buf *out)
{
	size_t shown = writer_places(writer, group->steps.n);
	for (size_t i = from; i < shown; i++) {
		const struct step *step = group->steps.v[i];
		buf_printf(out, "%*s", LINE_INDENT, "");
		line_place_in(out, step->path, writer_room(writer, LINE_INDENT));
		buf_puts(out, "\n");
		/* Of a redaction the plan says what lies where in this very file. */
		if (step->action == STEP_REDACT)
			writer_sentence(writer, step->why, out);
	}
	writer_more(out, shown, group->steps.n);
}

/* What is known of a path stands in what is left of the line. */
static void add_path(const struct writer *writer, const char *path, struct buf *out)
{
	buf_puts(out, "  ");
	line_place_in(out, path, writer_room(writer, LINE_INDENT + out->len));
	buf_puts(out, "\n");
}

static void add_error(const struct writer *writer, const struct step *step, struct buf *out)
{
	if (!step->error)
		return;
	line_wrapped(out, LINE_INDENT,
		     step->state == STEP_DONE ? "note: " : "because: ", step->error,
		     (unsigned)writer_room(writer, 0));
}

static void add_group(const struct writer *writer, struct page_section *section,
		      const struct group *group)
{
	const struct step *first = group->steps.v[0];
	struct page_item *item = page_item(section, group->name, group->steps.n);
	struct sum sum = sum_of(group);
	item->severity = group->severity;
	buf_printf(&item->row, "%s ", action_word(first->action));
	line_quoted(&item->row, group->name);
	buf_puts(&item->row, "  ");
	add_size(&item->row, &sum);
	add_path(writer, first->path, &item->row);
	add_error(writer, first, &item->row);
	if (first->action == STEP_REDACT)
		writer_sentence(writer, first->why, &item->detail);
	add_places(writer, group, 1, &item->detail);
	writer_secrets(group, &item->detail);
	struct report_item about = writer_item(writer, group->name);
	writer_sentence(writer,
			first->action == STEP_REDACT || !first->why ? about.why : first->why,
			&item->detail);
}

/* One line for each class: what was done is told in numbers, whatever its names. */
static void add_classes(const struct plan *plan, group_step_filter *filter, struct buf *out)
{
	struct sum sums[CLASS_COUNT] = {{0}};
	vec_each(&plan->steps, step)
		if (filter(step))
			add_to_sum(&sums[step->class], step);
	for (size_t class = 0; class < CLASS_COUNT; class ++) {
		if (!sums[class].steps)
			continue;
		buf_printf(out, "  %-10s", class_name((enum class) class));
		tally_plural(out, sums[class].steps, "step");
		buf_puts(out, ": ");
		add_size(out, &sums[class]);
		buf_puts(out, "\n");
	}
}

void steps_section(struct writer *writer, const char *title, unsigned weight,
		   const struct plan *plan, group_step_filter *filter)
{
	_cleanup_(group_free) group_list found = {0};
	struct page_section *section = page_section(&writer->page, title, weight);
	size_t steps = 0;

	group_steps(plan, filter, &found);
	section->graded = true;
	vec_each(&found, group) {
		add_group(writer, section, group);
		steps += group->steps.n;
	}
	buf_puts(&section->remark, "  ");
	tally_plural(&section->remark, steps, "step");
	/* What is done, or will be, needs nobody. */
	section->counted = weight < PAGE_HEAVIEST;
	if (section->counted)
		add_classes(plan, filter, &section->lead);
	page_drop_empty(&writer->page);
}

/* ---- what is left to do elsewhere ---- */

static bool to_provision(const struct step *step)
{
	return step->state != STEP_FAILED && step->state != STEP_SKIPPED &&
	       (step->provision ||
		(step->class == CLASS_SERVICE && step->action == STEP_REDACT));
}

/* Whoever could read a credential keeps it after it is gone from the disk. */
static bool is_grave(const struct step *step)
{
	return step->severity >= SEVERITY_HIGH && !to_provision(step);
}

struct said {
	const char *name, *advice;
};

static bool is_about(const struct page_section *section, const char *name)
{
	vec_each(&section->items, item)
		if (strcmp(buf_text(&item->name), name) == 0)
			return true;
	return false;
}

/* The same advice for several names is given once, for the worst of them. */
static const char *said_before(const struct said *said, size_t count, const char *advice)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(said[i].advice, advice) == 0)
			return said[i].name;
	return NULL;
}

/* "name: advice" */
static void add_advice(const struct writer *writer, struct page_item *item, const char *name,
		       const char *advice, const char *before)
{
	_cleanup_free_ char *text = before ? mem_printf("%s: as for %s", name, before)
					   : mem_printf("%s: %s", name, advice);
	line_wrapped_on(&item->row, LINE_INDENT, text, writer->width);
}

void steps_revoke_section(struct writer *writer)
{
	_cleanup_(group_free) group_list found = {0};
	VEC(struct said) said = {0};
	struct page_section *section = page_section(
		&writer->page, "TO REVOKE OR RENEW: IT WAS ON THIS DISK", 2);
	section->graded = true;
	group_steps(writer->outcome->plan, is_grave, &found);
	vec_each(&found, group) {
		struct report_item about = writer_item(writer, group->name);
		if (!about.advice || !*about.advice || is_about(section, group->name))
			continue;
		struct page_item *item = page_item(section, group->name, 1);
		const char *before = said_before(said.v, said.n, about.advice);
		item->severity = group->severity;
		add_advice(writer, item, group->name, about.advice, before);
		if (!before)
			*vec_add(&said) = (struct said){group->name, about.advice};
	}
	vec_free(&said);
	page_drop_empty(&writer->page);
}

void steps_provision_section(struct writer *writer)
{
	_cleanup_(group_free) group_list found = {0};
	struct page_section *section = page_section(&writer->page,
						    "TO PROVISION AGAIN ON THE CLONE", 2);
	section->graded = true;
	buf_puts(&section->remark, "  with new secrets: these were on this disk");
	group_steps(writer->outcome->plan, to_provision, &found);
	vec_each(&found, group) {
		struct page_item *item = page_item(section, group->name, group->steps.n);
		item->severity = group->severity;
		line_quoted(&item->row, group->name);
		if (group->steps.n > 1)
			buf_printf(&item->row, " (%zu)", group->steps.n);
		add_path(writer, group->steps.v[0]->path, &item->row);
		add_places(writer, group, 1, &item->detail);
		struct report_item about = writer_item(writer, group->name);
		writer_sentence(writer, about.advice, &item->detail);
	}
	page_drop_empty(&writer->page);
}

/* A step on what a running service still writes into. */
static bool is_held(const struct step *step)
{
	return step->held;
}

void steps_held_section(struct writer *writer)
{
	_cleanup_(group_free) group_list found = {0};
	struct page_section *section = page_section(
		&writer->page, "HELD OPEN BY A PROCESS: IF THE MACHINE GOES ON RUNNING", 1);
	section->graded = true;
	group_steps(writer->outcome->plan, is_held, &found);
	vec_each(&found, group) {
		struct report_item about = writer_item(writer, group->name);
		if (!about.reopen || is_about(section, group->name))
			continue;
		struct page_item *item = page_item(section, group->name, 1);
		item->severity = group->severity;
		add_advice(writer, item, group->name, about.reopen, NULL);
	}
	page_drop_empty(&writer->page);
}
