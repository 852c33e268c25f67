/* SPDX-License-Identifier: MIT */
/* A page of sections that can be made to fit: what matters least goes first, and
 * the page says how much went. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/report.h"

#define PAGE_HEAVIEST 2

struct page_item {
	struct buf head;   /* stays as long as the item does */
	struct buf detail; /* may go before the item does */
	size_t count;	   /* how many places it stands for */
};

struct page_section {
	const char *title;
	struct buf remark;	     /* behind the title */
	unsigned weight;	     /* 0..PAGE_HEAVIEST; lighter ones are shortened first */
	VEC(struct page_item) items; /* worst first */
	size_t dropped;		     /* places in items that went */
};

struct page {
	struct buf intro;		   /* a few lines below the verdict */
	VEC(struct page_section) sections; /* in reading order */
	bool shortened;
};

/* The new element is valid until the next one is made. */
struct page_section *page_section(struct page *page, const char *title, unsigned weight);
struct page_item *page_item(struct page_section *section, size_t count);
/* Takes the last section back when it has no item. */
void page_drop_empty(struct page *page);

/* `verdict` is the first and the last line; only they may exceed options->most. */
void page_print(struct page *page, const char *verdict, const struct report_options *options,
		struct buf *out);
void page_free(struct page *page);

#endif
