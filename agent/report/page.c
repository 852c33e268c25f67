/* SPDX-License-Identifier: MIT */
#include "report/page.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "report/line.h"

#define LONGEST_NAME 60 /* in a list; of a hostile one the middle is left out */
#define SHORTENED                                                                      \
	"(Shortened. imgsan explain NAME says why and what to do; -v --max-output 0\n" \
	"prints all, --report FILE writes it.)\n"

struct page_section *page_section(struct page *page, const char *title, unsigned weight)
{
	struct page_section *section = vec_add(&page->sections);
	section->title = title;
	section->weight = weight;
	return section;
}

struct page_item *page_item(struct page_section *section, const char *name, size_t count)
{
	struct page_item *item = vec_add(&section->items);
	line_quoted_in(&item->name, name, LONGEST_NAME);
	item->count = count;
	return item;
}

static void section_free(struct page_section *section)
{
	vec_each(&section->items, item) {
		buf_free(&item->name);
		buf_free(&item->row);
		buf_free(&item->detail);
	}
	vec_free(&section->items);
	buf_free(&section->remark);
	buf_free(&section->lead);
}

void page_drop_empty(struct page *page)
{
	struct page_section *last = &page->sections.v[page->sections.n - 1];
	if (last->items.n || last->lead.len)
		return;
	section_free(last);
	page->sections.n--;
}

/* ---- a section ---- */

/* How much of two names is compared: all, or with families the first word. */
static size_t compared(const struct page_section *section, const char *name)
{
	size_t word = strcspn(name, "-");
	return section->list == PAGE_FAMILIES && name[word] ? word + 1 : strlen(name) + 1;
}

/* Names that follow each other and are taken together; *at is left behind them. */
static void add_name(const struct page_section *section, size_t *at, struct buf *out)
{
	const struct page_item *first = &section->items.v[*at];
	const char *name = buf_text(&first->name);
	size_t len = compared(section, name), places = 0;
	bool same = true;
	for (; *at < section->items.n; ++*at) {
		const struct page_item *item = &section->items.v[*at];
		if (item->severity != first->severity ||
		    strncmp(buf_text(&item->name), name, len) != 0)
			break;
		same &= strcmp(buf_text(&item->name), name) == 0;
		places += item->count;
	}
	if (same)
		buf_puts(out, name);
	else
		buf_printf(out, "%.*s*", (int)len, name);
	if (places > 1)
		buf_printf(out, " (%zu)", places);
}

/* The items without a row, one list for each severity. */
static void print_names(const struct page_section *section,
			const struct report_options *options, unsigned width, struct buf *out)
{
	for (size_t at = section->rows; at < section->items.n;) {
		enum severity severity = section->items.v[at].severity;
		unsigned indent = section->graded ? LINE_INDENT : 2, column = indent;
		if (section->graded)
			line_severity(out, severity, options->color);
		else
			buf_printf(out, "%*s", (int)indent, "");
		for (bool first = true;
		     at < section->items.n && section->items.v[at].severity == severity;
		     first = false) {
			_cleanup_(buf_free) struct buf name = {0};
			add_name(section, &at, &name);
			line_next(out, &column, indent, first ? "" : ", ", buf_text(&name),
				  width);
		}
		buf_puts(out, "\n");
	}
}

static void print_count(const struct page_section *section, struct buf *out)
{
	char number[28];
	size_t left = 0;
	for (size_t i = section->rows; i < section->items.n; i++)
		left += section->items.v[i].count;
	if (left && (section->rows || !section->lead.len))
		buf_printf(out, "  ... %s%s\n", str_count(left, number),
			   section->rows ? " more" : " in all");
}

static void print_section(const struct page_section *section,
			  const struct report_options *options, unsigned width, struct buf *out)
{
	const char *bold = options->color ? "\033[1m" : "";
	const char *plain = options->color ? "\033[0m" : "";
	buf_printf(out, "\n%s%s%s%s\n", bold, section->title, plain,
		   buf_text(&section->remark));
	buf_puts(out, buf_text(&section->lead));
	for (size_t i = 0; i < section->rows; i++) {
		const struct page_item *item = &section->items.v[i];
		if (section->graded)
			line_severity(out, item->severity, options->color);
		buf_puts(out, buf_text(&item->row));
		if (i < section->details)
			buf_puts(out, buf_text(&item->detail));
	}
	if (section->list == PAGE_COUNT)
		print_count(section, out);
	else
		print_names(section, options, width, out);
}

/* ---- making it fit ---- */

struct room {
	size_t bytes, rows;
};

static void take_text(struct room *used, const char *text, unsigned width)
{
	used->bytes += strlen(text);
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		used->rows += len ? (len + width - 1) / width : 1;
		line += len + (line[len] != 0);
	}
}

static struct room section_size(const struct page_section *section,
				const struct report_options *options, unsigned width)
{
	_cleanup_(buf_free) struct buf text = {0};
	struct room size = {0};
	print_section(section, options, width, &text);
	take_text(&size, buf_text(&text), width);
	return size;
}

struct fitting {
	struct page *page;
	const struct report_options *options;
	unsigned width;
	struct room most, used;
};

static bool fits(const struct fitting *f)
{
	return f->used.bytes <= f->most.bytes && f->used.rows <= f->most.rows;
}

