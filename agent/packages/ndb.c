/* SPDX-License-Identifier: MIT */
/* RPM's own database (SUSE): a table of slots, each the place of one package's
 * header; little-endian, counted in blocks of 16 bytes. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "packages/reader.h"

enum {
	PAGE = 4096,
	BLOCK = 16,
	SLOT = 16,
	FIRST_SLOT = 32, /* behind the header of the file */
	HEAD = 16,	 /* before a blob */
};

struct ndb {
	const struct reader *reader;
	const struct packages_file *file;
	uint64_t left; /* bytes of blobs: they do not lie on each other */
};

static int read_blob(struct ndb *db, const uint8_t *slot)
{
	uint8_t head[HEAD];
	uint64_t at = (uint64_t)le32(slot + 8) * BLOCK,
		 room = (uint64_t)le32(slot + 12) * BLOCK;
	if (at > db->file->size || room > db->file->size - at || room < HEAD)
		return -EBADMSG;
	int r = reader_bytes(db->file, head, HEAD, at);
	if (r < 0)
		return r;
	size_t len = le32(head + 12);
	if (memcmp(head, "BlbS", 4) != 0 || memcmp(head + 4, slot + 4, 4) != 0 ||
	    len > room - HEAD || len > db->left)
		return -EBADMSG;
	if (len > READER_BLOB_MAX)
		return -EFBIG;
	db->left -= len;
	_cleanup_free_ uint8_t *blob = mem_alloc(len + 1);
	r = reader_bytes(db->file, blob, len, at + HEAD);
	return r < 0 ? r : header_read(db->reader, blob, len);
}

static int read_slots(struct ndb *db, uint8_t *page, size_t from)
{
	int result = 0;
	for (size_t at = from; at < PAGE; at += SLOT) {
		if (memcmp(page + at, "Slot", 4) != 0)
			return -EBADMSG;
		if (!le32(page + at + 8))
			continue; /* free */
		int r = read_blob(db, page + at);
		if (!result)
			result = r;
	}
	return result;
}

int ndb_read(const struct reader *reader, const struct packages_file *file)
{
	uint8_t page[PAGE];
	struct ndb db = {.reader = reader, .file = file};
	int r = reader_bytes(file, page, PAGE, 0), result = 0;
	if (!r && (memcmp(page, "RpmP", 4) != 0 || le32(page + 4) != 0))
		r = -EBADMSG;
	if (r < 0)
		return r;
	db.left = file->size;
	uint32_t pages = le32(page + 12);
	for (uint32_t i = 0; i < pages; i++) {
		r = i ? reader_bytes(file, page, PAGE, (uint64_t)i * PAGE) : 0;
		if (r < 0) /* the table ends too early */
			return r;
		r = read_slots(&db, page, i ? 0 : FIRST_SLOT);
		if (!result)
			result = r;
	}
	return result;
}
