/* SPDX-License-Identifier: MIT */
/* Which table each page of a database belongs to, as its trees say.
 *
 *     struct owners owners = {.pages = &pages, .is_over = ..., .context = ...};
 *     owners_find(&owners);
 *     table = owners_table(&owners, slot);     NULL: none has the page
 *     owners_clear(&owners);
 *
 * The trees are gone down as far as their inner pages: all leaves are at one depth. */
#ifndef DETECT_OWNERS_H
#define DETECT_OWNERS_H

#include "detect/pages.h"
#include "detect/schema.h"

struct owners {
	const struct pages *pages;
	bool (*is_over)(void *context); /* true: stop */
	void *context;
	struct schema schema;
	uint16_t *owner; /* by slot: index of the table + 1 */
	uint8_t *free;	 /* bits by slot: in the list of free pages */
	uint8_t *spare;	 /* a page for whoever needs one for a moment */
	bool damaged;	 /* a tree or the list is not as it should be */
};

void owners_find(struct owners *owners);
void owners_clear(struct owners *owners);
const struct table *owners_table(const struct owners *owners, uint32_t slot);

/* ---- bits by slot ---- */

static inline bool bit_get(const uint8_t *bits, uint32_t at)
{
	return bits[at / 8] >> at % 8 & 1;
}

static inline void bit_set(uint8_t *bits, uint32_t at)
{
	bits[at / 8] |= (uint8_t)(1u << at % 8);
}

/* ---- a page of a tree ---- */

struct tree_page {
	uint32_t slot;
	const uint8_t *page;
	size_t head;	/* where the page's own head begins */
	unsigned type;	/* SQLITE_TABLE_LEAF... */
	size_t places;	/* of the cells' addresses */
	unsigned count; /* of cells */
};

/* False: this is no page of a tree. */
bool tree_page_open(const struct pages *pages, uint32_t slot, const uint8_t *page,
		    struct tree_page *ret);
/* The cell's bytes up to the page's end, at least four; false when it lies outside. */
bool tree_page_cell(const struct pages *pages, const struct tree_page *page, unsigned i,
		    struct bytes *ret);

#endif
