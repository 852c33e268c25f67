/* SPDX-License-Identifier: MIT */
#include "detect/owners.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "detect/rows.h"

enum { SCHEMA = 1 /* owners count from 1: the schema is the first table */ };

/* ---- a page of a tree ---- */

static bool is_inner(unsigned type)
{
	return type == SQLITE_TABLE_INNER || type == SQLITE_INDEX_INNER;
}

bool tree_page_open(const struct pages *pages, uint32_t slot, const uint8_t *page,
		    struct tree_page *ret)
{
	size_t head = pages_number(pages, slot) == 1 ? SQLITE_FILE_HEAD : 0;
	unsigned type = page[head];
	if (type != SQLITE_TABLE_LEAF && type != SQLITE_INDEX_LEAF && !is_inner(type))
		return false;
	*ret = (struct tree_page){.slot = slot, .page = page, .head = head, .type = type};
	ret->places = head + (is_inner(type) ? 12 : 8);
	ret->count = be16(page + head + 3);
	return ret->count <= (pages->usable - ret->places) / 2;
}

bool tree_page_cell(const struct pages *pages, const struct tree_page *leaf, unsigned i,
		    struct bytes *ret)
{
	size_t at = be16(leaf->page + leaf->places + (size_t)2 * i);
	if (at < leaf->places || at + 4 > pages->usable)
		return false;
	*ret = (struct bytes){leaf->page + at, pages->usable - at};
	return true;
}

/* ---- which page belongs to which tree ---- */

static bool mark(struct owners *o, uint32_t number, uint16_t owner, uint32_t *ret_slot)
{
	*ret_slot = pages_slot(o->pages, number);
	if (*ret_slot == NO_SLOT || o->owner[*ret_slot])
		return false;
	o->owner[*ret_slot] = owner;
	return true;
}

static unsigned type_of(const uint8_t *page, uint32_t number)
{
	return page[number == 1 ? SQLITE_FILE_HEAD : 0];
}

static void mark_tree(struct owners *o, uint32_t number, uint16_t owner, unsigned depth);

/* All leaves of a tree are at one depth: the first child tells for its sisters
 * whether they have to be read. */
static void mark_children(struct owners *o, const struct tree_page *leaf, uint16_t owner,
			  unsigned depth)
{
	uint32_t number = be32(leaf->page + leaf->head + 8), slot;
	struct bytes cell;
	bool leaves = false;
	slot = pages_slot(o->pages, number);
	if (slot != NO_SLOT && pages_read(o->pages, slot, o->spare))
		leaves = !is_inner(type_of(o->spare, number));
	for (unsigned i = 0; i <= leaf->count; i++) {
		if (i < leaf->count && !tree_page_cell(o->pages, leaf, i, &cell)) {
			o->damaged = true;
			continue;
		}
		number = i < leaf->count ? be32(cell.at) : be32(leaf->page + leaf->head + 8);
		if (!leaves)
			mark_tree(o, number, owner, depth + 1);
		else if (!mark(o, number, owner, &slot))
			o->damaged = true;
	}
}

static void mark_tree(struct owners *o, uint32_t number, uint16_t owner, unsigned depth)
{
	struct tree_page leaf;
	uint32_t slot;
	if (o->is_over(o->context))
		return;
	if (depth > SQLITE_DEEPEST || !mark(o, number, owner, &slot)) {
		o->damaged = true;
		return;
	}
	_cleanup_free_ uint8_t *page = mem_alloc(o->pages->page_size);
	if (!pages_read(o->pages, slot, page) || !tree_page_open(o->pages, slot, page, &leaf))
		o->damaged = true;
	else if (is_inner(leaf.type))
		mark_children(o, &leaf, owner, depth);
	mem_wipe(page, o->pages->page_size);
}

/* ---- the schema ---- */

static uint32_t number_in(uint64_t type, struct bytes value)
{
	uint32_t number = type == 9; /* the number 1 itself */
	for (size_t i = 0; type > 0 && type < 7 && i < value.len; i++)
		number = number << 8 | value.at[i];
	return number;
}

static struct bytes text_in(const struct owners *o, struct bytes value, struct buf *out)
{
	bool big = o->pages->encoding == SQLITE_UTF16_BE;
	if (o->pages->encoding < SQLITE_UTF16_LE)
		return value;
	for (size_t i = big; i < value.len; i += 2)
		buf_add(out, value.at + i, 1);
	return (struct bytes){(const uint8_t *)buf_text(out), out->len};
}

