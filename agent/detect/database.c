/* SPDX-License-Identifier: MIT */
/* The trees are gone down only so far that each page is known to belong to a table:
 * the schema first, then the inner pages. Then all images of pages are taken in the
 * order of the file: those of tables, those of indexes (which mostly repeat the
 * tables), and what belongs to nothing: free pages, images that a newer one replaced,
 * pages that a damaged tree lost. So every byte is read whatever the trees say, about
 * once, and no chain can be followed twice. */
#include "detect/database.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "detect/holding.h"
#include "detect/owners.h"
#include "detect/rows.h"

enum {
	HOLDING_MAX = 64 << 20,
	RECORD_MAX = 64 << 20, /* longer ones are cut; their rest is taken page by page */
};

struct database {
	struct examiner *examiner;
	const char *member;
	struct pages pages;
	struct owners owners;
	struct rows rows;
	uint8_t *taken; /* bits by slot: looked at */
};

static bool is_over(struct database *db)
{
	struct examiner *x = db->examiner;
	if (!x->stopped && x->tick && x->tick(x->context)) {
		x->stopped = true;
		examine_trouble(x, TROUBLE_TIME, db->member);
	}
	return x->stopped || x->told & 1u << TROUBLE_TOO_MANY;
}

/* A log or journal has not all pages; then nothing is wrong. */
static void tell_damaged(struct database *db)
{
	if (db->pages.form == PAGES_DATABASE)
		examine_trouble(db->examiner, TROUBLE_DATABASE, db->member);
}

/* ---- what a place is called ---- */

static void name_place(const struct row_place *place, struct buf *out, void *context)
{
	const struct database *db = context;
	uint32_t slot = place->slot;
	const struct table *table = owners_table(&db->owners, slot);
	if (db->pages.form != PAGES_DATABASE)
		buf_printf(out, "%s %u ", db->pages.form == PAGES_LOG ? "frame" : "record",
			   slot + 1);
	if (table)
		buf_printf(out, "%s %s ", table->is_index ? "index" : "table", table->name);
	if (!table || place->kind != ROW_RECORD)
		buf_printf(out, "page %u%s", pages_number(&db->pages, slot),
			   bit_get(db->owners.free, slot) ? " (free)" : "");
	if (place->kind == ROW_GAP)
		buf_puts(out, " (unallocated)");
	if (place->kind == ROW_CELL)
		buf_printf(out, " cell %u", (unsigned)place->number);
	if (place->kind == ROW_RECORD)
		buf_printf(out, "%srow %lld", table ? "" : " ", (long long)place->number);
}

/* ---- one page of a tree ---- */

struct leaf {
	struct tree_page tree;
	const struct table *table;
	bool again;  /* as in struct row_place */
	size_t used; /* by cells so far */
	bool failed;
};

/* Appends what the chain from this page on holds, each page once. */
static bool take_chain(struct database *db, uint32_t number, struct buf *record, uint64_t len)
{
	size_t room = db->pages.usable - 4;
	while (record->len < len && record->len < RECORD_MAX) {
		uint32_t slot = pages_slot(&db->pages, number);
		if (slot == NO_SLOT || bit_get(db->taken, slot) || db->owners.owner[slot] ||
		    !pages_read(&db->pages, slot, db->owners.spare))
			return false;
		bit_set(db->taken, slot);
		uint64_t left = len - record->len;
		size_t here = left < room ? (size_t)left : room;
		buf_add(record, db->owners.spare + 4, here);
		rows_add_raw(&db->rows, &(struct row_place){ROW_GAP, slot, 0, true},
			     (struct bytes){db->owners.spare + 4 + here, room - here});
		number = be32(db->owners.spare);
	}
	return record->len == len;
}