/* What a change of a section makes of the whole; taken back if that is too much. */
static bool try(struct fitting *f, struct page_section *section, enum page_list list,
		size_t rows, size_t details)
{
	struct page_section was = *section;
	struct room used = f->used;
	struct room before = section_size(section, f->options, f->width), after;
	section->list = list;
	section->rows = rows;
	section->details = details;
	after = section_size(section, f->options, f->width);
	f->used.bytes += after.bytes - before.bytes;
	f->used.rows += after.rows - before.rows;
	if (fits(f))
		return true;
	*section = was;
	f->used = used;
	return false;
}

static void grow_names(struct fitting *f, struct page_section *section)
{
	if (section->list == PAGE_FAMILIES)
		try(f, section, PAGE_NAMES, section->rows, section->details);
}

static void grow_rows(struct fitting *f, struct page_section *section)
{
	while (section->rows < section->items.n &&
	       try(f, section, section->list, section->rows + 1, section->details))
		;
}

static void grow_details(struct fitting *f, struct page_section *section)
{
	while (section->details < section->rows &&
	       try(f, section, section->list, section->rows, section->details + 1))
		;
}

typedef void growth(struct fitting *f, struct page_section *section);

/* The sections from the heaviest down to those of weight `least`. */
static void grow(struct fitting *f, growth *how, unsigned least)
{
	for (unsigned weight = PAGE_HEAVIEST + 1; weight-- > least;)
		vec_each(&f->page->sections, section)
			if (section->weight == weight)
				how(f, section);
}

static void add_size(struct fitting *f, const struct page_section *section)
{
	struct room size = section_size(section, f->options, f->width);
	f->used.bytes += size.bytes;
	f->used.rows += size.rows;
}

static void take_size(struct fitting *f, const struct page_section *section)
{
	struct room size = section_size(section, f->options, f->width);
	f->used.bytes -= size.bytes;
	f->used.rows -= size.rows;
}

/* Even the lists are too much: the lightest are counted, then left out. */
static void shrink(struct fitting *f)
{
	struct page *page = f->page;
	for (unsigned weight = 0; weight <= PAGE_HEAVIEST; weight++)
		for (size_t i = page->sections.n; i-- > 0 && !fits(f);) {
			struct page_section *section = &page->sections.v[i];
			if (section->weight != weight)
				continue;
			take_size(f, section);
			section->list = PAGE_COUNT;
			add_size(f, section);
		}
	if (!fits(f)) {
		struct room intro = {0};
		take_text(&intro, buf_text(&page->intro), f->width);
		f->used.bytes -= intro.bytes;
		f->used.rows -= intro.rows;
		buf_cut(&page->intro, 0);
	}
	while (page->sections.n && !fits(f)) {
		struct page_section *last = &page->sections.v[--page->sections.n];
		take_size(f, last);
		section_free(last);
		page->cut = true;
	}
}

static void show_all(struct page *page)
{
	vec_each(&page->sections, section) {
		section->list = PAGE_NAMES;
		section->rows = section->details = section->items.n;
	}
}

static void fit(struct fitting *f)
{
	if (f->most.bytes == SIZE_MAX && f->most.rows == SIZE_MAX) {
		show_all(f->page); /* to try each item would take its square */
		return;
	}
	vec_each(&f->page->sections, section) {
		section->list = section->counted ? PAGE_COUNT : PAGE_FAMILIES;
		add_size(f, section);
	}
	shrink(f);
	grow(f, grow_names, PAGE_HEAVIEST);
	grow(f, grow_rows, PAGE_HEAVIEST);
	grow(f, grow_names, 0);
	grow(f, grow_rows, 0);
	grow(f, grow_details, 0);
}

static bool is_shortened(const struct page *page)
{
	vec_each(&page->sections, section)
		if (section->details < section->items.n)
			return true;
	return page->cut;
}

void page_print(struct page *page, const char *verdict, const struct report_options *options,
		unsigned width, struct buf *out)
{
	const char *bold = options->color ? "\033[1m" : "";
	const char *plain = options->color ? "\033[0m" : "";
	_cleanup_(buf_free) struct buf line = {0};
	buf_printf(&line, "%s%s%s\n", bold, verdict, plain);

	struct report_options measured = *options;
	measured.color = false; /* it takes no room */
	struct fitting f = {page,
			    &measured,
			    width,
			    {options->most ? options->most : SIZE_MAX,
			     options->rows ? options->rows : SIZE_MAX},
			    {.bytes = 1, .rows = 1}}; /* the empty line before the last */
	take_text(&f.used, verdict, width);
	take_text(&f.used, verdict, width);
	f.used.bytes += 2 * (line.len - strlen(verdict));
	struct room frame = f.used;
	take_text(&f.used, buf_text(&page->intro), width);
	take_text(&f.used, SHORTENED, width);
	fit(&f);
	buf_puts(out, buf_text(&line));
	buf_puts(out, buf_text(&page->intro));
	vec_each(&page->sections, section)
		print_section(section, options, width, out);
	buf_puts(out, "\n");
	bool room = frame.bytes + page->intro.len + sizeof SHORTENED <= f.most.bytes;
	if (is_shortened(page) && room)
		buf_puts(out, SHORTENED);
	buf_puts(out, buf_text(&line));
}

void page_free(struct page *page)
{
	vec_each(&page->sections, section)
		section_free(section);
	vec_free(&page->sections);
	buf_free(&page->intro);
}