/* type, name, table's name, first page, SQL */
static void take_table(struct owners *o, struct bytes record)
{
	_cleanup_(buf_free) struct buf name_text = {0};
	_cleanup_(buf_free) struct buf sql_text = {0};
	struct bytes kind, name, root;
	uint64_t type, root_type;
	if (!rows_column(record, 0, &type, &kind) || !rows_column(record, 1, &type, &name) ||
	    !rows_column(record, 3, &root_type, &root))
		return;
	/* The text is last, and may go on elsewhere: this much has to do. */
	struct bytes sql = {root.at + root.len,
			    record.len - (size_t)(root.at + root.len - record.at)};
	uint32_t number = number_in(root_type, root);
	if (!number) /* a view or trigger */
		return;
	bool is_index = memchr(kind.at, 'x', kind.len); /* of "index", not of "table" */
	long table = schema_add(&o->schema, text_in(o, name, &name_text),
				text_in(o, sql, &sql_text), is_index);
	if (table < 0)
		return;
	uint32_t slot = pages_slot(o->pages, number);
	if (!is_index && slot != NO_SLOT && pages_read(o->pages, slot, o->spare) &&
	    (*o->spare == SQLITE_INDEX_LEAF || *o->spare == SQLITE_INDEX_INNER))
		schema_key_first(&o->schema.tables.v[table]);
	mark_tree(o, number, (uint16_t)(table + 1), 1);
}

static void take_schema_page(struct owners *o, uint32_t slot)
{
	_cleanup_free_ uint8_t *page = mem_alloc(o->pages->page_size);
	struct tree_page leaf;
	struct bytes cell;
	uint64_t len, row;
	if (!pages_read(o->pages, slot, page) || !tree_page_open(o->pages, slot, page, &leaf) ||
	    leaf.type != SQLITE_TABLE_LEAF)
		return;
	for (unsigned i = 0; i < leaf.count; i++) {
		if (!tree_page_cell(o->pages, &leaf, i, &cell) || !sqlite_varint(&cell, &len) ||
		    !sqlite_varint(&cell, &row))
			continue;
		size_t here = (size_t)sqlite_local_part(o->pages->usable, len, true);
		if (here <= cell.len)
			take_table(o, (struct bytes){cell.at, here});
	}
}

static void take_schema(struct owners *o)
{
	static const char sql[] = "table(type,name,tbl_name,rootpage,sql)";
	static const char name[] = "sqlite_schema";
	uint32_t first = pages_slot(o->pages, 1);
	schema_add(&o->schema, (struct bytes){(const uint8_t *)name, sizeof name - 1},
		   (struct bytes){(const uint8_t *)sql, sizeof sql - 1}, false);
	if (first == NO_SLOT)
		return;
	mark_tree(o, 1, SCHEMA, 0);
	for (uint32_t slot = 0; slot < o->pages->count && !o->is_over(o->context); slot++)
		if (o->owner[slot] == SCHEMA)
			take_schema_page(o, slot);
}

/* A trunk holds the number of the next trunk, and those of free pages. */
static void take_free_list(struct owners *o)
{
	uint32_t slot = pages_slot(o->pages, 1);
	if (slot == NO_SLOT || !pages_read(o->pages, slot, o->spare))
		return;
	for (uint32_t trunk = be32(o->spare + 32); trunk && !o->is_over(o->context);) {
		slot = pages_slot(o->pages, trunk);
		if (slot == NO_SLOT || bit_get(o->free, slot) ||
		    !pages_read(o->pages, slot, o->spare)) {
			o->damaged = true;
			return;
		}
		bit_set(o->free, slot);
		uint32_t count = be32(o->spare + 4);
		for (size_t i = 0; i < count && 12 + 4 * i <= o->pages->usable; i++) {
			slot = pages_slot(o->pages, be32(o->spare + 8 + 4 * i));
			if (slot != NO_SLOT)
				bit_set(o->free, slot);
		}
		trunk = be32(o->spare);
	}
}

/* ---- the whole ---- */

void owners_find(struct owners *o)
{
	size_t count = o->pages->count;
	o->owner = mem_alloc(count * sizeof *o->owner + 1);
	o->free = mem_alloc(count / 8 + 1);
	o->spare = mem_alloc(o->pages->page_size);
	take_schema(o);
	take_free_list(o);
}

void owners_clear(struct owners *o)
{
	if (o->spare)
		mem_wipe(o->spare, o->pages->page_size);
	schema_free(&o->schema);
	free(o->owner);
	free(o->free);
	free(o->spare);
}

/* An older image of a page belongs where the newest does. */
const struct table *owners_table(const struct owners *o, uint32_t slot)
{
	unsigned owner = o->owner[slot];
	if (!owner && o->pages->form != PAGES_DATABASE) {
		slot = pages_slot(o->pages, pages_number(o->pages, slot));
		owner = slot == NO_SLOT ? 0 : o->owner[slot];
	}
	return owner ? &o->schema.tables.v[owner - 1] : NULL;
}
