/* SPDX-License-Identifier: MIT */
#include "report/text.h"

#include "base/str.h"
#include "report/group.h"
#include "report/line.h"
#include "report/next.h"
#include "report/page.h"
#include "report/tally.h"
#include "rules/rules.h"

#define EXAMPLES 3
#define WIDTH_LEAST 60
#define WIDTH_MOST 110

struct writer {
	const struct outcome *outcome;
	const struct report_options *options;
	unsigned width;
	struct page page;
};

/* ---- the places of a group ---- */

static void add_place(struct buf *out, const struct finding *finding)
{
	line_quoted(out, *finding->path ? finding->path : "(the whole guest)");
	if (finding->member) {
		buf_puts(out, " > ");
		line_quoted(out, finding->member);
	}
	if (finding->line)
		buf_printf(out, ":%u", finding->line);
}

static size_t examples(const struct writer *writer, size_t count)
{
	/* One more line would not be longer than saying that it is left out. */
	return writer->options->verbosity > 0 || count == EXAMPLES + 1 || count < EXAMPLES
		       ? count
		       : EXAMPLES;
}

static void add_more(struct buf *out, size_t shown, size_t count)
{
	char number[28];
	if (shown < count)
		buf_printf(out, "%*s... %s more\n", LINE_INDENT, "",
			   str_count(count - shown, number));
}

static void add_step_places(const struct writer *writer, const struct group *group,
			    struct buf *out)
{
	size_t shown = examples(writer, group->steps.n);
	for (size_t i = 0; i < shown; i++) {
		const struct step *step = group->steps.v[i];
		buf_printf(out, "%*s", LINE_INDENT, "");
		line_quoted(out, step->path);
		/* Of a redaction the plan says what lies where in this very file. */
		if (step->action == STEP_REDACT && step->why) {
			buf_puts(out, ": ");
			line_quoted(out, step->why);
		}
		buf_puts(out, "\n");
	}
	add_more(out, shown, group->steps.n);
}

static void add_finding_places(const struct writer *writer, const struct group *group,
			       size_t from, struct buf *out)
{
	size_t shown = examples(writer, group->findings.n);
	for (size_t i = from; i < shown; i++) {
		buf_printf(out, "%*s", LINE_INDENT, "");
		add_place(out, group->findings.v[i]);
		buf_puts(out, "\n");
	}
	add_more(out, shown, group->findings.n);
}

static void add_sentence(const struct writer *writer, const char *text, struct buf *out)
{
	if (text && *text)
		line_wrapped(out, LINE_INDENT, "", text, writer->width);
}

static struct report_item look_up(const struct writer *writer, const char *name)
{
	struct report_item item = {0};
	if (writer->options->item)
		writer->options->item(writer->options->rules, name, &item);
	return item;
}

/* ---- steps ---- */

static const char *action_word(enum action action)
{
	return action == STEP_REPLACE ? "replace" : action_name(action);
}

static void add_step_group(const struct writer *writer, struct page_section *section,
			   const struct group *group)
{
	char size[16];
	const struct step *first = group->steps.v[0];
	struct page_item *item = page_item(section, group->steps.n);
	line_severity(&item->head, group->severity, writer->options->color);
	buf_printf(&item->head, "%-10s ", action_word(first->action));
	line_quoted(&item->head, group->name);
	buf_puts(&item->head, "  ");
	tally_plural(&item->head, group->files > group->steps.n ? group->files : group->steps.n,
		     "file");
	buf_printf(&item->head, ", %s\n", str_bytes(group->bytes, size));
	if (first->error) {
		buf_printf(&item->head, "%*s%s", LINE_INDENT, "",
			   first->state == STEP_DONE ? "note: " : "because: ");
		line_quoted(&item->head, first->error);
		buf_puts(&item->head, "\n");
	}
	add_step_places(writer, group, &item->detail);
	struct report_item about = look_up(writer, group->name);
	add_sentence(writer,
		     first->action == STEP_REDACT || !first->why ? about.why : first->why,
		     &item->detail);
}

