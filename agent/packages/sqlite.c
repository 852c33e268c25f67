/* SPDX-License-Identifier: MIT */
/* RPM's database as SQLite keeps it: page 1 begins the table of tables, which
 * says where the table Packages (hnum, blob) begins. A table is a tree of pages;
 * what is too long for its leaf goes on along a chain of pages. Nothing is ever
 * opened by name here, and no journal is played back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "packages/sqlite.h"
#include "packages/wal.h"

struct store {
	const struct reader *reader;
	const struct packages_file *file;
	struct wal wal;
	uint32_t page_size, pages;
	uint32_t usable; /* bytes of a page */
	struct visits visits;
	uint32_t packages; /* the page where that table begins; 0: not seen */
};

typedef int take_row(struct store *store, struct bytes row);

static int take_page(struct store *store, uint32_t number, uint8_t *out)
{
	int r = number ? visits_add(&store->visits, number) : -EBADMSG;
	if (!r)
		r = wal_page(&store->wal, number, out);
	if (r == 0)
		r = reader_bytes(store->file, out, store->page_size,
				 (uint64_t)(number - 1) * store->page_size);
	return r < 0 ? r : 0;
}

/* ---- rows ---- */

/* The column as it lies there; its type says what it is. */
static bool column(struct bytes row, unsigned number, uint64_t *ret_type, struct bytes *ret)
{
	struct bytes types = row;
	uint64_t head, type = 0, at, len = 0;
	if (!sqlite_varint(&types, &head) || head > row.len)
		return false;
	types.len = (size_t)head - (size_t)(types.at - row.at);
	if (types.len > row.len)
		return false;
	at = head;
	for (unsigned i = 0; i <= number; i++) {
		at += len;
		if (!sqlite_varint(&types, &type))
			return false;
		len = sqlite_column_length(type);
		if (at > row.len || len > row.len - at)
			return false;
	}
	*ret_type = type;
	*ret = (struct bytes){row.at + at, (size_t)len};
	return true;
}

static bool column_is(struct bytes row, unsigned number, const char *text)
{
	uint64_t type;
	struct bytes value;
	return column(row, number, &type, &value) && type > 12 && type % 2 &&
	       value.len == strlen(text) && memcmp(value.at, text, value.len) == 0;
}

static int take_table(struct store *store, struct bytes row)
{
	uint64_t type;
	struct bytes root;
	if (!column_is(row, 0, "table") || !column_is(row, 1, "Packages"))
		return 0;
	if (!column(row, 3, &type, &root))
		return -EBADMSG;
	if (type == 9) /* the number 1 itself */
		return -EBADMSG;
	for (size_t i = 0; i < root.len && i < 4; i++)
		store->packages = store->packages << 8 | root.at[i];
	return 0;
}

static int take_package(struct store *store, struct bytes row)
{
	uint64_t type;
	struct bytes blob;
	if (!column(row, 1, &type, &blob) || type < 12 || type % 2)
		return -EBADMSG;
	return header_read(store->reader, blob.at, blob.len);
}

/* ---- trees ---- */

static int take_chain(struct store *store, uint32_t number, struct buf *row, size_t len)
{
	_cleanup_free_ uint8_t *page = mem_alloc(store->page_size);
	while (row->len < len) {
		int r = take_page(store, number, page);
		if (r < 0)
			return r;
		size_t here = store->usable - 4;
		buf_add(row, page + 4, here < len - row->len ? here : len - row->len);
		number = be32(page);
	}
	return 0;
}

