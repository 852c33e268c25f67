/* SPDX-License-Identifier: MIT */
/* Berkeley DB, as RPM used it to RHEL 8: a hash table of package number and
 * header. Whatever bucket they are in, all pairs stand on pages of one of two types, so
 * the pages are read in their order; a long value lies on a chain of overflow
 * pages. Numbers have the byte order of the machine that wrote them: little-endian
 * only. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "packages/reader.h"

enum {
	META = 72, /* of page 0: what all kinds of database have */
	HASH_MAGIC = 0x061561,
	OLDEST = 8,
	NEWEST = 10,
	PAGE_HEAD = 26,
	PAGE_HASH_UNSORTED = 2, /* types of page */
	PAGE_OVERFLOW = 7,
	PAGE_HASH = 13,
	ITEM_HERE = 1, /* kinds of item */
	ITEM_OVERFLOW = 3,
	OVERFLOW_ITEM = 12,
};

struct bdb {
	const struct reader *reader;
	const struct packages_file *file;
	uint32_t page_size, pages;
	struct visits visits; /* overflow pages */
};

static int open_bdb(struct bdb *db)
{
	uint8_t meta[META];
	int r = reader_bytes(db->file, meta, META, 0);
	if (r < 0)
		return r;
	db->page_size = le32(meta + 20);
	uint32_t version = le32(meta + 16), page = db->page_size;
	bool plain = !meta[24] && !meta[26]; /* neither encrypted nor with checksums */
	if (le32(meta + 12) != HASH_MAGIC || version < OLDEST || version > NEWEST || !plain ||
	    page < 512 || page > 65536 || (page & (page - 1)))
		return -EBADMSG;
	uint32_t last = le32(meta + 32);
	if (last >= db->file->size / page)
		return -EBADMSG;
	db->pages = last + 1;
	return 0;
}

static int take_page(const struct bdb *db, uint32_t number, uint8_t *page)
{
	if (number >= db->pages)
		return -EBADMSG;
	return reader_bytes(db->file, page, db->page_size, (uint64_t)number * db->page_size);
}

static int follow(struct bdb *db, uint32_t number, uint32_t len)
{
	_cleanup_(buf_free) struct buf blob = {0};
	_cleanup_free_ uint8_t *page = mem_alloc(db->page_size);
	if (len > READER_BLOB_MAX)
		return -EFBIG;
	while (blob.len < len) {
		int r = visits_add(&db->visits, number);
		if (!r)
			r = take_page(db, number, page);
		if (r < 0)
			return r;
		uint32_t here = le16(page + 22);
		if (page[25] != PAGE_OVERFLOW || here > db->page_size - PAGE_HEAD ||
		    here > len - blob.len)
			return -EBADMSG;
		buf_add(&blob, page + PAGE_HEAD, here);
		number = le32(page + 16);
	}
	return header_read(db->reader, (const uint8_t *)buf_text(&blob), blob.len);
}

/* Items fill a page from its end: each ends where the one before it begins. */
static int take_pair(struct bdb *db, const uint8_t *page, uint32_t i)
{
	static const uint8_t counter[4];
	const uint8_t *places = page + PAGE_HEAD + 2 * (size_t)i;
	uint32_t end = i ? le16(places - 2) : db->page_size;
	uint32_t key = le16(places), value = le16(places + 2);
	if (end > db->page_size || key >= end || value >= key)
		return -EBADMSG;
	uint32_t len = key - value;
	bool is_counter = end - key == 1 + sizeof counter && page[key] == ITEM_HERE &&
			  memcmp(page + key + 1, counter, sizeof counter) == 0;
	if (is_counter) /* package 0: how many there have been */
		return 0;
	if (page[value] == ITEM_OVERFLOW && len == OVERFLOW_ITEM)
		return follow(db, le32(page + value + 4), le32(page + value + 8));
	if (page[value] == ITEM_HERE)
		return header_read(db->reader, page + value + 1, len - 1);
	return -EBADMSG;
}

static int take_pairs(struct bdb *db, const uint8_t *page)
{
	uint32_t items = le16(page + 20);
	int result = 0;
	if (items % 2 || items > (db->page_size - PAGE_HEAD) / 2)
		return -EBADMSG;
	for (uint32_t i = 0; i < items; i += 2) {
		int r = take_pair(db, page, i);
		if (!result)
			result = r;
	}
	return result;
}

int bdb_read(const struct reader *reader, const struct packages_file *file)
{
	struct bdb db = {.reader = reader, .file = file};
	int r = open_bdb(&db), result = 0;
	if (r < 0)
		return r;
	_cleanup_free_ uint8_t *page = mem_alloc(db.page_size);
	visits_make(&db.visits, db.pages);
	for (uint32_t i = 1; i < db.pages; i++) {
		r = take_page(&db, i, page);
		if (!r && (page[25] == PAGE_HASH || page[25] == PAGE_HASH_UNSORTED))
			r = take_pairs(&db, page);
		if (!result)
			result = r;
	}
	visits_free(&db.visits);
	return result;
}
