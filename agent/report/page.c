/* SPDX-License-Identifier: MIT */
#include "report/page.h"

#include "base/str.h"

#define FOOTER_ROOM 64 /* "  ... 12,345 more" of one section, at most */
#define SHORTENED \
	"(Shortened to fit; --report FILE writes everything, --max-output 0 prints it.)\n"

struct page_section *page_section(struct page *page, const char *title, unsigned weight)
{
	struct page_section *section = vec_add(&page->sections);
	section->title = title;
	section->weight = weight;
	return section;
}

struct page_item *page_item(struct page_section *section, size_t count)
{
	struct page_item *item = vec_add(&section->items);
	item->count = count;
	return item;
}

static void item_free(struct page_item *item)
{
	buf_free(&item->head);
	buf_free(&item->detail);
}

static void section_free(struct page_section *section)
{
	vec_each(&section->items, item)
		item_free(item);
	vec_free(&section->items);
	buf_free(&section->remark);
}

void page_drop_empty(struct page *page)
{
	struct page_section *last = &page->sections.v[page->sections.n - 1];
	if (last->items.n)
		return;
	section_free(last);
	page->sections.n--;
}

static size_t section_size(const struct page_section *section)
{
	size_t size = strlen(section->title) + section->remark.len + FOOTER_ROOM;
	vec_each(&section->items, item)
		size += item->head.len + item->detail.len;
	return size;
}

static size_t page_size(const struct page *page)
{
	size_t size = page->intro.len + sizeof SHORTENED;
	vec_each(&page->sections, section)
		size += section_size(section);
	return size;
}

static void strip_details(struct page_section *section, size_t most, size_t *size)
{
	for (size_t i = section->items.n; i-- > 0 && *size > most;) {
		struct page_item *item = &section->items.v[i];
		*size -= item->detail.len;
		buf_free(&item->detail);
	}
}

static void drop_items(struct page_section *section, size_t most, size_t *size)
{
	while (section->items.n && *size > most) {
		struct page_item *last = &section->items.v[section->items.n - 1];
		*size -= last->head.len + last->detail.len;
		section->dropped += last->count;
		item_free(last);
		section->items.n--;
	}
}

/* A section of which nothing but its title would be left goes whole. */
static void drop_sections(struct page *page, size_t most, size_t *size)
{
	while (page->sections.n && *size > most) {
		struct page_section *last = &page->sections.v[page->sections.n - 1];
		*size -= section_size(last);
		section_free(last);
		page->sections.n--;
	}
}

static void fit(struct page *page, size_t most)
{
	size_t size = page_size(page);
	if (size <= most)
		return;
	page->shortened = true;
	for (unsigned weight = 0; weight <= PAGE_HEAVIEST; weight++) {
		for (size_t i = page->sections.n; i-- > 0;)
			if (page->sections.v[i].weight == weight)
				strip_details(&page->sections.v[i], most, &size);
		for (size_t i = page->sections.n; i-- > 0;)
			if (page->sections.v[i].weight == weight)
				drop_items(&page->sections.v[i], most, &size);
	}
	drop_sections(page, most, &size);
	if (size > most)
		buf_cut(&page->intro, 0);
}

static void print_section(const struct page_section *section, bool color, struct buf *out)
{
	char number[28];
	buf_printf(out, "\n%s%s%s%s\n", color ? "\033[1m" : "", section->title,
		   color ? "\033[0m" : "", buf_text(&section->remark));
	vec_each(&section->items, item) {
		buf_puts(out, buf_text(&item->head));
		buf_puts(out, buf_text(&item->detail));
	}
	if (section->dropped)
		buf_printf(out, "  ... %s%s\n", str_count(section->dropped, number),
			   section->items.n ? " more" : ", not shown");
}

void page_print(struct page *page, const char *verdict, const struct report_options *options,
		struct buf *out)
{
	const char *bold = options->color ? "\033[1m" : "";
	const char *plain = options->color ? "\033[0m" : "";
	_cleanup_(buf_free) struct buf line = {0};
	buf_printf(&line, "%s%s%s\n", bold, verdict, plain);

	if (options->most)
		fit(page, options->most > 2 * line.len ? options->most - 2 * line.len - 1 : 0);
	buf_puts(out, buf_text(&line));
	buf_puts(out, buf_text(&page->intro));
	vec_each(&page->sections, section)
		print_section(section, options->color, out);
	buf_puts(out, "\n");
	if (page->shortened &&
	    (!options->most || out->len + sizeof SHORTENED + line.len <= options->most))
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