static bool is_refused(const struct step *step)
{
	return step->state == STEP_FAILED || step->state == STEP_SKIPPED;
}

static bool is_planned(const struct step *step)
{
	return step->state == STEP_PLANNED;
}

static bool is_done(const struct step *step)
{
	return step->state == STEP_DONE;
}

static bool any_step(const struct step *step)
{
	(void)step;
	return true;
}

static void step_section(struct writer *writer, const char *title, unsigned weight,
			 const struct plan *plan, group_step_filter *filter)
{
	_cleanup_(group_free) group_list found = {0};
	size_t steps = 0;
	uint64_t bytes = 0;
	char size[16];
	struct page_section *section = page_section(&writer->page, title, weight);

	group_steps(plan, filter, &found);
	vec_each(&found, group) {
		add_step_group(writer, section, group);
		steps += group->steps.n;
		bytes += group->bytes;
	}
	buf_puts(&section->remark, "  ");
	tally_plural(&section->remark, steps, "step");
	buf_printf(&section->remark, ", %s", str_bytes(bytes, size));
	page_drop_empty(&writer->page);
}

static bool to_provision(const struct step *step)
{
	return step->state != STEP_FAILED && step->state != STEP_SKIPPED &&
	       (step->provision ||
		(step->class == CLASS_SERVICE && step->action == STEP_REDACT));
}

static void provision_section(struct writer *writer)
{
	_cleanup_(group_free) group_list found = {0};
	struct page_section *section = page_section(&writer->page,
						    "TO PROVISION AGAIN ON THE CLONE", 1);
	group_steps(writer->outcome->plan, to_provision, &found);
	vec_each(&found, group) {
		struct page_item *item = page_item(section, group->steps.n);
		buf_puts(&item->head, "  ");
		line_quoted(&item->head, group->name);
		buf_puts(&item->head, "\n");
		add_step_places(writer, group, &item->head);
	}
	page_drop_empty(&writer->page);
}

/* ---- findings ---- */

/* How many different secrets are behind the places of a group. */
static size_t distinct(const struct group *group)
{
	size_t count = 0;
	for (size_t i = 0; i < group->findings.n; i++) {
		size_t j = 0;
		while (j < i && memcmp(group->findings.v[j]->secret_id,
				       group->findings.v[i]->secret_id, FINDING_ID_SIZE) != 0)
			j++;
		count += j == i;
	}
	return count;
}

static void add_finding_head(const struct writer *writer, const struct group *group,
			     struct buf *out)
{
	const struct finding *first = group->findings.v[0];
	line_severity(out, group->severity, writer->options->color);
	line_quoted(out, group->name);
	if (first->shown) {
		buf_puts(out, "  ");
		line_quoted(out, first->shown);
		buf_puts(out, "...");
	}
	if (group->findings.n > 1) {
		buf_puts(out, "  ");
		tally_plural(out, group->findings.n, "place");
	}
	if (first->kind == FINDING_SECRET && group->findings.n > 1 &&
	    group->findings.n < 1000) {
		buf_puts(out, ", ");
		tally_plural(out, distinct(group), "secret");
	}
	if (first->kind == FINDING_SECRET && first->confidence == CONFIDENCE_LOW)
		buf_puts(out, "  (may be none: confidence low)");
	buf_puts(out, "\n");
}

static void add_finding_group(const struct writer *writer, struct page_section *section,
			      const struct group *group)
{
	const struct finding *first = group->findings.v[0];
	struct report_item about = look_up(writer, group->name);
	struct page_item *item = page_item(section, group->findings.n);
	add_finding_head(writer, group, &item->head);
	/* The first place is never cut away from its finding. */
	buf_printf(&item->head, "%*s", LINE_INDENT, "");
	add_place(&item->head, first);
	buf_puts(&item->head, "\n");
	add_finding_places(writer, group, 1, &item->detail);
	add_sentence(writer, first->text, &item->detail);
	add_sentence(writer,
		     about.why	   ? about.why
		     : first->text ? NULL
				   : about.title,
		     &item->detail);
}

