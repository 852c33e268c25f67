/* SPDX-License-Identifier: MIT */
#include "report/text.h"

#include "base/str.h"
#include "report/line.h"
#include "report/next.h"
#include "report/sysprep.h"
#include "report/tally.h"
#include "report/writer.h"
#include "rules/rules.h"

#define EXAMPLES 3
#define LONGEST_ROW 400	 /* of a path with -v: a hostile one has no end */
#define LONGEST_TITLE 80 /* of what a guest calls its distribution */
#define WIDTH_LEAST 60
#define WIDTH_PLAIN 80 /* where there is no terminal */
#define WIDTH_MOST 110

/* ---- what the parts share ---- */

bool writer_tells_all(const struct writer *writer)
{
	const struct report_options *options = writer->options;
	return options->verbosity > 0 || (!options->most && !options->rows);
}

size_t writer_room(const struct writer *writer, size_t column)
{
	if (writer->options->verbosity > 0)
		return LONGEST_ROW;
	return column < writer->width ? writer->width - column : 0;
}

size_t writer_places(const struct writer *writer, size_t count)
{
	/* A list that is longer than the page would not stand there at all. */
	bool all = writer->options->verbosity > 0 && !writer->options->most;
	/* One more line would not be longer than saying that it is left out. */
	return all || count <= EXAMPLES + 1 ? count : EXAMPLES;
}

void writer_more(struct buf *out, size_t shown, size_t count)
{
	char number[28];
	if (shown < count)
		buf_printf(out, "%*s... %s more\n", LINE_INDENT, "",
			   str_count(count - shown, number));
}

void writer_sentence(const struct writer *writer, const char *text, struct buf *out)
{
	if (text && *text)
		line_wrapped(out, LINE_INDENT, "", text, writer->width);
}

struct report_item writer_item(const struct writer *writer, const char *name)
{
	struct report_item item = {0};
	if (writer->options->item)
		writer->options->item(writer->options->rules, name, &item);
	return item;
}

/* ---- steps ---- */

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

/* ---- findings ---- */

/* Path, member and line, with the middle left out where there is no room. */
static void add_place(const struct finding *finding, size_t room, struct buf *out)
{
	_cleanup_(buf_free) struct buf place = {0};
	buf_puts(&place, *finding->path ? finding->path : "(the whole guest)");
	if (finding->member)
		buf_printf(&place, " > %s", finding->member);
	if (finding->line)
		buf_printf(&place, ":%u", finding->line);
	if (finding->codings) {
		buf_puts(&place, " (");
		codings_text(finding->codings, &place);
		buf_puts(&place, ")");
	}
	if (finding->partner.name)
		buf_printf(&place, ", its id %s%sat line %u",
			   str_or(finding->partner.shown, ""),
			   finding->partner.shown ? "... " : "", finding->partner.line);
	line_place_in(out, buf_text(&place), room);
	buf_puts(out, "\n");
}

static void add_head(const struct writer *writer, const struct group *group, struct buf *out)
{
	const struct finding *first = group->findings.v[0];
	char size[16];
	line_quoted(out, group->name);
	if (first->shown) {
		buf_puts(out, "  ");
		line_quoted(out, first->shown);
		buf_puts(out, "...");
	}
	if (group->findings.n > 1)
		buf_printf(out, " (%zu)", group->findings.n);
	if (tally_is_data(first))
		buf_printf(out, "  %s", str_bytes(group->bytes, size));
	buf_puts(out, "  ");
	add_place(first, writer_room(writer, LINE_INDENT + out->len), out);
}

static void add_places(const struct writer *writer, const struct group *group, struct buf *out)
{
	size_t shown = writer_places(writer, group->findings.n);
	for (size_t i = 1; i < shown; i++) {
		buf_printf(out, "%*s", LINE_INDENT, "");
		add_place(group->findings.v[i], writer_room(writer, LINE_INDENT), out);
	}
	writer_more(out, shown, group->findings.n);
}

/* The same secret in forty files is one secret. */
void writer_secrets(const struct group *group, struct buf *out)
{
	size_t places, secrets = group_secrets(group, &places);
	if (places < 2)
		return;
	buf_printf(out, "%*s", LINE_INDENT, "");
	tally_secrets(out, secrets, places);
	buf_puts(out, "\n");
}

static void add_finding_group(const struct writer *writer, struct page_section *section,
			      const struct group *group)
{
	const struct finding *first = group->findings.v[0];
	struct report_item about = writer_item(writer, group->name);
	struct page_item *item = page_item(section, group->name, group->findings.n);
	struct buf *detail = &item->detail;
	item->severity = group->severity;
	add_head(writer, group, &item->row);
	add_places(writer, group, detail);
	if (first->kind == FINDING_SECRET)
		writer_secrets(group, detail);
	if (first->kind == FINDING_SECRET && first->confidence == CONFIDENCE_LOW)
		writer_sentence(writer, "It may be none: confidence low.", detail);
	writer_sentence(writer, first->text, detail);
	if (writer_tells_all(writer) || !about.advice)
		writer_sentence(writer,
				about.why     ? about.why
				: first->text ? NULL
					      : about.title,
				detail);
	writer_sentence(writer, about.advice, detail);
}