static int take_cell(struct store *store, struct bytes cell, take_row *take)
{
	uint64_t len, id;
	if (!sqlite_varint(&cell, &len) || !sqlite_varint(&cell, &id))
		return -EBADMSG;
	if (len > READER_BLOB_MAX)
		return -EFBIG;
	size_t here = (size_t)sqlite_local_part(store->usable, len, true);
	if (here > cell.len)
		return -EBADMSG;
	if (here == len)
		return take(store, (struct bytes){cell.at, here});
	if (cell.len - here < 4)
		return -EBADMSG;
	_cleanup_(buf_free) struct buf row = {0};
	buf_add(&row, cell.at, here);
	int r = take_chain(store, be32(cell.at + here), &row, (size_t)len);
	return r < 0 ? r : take(store, (struct bytes){(const uint8_t *)row.data, row.len});
}

static int walk(struct store *store, uint32_t number, unsigned depth, take_row *take);

/* A damaged row hides no other. */
static int take_cells(struct store *store, const uint8_t *page, size_t head, unsigned depth,
		      take_row *take)
{
	bool leaf = page[head] == SQLITE_TABLE_LEAF;
	size_t places = head + (leaf ? 8 : 12), count = be16(page + head + 3);
	int result = 0;
	if (count > (store->usable - places) / 2)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		size_t at = be16(page + places + 2 * i);
		int r = -EBADMSG;
		if (leaf && at < store->usable)
			r = take_cell(store, (struct bytes){page + at, store->usable - at},
				      take);
		else if (!leaf && at + 4 <= store->usable)
			r = walk(store, be32(page + at), depth + 1, take);
		if (!result)
			result = r;
	}
	if (leaf)
		return result;
	int r = walk(store, be32(page + head + 8), depth + 1, take);
	return result ? result : r;
}

static int walk(struct store *store, uint32_t number, unsigned depth, take_row *take)
{
	size_t head = number == 1 ? SQLITE_FILE_HEAD : 0;
	_cleanup_free_ uint8_t *page = mem_alloc(store->page_size);
	int r = depth < SQLITE_DEEPEST ? take_page(store, number, page) : -EBADMSG;
	if (r < 0)
		return r;
	if (page[head] != SQLITE_TABLE_LEAF && page[head] != SQLITE_TABLE_INNER)
		return -EBADMSG;
	return take_cells(store, page, head, depth, take);
}

/* ---- the file ---- */

static int check_head(struct store *store, const uint8_t head[SQLITE_FILE_HEAD])
{
	if (memcmp(head, SQLITE_MAGIC, 16) != 0 ||
	    !sqlite_page_size(head, &store->page_size, &store->usable) ||
	    be32(head + 56) != SQLITE_UTF8 ||
	    (store->wal.pages && store->wal.page_size != store->page_size))
		return -EBADMSG;
	return 0;
}

/* The first page may be in the log only; 1 when there is nothing at all. */
static int open_store(struct store *store)
{
	uint64_t size = store->file->size;
	if (!size && !store->wal.pages)
		return 1;
	_cleanup_free_ uint8_t *first = mem_alloc(SQLITE_PAGE_MAX);
	int r = wal_page(&store->wal, 1, first);
	if (r == 0)
		r = reader_bytes(store->file, first, SQLITE_FILE_HEAD, 0);
	if (r >= 0)
		r = check_head(store, first);
	if (r < 0)
		return r;
	store->pages = store->wal.pages ? store->wal.pages
					: (uint32_t)(size / store->page_size);
	return 0;
}

static int walk_tables(struct store *store)
{
	visits_make(&store->visits, store->pages + 1);
	int r = walk(store, 1, 0, take_table);
	if (store->packages) {
		int rows = walk(store, store->packages, 0, take_package);
		r = r ? r : rows;
	} else if (!r) {
		r = -EBADMSG; /* not a database of packages */
	}
	visits_free(&store->visits);
	return r;
}

int sqlite_read(const struct reader *reader, const struct packages_file *file,
		const struct packages_file *log)
{
	struct store store = {.reader = reader, .file = file};
	int r = log ? wal_open(&store.wal, log) : 0;
	if (!r)
		r = open_store(&store);
	if (!r)
		r = walk_tables(&store);
	wal_close(&store.wal);
	return r < 0 ? r : 0;
}
