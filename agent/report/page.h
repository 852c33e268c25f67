/* SPDX-License-Identifier: MIT */
/* A page of sections that can be made to fit. An item is shown as a name in a list,
 * as a row of its own, or as a row with lines below it; in a list, names that begin
 * with the same word may stand as one, "github-* (6)". A page begins with the
 * lists; then rows and lines come in, the heaviest section first and in it the
 * worst item, as long as there is room. So nothing is left out for being last, it
 * is only said in fewer words. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/vec.h"
#include "report/report.h"

#define PAGE_HEAVIEST 3

struct page_item {
	enum severity severity;
	struct buf name;   /* printable ASCII */
	struct buf row;	   /* with its line end; the severity stands before it */
	struct buf detail; /* lines below the row; may be empty */
	size_t count;	   /* how many places it stands for */
};

/* How the items without a row stand. */
enum page_list { PAGE_COUNT, PAGE_FAMILIES, PAGE_NAMES };

struct page_section {
	const char *title;
	struct buf remark;	     /* behind the title */
	struct buf lead;	     /* lines that stand below it in any case */
	unsigned weight;	     /* 0..PAGE_HEAVIEST */
	bool counted;		     /* items without a row are only counted, never named */
	bool graded;		     /* rows and lists begin with the severity */
	VEC(struct page_item) items; /* worst first */
	/* Set by page_print: so many items show a row, and lines. */
	size_t rows, details;
	enum page_list list;
};

struct page {
	struct buf intro;		   /* a few lines below the verdict */
	VEC(struct page_section) sections; /* in reading order */
	bool cut;			   /* set by page_print: sections are missing */
};

/* The new element is valid until the next one is made. */
struct page_section *page_section(struct page *page, const char *title, unsigned weight);
struct page_item *page_item(struct page_section *section, const char *name, size_t count);
/* Takes the last section back when it says nothing. */
void page_drop_empty(struct page *page);

/* `verdict` is the first and the last line; only they may exceed options->most.
 * Lists are broken at `width`. */
void page_print(struct page *page, const char *verdict, const struct report_options *options,
		unsigned width, struct buf *out);
void page_free(struct page *page);

#endif