/* What there is of a long record that is not whole is better than nothing. */
static bool take_long(struct database *db, const struct leaf *leaf,
		      const struct row_place *place, struct bytes cell, size_t here,
		      uint64_t len)
{
	_cleanup_(buf_wipe) struct buf record = {0};
	if (cell.len < here + 4)
		return false;
	buf_add(&record, cell.at, here);
	bool whole = take_chain(db, be32(cell.at + here), &record, len);
	struct bytes bytes = {(uint8_t *)record.data, record.len};
	if (whole && rows_add(&db->rows, place, leaf->table, bytes))
		return true;
	rows_add_raw(&db->rows, place, bytes);
	return len > RECORD_MAX && record.len >= RECORD_MAX;
}

static bool take_cell(struct database *db, struct leaf *leaf, unsigned i)
{
	struct row_place place = {ROW_CELL, leaf->tree.slot, i + 1, leaf->again};
	struct bytes cell;
	uint64_t len;
	bool is_table = leaf->tree.type == SQLITE_TABLE_LEAF;
	if (!tree_page_cell(&db->pages, &leaf->tree, i, &cell))
		return false;
	if (leaf->tree.type == SQLITE_INDEX_INNER)
		cell = (struct bytes){cell.at + 4, cell.len - 4};
	if (!sqlite_varint(&cell, &len) || (is_table && !sqlite_varint(&cell, &place.number)) ||
	    !len)
		return false;
	if (is_table)
		place.kind = ROW_RECORD;
	size_t here = (size_t)sqlite_local_part(db->pages.usable, len, is_table);
	leaf->used += here;
	if (here > cell.len || leaf->used > db->pages.usable)
		return false;
	if (here < len)
		return take_long(db, leaf, &place, cell, here, len);
	return rows_add(&db->rows, &place, leaf->table, (struct bytes){cell.at, here});
}

static void take_cells(struct database *db, struct leaf *leaf)
{
	for (unsigned i = 0; leaf->tree.type != SQLITE_TABLE_INNER && i < leaf->tree.count; i++)
		leaf->failed |= !take_cell(db, leaf, i);
}

/* Deleted rows that nothing has overwritten yet: between the addresses and the first
 * cell, and in the list of free blocks. */
static void take_gaps(struct database *db, struct leaf *leaf)
{
	struct row_place place = {ROW_GAP, leaf->tree.slot, 0, true};
	size_t usable = db->pages.usable,
	       from = leaf->tree.places + 2 * (size_t)leaf->tree.count;
	size_t to = be16(leaf->tree.page + leaf->tree.head + 5);
	if (!to)
		to = SQLITE_PAGE_MAX;
	if (to > usable || from > to) {
		leaf->failed = true;
		return;
	}
	rows_add_raw(&db->rows, &place, (struct bytes){leaf->tree.page + from, to - from});
	for (size_t at = be16(leaf->tree.page + leaf->tree.head + 1), next; at; at = next) {
		size_t len = at + 4 <= usable ? be16(leaf->tree.page + at + 2) : 0;
		if (at < to || len < 4 || len > usable - at) {
			leaf->failed = true;
			return;
		}
		place.number = at;
		rows_add_raw(&db->rows, &place,
			     (struct bytes){leaf->tree.page + at + 4, len - 4});
		next = be16(leaf->tree.page + at);
		if (next && next < at + len)
			next = 0, leaf->failed = true;
	}
}

/* The page as it is. The number of the next page is no part of a long value: where
 * pages of a chain follow each other, the value stays whole. */
static void take_raw(struct database *db, uint32_t slot, const uint8_t *page)
{
	struct row_place place = {ROW_PAGE, slot, 0, true};
	struct bytes bytes = {page, db->pages.page_size};
	bool chained = be32(page) <= PAGES_MOST;
	if (chained)
		bytes = (struct bytes){page + 4, bytes.len - 4};
	rows_add_raw(&db->rows, &place, bytes);
}

static void take_owned(struct database *db, uint32_t slot, const uint8_t *page)
{
	struct leaf leaf = {0};
	bool good = tree_page_open(&db->pages, slot, page, &leaf.tree);
	if (good) {
		leaf.table = owners_table(&db->owners, slot);
		leaf.again = leaf.table->is_index;
		take_cells(db, &leaf);
		take_gaps(db, &leaf);
		good = !leaf.failed;
	}
	if (good)
		return;
	tell_damaged(db);
	take_raw(db, slot, page);
}