static void finding_section(struct writer *writer, const char *title, unsigned weight,
			    const struct plan *plan, group_finding_filter *filter)
{
	_cleanup_(group_free) group_list found = {0};
	size_t places = 0;
	struct page_section *section = page_section(&writer->page, title, weight);
	group_findings(plan, filter, &found);
	vec_each(&found, group) {
		add_finding_group(writer, section, group);
		places += group->findings.n;
	}
	buf_puts(&section->remark, "  ");
	tally_plural(&section->remark, places, "place");
	page_drop_empty(&writer->page);
}

static bool is_unexamined(const struct finding *finding)
{
	return finding->kind == FINDING_UNEXAMINED;
}

static bool is_note(const struct finding *finding)
{
	/* Those about the whole guest stand among the next steps. */
	return finding->kind == FINDING_NOTE && (*finding->path || !finding->text);
}

/* ---- the rest ---- */

/* One line, or with -v all of them. */
static void slight_section(struct writer *writer, const struct plan *stay)
{
	struct tally tally;
	tally_count(writer->outcome, &tally);
	if (writer->options->verbosity > 0) {
		finding_section(writer, "OF LITTLE WEIGHT", 0, stay, tally_is_slight);
	} else if (tally.slight) {
		struct page_section *section = page_section(&writer->page, "OF LITTLE WEIGHT",
							    0);
		struct buf *line = &page_item(section, 1)->head;
		buf_puts(line, "  ");
		tally_plural(line, tally.slight, "place");
		buf_puts(line, " in unchanged files of packages or of low confidence "
			       "(-v and the report list them)\n");
	}
}

static void left_out_section(struct writer *writer)
{
	const struct guest *guest = writer->outcome->guest;
	struct page_section *section = page_section(&writer->page, "NOT LOOKED AT", 0);
	if (guest) {
		vec_each(&guest->left_out, left) {
			struct buf *line = &page_item(section, 1)->head;
			buf_puts(line, "  ");
			line_quoted(line, left->path);
			buf_puts(line, "  ");
			line_quoted(line, left->why);
			buf_puts(line, "\n");
		}
	}
	page_drop_empty(&writer->page);
}

static void guards_section(struct writer *writer)
{
	static const struct {
		unsigned bit;
		const char *what;
	} guards[] = {
		{PLAT_GUARD_UID, "a user id of its own (is this run by root?)"},
		{PLAT_GUARD_ROOT, "an empty root directory"},
		{PLAT_GUARD_NNP, "no way to gain privileges"},
		{PLAT_GUARD_LIMITS, "limits on memory and processor time"},
		{PLAT_GUARD_CALLS, "a filter of system calls"},
		{PLAT_GUARD_LANDLOCK, "Landlock (is the kernel older than 5.13?)"},
	};
	const struct detect_stats *stats = &writer->outcome->stats;
	struct page_section *section = page_section(
		&writer->page, "PROTECTIONS THE FILE-PARSING WORKERS HAD TO DO WITHOUT", 0);
	/* Without a file examined no worker ever told what it has. */
	for (size_t i = 0; stats->files && i < sizeof guards / sizeof *guards; i++)
		if (!(stats->guards & guards[i].bit))
			buf_printf(&page_item(section, 1)->head, "  %s\n", guards[i].what);
	page_drop_empty(&writer->page);
}