static void finding_section(struct writer *writer, const char *title, unsigned weight,
			    const struct plan *plan, group_finding_filter *filter)
{
	_cleanup_(group_free) group_list found = {0};
	size_t places = 0;
	struct page_section *section = page_section(&writer->page, title, weight);
	group_findings(plan, filter, &found);
	section->graded = true;
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
		struct buf *line = &section->lead;
		buf_puts(line, "  ");
		tally_plural(line, tally.slight, "place");
		buf_puts(line, " in unchanged files of packages or of low confidence (-v)\n");
	}
}

static void left_out_section(struct writer *writer)
{
	const struct guest *guest = writer->outcome->guest;
	struct page_section *section = page_section(&writer->page, "NOT LOOKED AT", 1);
	if (guest) {
		vec_each(&guest->left_out, left) {
			struct buf *line = &page_item(section, left->path, 1)->row;
			buf_puts(line, "  ");
			line_place_in(line, left->path,
				      writer_room(writer, 4 + strlen(left->why)));
			buf_puts(line, "  ");
			line_quoted(line, left->why);
			buf_puts(line, "\n");
		}
	}
	page_drop_empty(&writer->page);
}

static void guards_section(struct writer *writer)
{
	const struct detect_stats *stats = &writer->outcome->stats;
	struct page_section *section = page_section(
		&writer->page, "PROTECTIONS THE FILE-PARSING WORKERS HAD TO DO WITHOUT", 0);
	/* Without a file examined no worker ever told what it has. */
	for (unsigned bit = 1; stats->files && bit <= PLAT_GUARD_LANDLOCK; bit <<= 1) {
		const char *text = plat_guard_text(bit);
		if (text && !(stats->guards & bit))
			buf_printf(&section->lead, "  %s\n", text);
	}
	page_drop_empty(&writer->page);
}

/* Which guest, which policy, how much: on one line where that is wide enough. */
static void add_intro(struct writer *writer)
{
	const struct outcome *outcome = writer->outcome;
	_cleanup_(buf_free) struct buf text = {0};
	char number[28], size[16];
	if (outcome->guest) {
		buf_puts(&text, outcome->guest->live ? "this machine" : outcome->guest->root);
		if (outcome->guest->distribution)
			buf_printf(&text, ", %.*s", LONGEST_TITLE,
				   outcome->guest->distribution);
	}
	if (writer->options->rules)
		buf_printf(&text, "%spolicy %s", text.len ? "; " : "",
			   writer->options->rules->policy.name);
	if (outcome->files) {
		buf_printf(&text, "%slooked at %s files, ", text.len ? "; " : "",
			   str_count(outcome->files, number));
		buf_printf(&text, "%s in %.1f s", str_bytes(outcome->bytes, size),
			   (double)outcome->elapsed_ms / 1000);
	}
	if (text.len)
		line_wrapped(&writer->page.intro, 2, "", buf_text(&text), writer->width);
}

static unsigned usable_width(const struct report_options *options)
{
	if (options->width < WIDTH_LEAST)
		return options->width ? WIDTH_LEAST : WIDTH_PLAIN;
	return options->width > WIDTH_MOST ? WIDTH_MOST : options->width;
}

static const char *planned_title(const struct outcome *outcome)
{
	if (outcome->mode == ENGINE_CLEAN)
		return "NOT DONE YET";
	return outcome->mode == ENGINE_SCAN ? "CLEAN WOULD DO" : "STILL THERE";
}

static unsigned planned_weight(const struct outcome *outcome)
{
	return outcome->mode == ENGINE_SCAN ? 1 : outcome->mode == ENGINE_CLEAN ? 2 : 3;
}

/* What went wrong and what somebody has to do stands before what was done. */
static void add_sections(struct writer *writer)
{
	const struct outcome *outcome = writer->outcome;
	const struct plan *stay = tally_findings(outcome), *plan = outcome->plan;
	sysprep_section(writer);
	if (plan)
		steps_section(writer, "REFUSED OR FAILED", 3, plan, is_refused);
	if (stay)
		finding_section(writer, "FINDINGS THAT STAY: A HUMAN HAS TO DECIDE", 3, stay,
				tally_is_stay);
	if (outcome->left)
		steps_section(writer, "THERE AGAIN AFTER CLEANING", 3, outcome->left, any_step);
	if (stay)
		finding_section(writer, "COULD NOT BE EXAMINED", 3, stay, is_unexamined);
	if (plan) {
		steps_revoke_section(writer);
		steps_provision_section(writer);
		steps_held_section(writer);
		steps_section(writer, planned_title(outcome), planned_weight(outcome), plan,
			      is_planned);
		steps_section(writer, "DONE", 1, plan, is_done);
	}
	if (stay)
		finding_section(writer, "DATA OF THIS MACHINE THAT STAYS", 1, stay,
				tally_is_data);
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
	next_steps(outcome, writer.width, &writer.page);
	page_print(&writer.page, buf_text(&verdict), options, writer.width, out);
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
	page_print(&writer.page, buf_text(&verdict), options, writer.width, out);
	page_free(&writer.page);
}