/* A page that no tree has: what looks like rows is read as rows, too. */
static void take_lost(struct database *db, uint32_t slot, const uint8_t *page)
{
	struct leaf leaf = {0};
	if (tree_page_open(&db->pages, slot, page, &leaf.tree) && leaf.tree.count) {
		leaf.table = owners_table(&db->owners, slot);
		leaf.again = true;
		take_cells(db, &leaf);
	}
	take_raw(db, slot, page);
}

/* ---- the whole ---- */

enum pass { PASS_TABLES, PASS_INDEXES, PASS_REST };

static bool is_for(const struct database *db, enum pass pass, uint32_t slot)
{
	unsigned owner = db->owners.owner[slot];
	if (pass == PASS_REST)
		return !owner && !bit_get(db->taken, slot);
	return owner &&
	       db->owners.schema.tables.v[owner - 1].is_index == (pass == PASS_INDEXES);
}

static void take_pages(struct database *db, enum pass pass)
{
	for (uint32_t slot = 0; slot < db->pages.count; slot++) {
		if (pass == PASS_REST)
			slot = pages_behind_hole(&db->pages, slot);
		if (slot == db->pages.count)
			return;
		if (!is_for(db, pass, slot))
			continue;
		if (is_over(db))
			return;
		const uint8_t *page = pages_look(&db->pages, slot);
		if (!page)
			examine_trouble(db->examiner, TROUBLE_READ, db->member);
		else if (pass == PASS_REST)
			take_lost(db, slot, page);
		else
			take_owned(db, slot, page);
	}
}

static bool check_over(void *context)
{
	return is_over(context);
}

static void take_all(struct database *db, unsigned depth)
{
	db->owners = (struct owners){.pages = &db->pages, .is_over = check_over, .context = db};
	db->taken = mem_alloc(db->pages.count / 8 + 1);
	owners_find(&db->owners);
	if (db->owners.damaged)
		tell_damaged(db);
	rows_begin(&db->rows, db->examiner, db->member, depth, name_place, db);
	db->rows.encoding = db->pages.encoding;
	take_pages(db, PASS_TABLES);
	take_pages(db, PASS_INDEXES);
	take_pages(db, PASS_REST);
	rows_end(&db->rows);
	owners_clear(&db->owners);
	free(db->taken);
}

/* What can not be taken apart is still part of a database. */
static void scan_whole(struct examiner *x, struct source *source, const char *member,
		       unsigned depth)
{
	struct rows rows;
	rows_begin(&rows, x, member, depth, NULL, NULL);
	examine_plain(x, source, member, depth);
	rows_end(&rows);
}

static void expand(struct examiner *x, struct source *source, enum pages_form form,
		   const char *member, unsigned depth)
{
	struct database db = {.examiner = x, .member = member};
	int r = pages_open(&db.pages, source, form);
	if (r == 0) {
		take_all(&db, depth);
	} else {
		examine_trouble(x, r == -EBADMSG ? TROUBLE_DATABASE : TROUBLE_READ, member);
		scan_whole(x, source, member, depth);
	}
	pages_close(&db.pages);
}

bool database_expand(struct examiner *x, struct source *source, const char *member,
		     unsigned depth)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	enum pages_form form = len > 0 ? pages_form_of(head, (size_t)len) : PAGES_NONE;
	if (!form)
		return false;
	if (!member && examine_unchanged(x, source))
		return true;
	if (depth >= x->limits.expand_depth) {
		examine_trouble(x, TROUBLE_DEPTH, member);
		return true;
	}
	struct holding held;
	int error = 0;
	bool whole = holding_take(&held, source, HOLDING_MAX, &error);
	if (error)
		examine_trouble(x, TROUBLE_DAMAGED, member);
	if (whole) {
		expand(x, &held.source, form, member, depth);
	} else {
		examine_trouble(x, TROUBLE_NESTED_SIZE, member);
		scan_whole(x, &held.source, member, depth);
	}
	holding_clear(&held);
	return true;
}