static void add_intro(struct writer *writer)
{
	const struct outcome *outcome = writer->outcome;
	struct buf *out = &writer->page.intro;
	char number[28], size[16];
	if (outcome->guest) {
		buf_puts(out, "  guest      ");
		line_quoted(out, outcome->guest->live ? "this machine" : outcome->guest->root);
		if (outcome->guest->distribution) {
			buf_puts(out, ", ");
			line_quoted(out, outcome->guest->distribution);
		}
		buf_puts(out, "\n");
	}
	if (writer->options->rules) {
		buf_puts(out, "  policy     ");
		line_quoted(out, writer->options->rules->policy.name);
		buf_puts(out, "\n");
	}
	if (outcome->files) {
		buf_printf(out, "  looked at  %s files, ", str_count(outcome->files, number));
		buf_printf(out, "%s in %.1f s\n", str_bytes(outcome->bytes, size),
			   (double)outcome->elapsed_ms / 1000);
	}
}

static unsigned usable_width(const struct report_options *options)
{
	if (options->width < WIDTH_LEAST)
		return options->width ? WIDTH_LEAST : 96;
	return options->width > WIDTH_MOST ? WIDTH_MOST : options->width;
}

static const char *planned_title(const struct outcome *outcome)
{
	if (outcome->mode == ENGINE_CLEAN)
		return "NOT DONE YET";
	return outcome->mode == ENGINE_SCAN ? "CLEAN WOULD DO" : "STILL THERE";
}

static void add_sections(struct writer *writer)
{
	const struct outcome *outcome = writer->outcome;
	const struct plan *stay = tally_findings(outcome);
	bool cleaning = outcome->mode == ENGINE_CLEAN;
	if (outcome->plan)
		step_section(writer, "REFUSED OR FAILED", 1, outcome->plan, is_refused);
	if (stay)
		finding_section(writer, "FINDINGS THAT STAY: A HUMAN HAS TO DECIDE", 1, stay,
				tally_is_stay);
	if (outcome->left)
		step_section(writer, "THERE AGAIN AFTER CLEANING", 1, outcome->left, any_step);
	if (stay)
		finding_section(writer, "COULD NOT BE EXAMINED", 1, stay, is_unexamined);
	if (outcome->plan) {
		step_section(writer, planned_title(outcome), cleaning ? 1 : 0, outcome->plan,
			     is_planned);
		step_section(writer, "DONE", 0, outcome->plan, is_done);
		provision_section(writer);
	}
	if (stay)
		finding_section(writer, "NOTES", 0, stay, is_note);
	if (stay)
		slight_section(writer, stay);
	left_out_section(writer);
	guards_section(writer);
}

void text_write(const struct outcome *outcome, const struct report_options *options,
		struct buf *out)
{
	_cleanup_(buf_free) struct buf verdict = {0};
	struct writer writer = {
		.outcome = outcome, .options = options, .width = usable_width(options)};
	tally_line(outcome, options, &verdict);
	if (options->verbosity < 0) {
		buf_printf(out, "%s\n", buf_text(&verdict));
		return;
	}
	add_intro(&writer);
	add_sections(&writer);
	next_steps(outcome, options, writer.width, &writer.page);
	page_print(&writer.page, buf_text(&verdict), options, out);
	page_free(&writer.page);
}

void text_write_plan(const struct plan *plan, const struct guest *guest,
		     const struct report_options *options, struct buf *out)
{
	/* Only looked at: the writer frees nothing of an outcome. */
	struct outcome outcome = {.mode = ENGINE_SCAN,
				  .plan = (struct plan *)(uintptr_t)plan,
				  .guest = (struct guest *)(uintptr_t)guest};
	_cleanup_(buf_free) struct buf verdict = {0};
	struct writer writer = {
		.outcome = &outcome, .options = options, .width = usable_width(options)};
	buf_puts(&verdict, "imgsan clean: ");
	tally_plural(&verdict, plan->steps.n, "step");
	buf_puts(&verdict, " to do");
	add_intro(&writer);
	add_sections(&writer);
	page_print(&writer.page, buf_text(&verdict), options, out);
	page_free(&writer.page);
}
