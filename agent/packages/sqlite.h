/* SPDX-License-Identifier: MIT */
/* SQLite's file format as far as a reader of damaged files needs it
 * (sqlite.org/fileformat2.html): used for package databases here and for all
 * others by the detection. */
#ifndef PACKAGES_SQLITE_H
#define PACKAGES_SQLITE_H

#include <stdbool.h>

#include "packages/reader.h"

#define SQLITE_MAGIC "SQLite format 3" /* its NUL counts: 16 bytes */

enum {
	SQLITE_FILE_HEAD = 100, /* in front of page 1's own head */
	SQLITE_PAGE_MIN = 512,
	SQLITE_PAGE_MAX = 65536,
	SQLITE_DEEPEST = 20, /* levels of a tree; SQLite's own limit */

	SQLITE_INDEX_INNER = 2, /* types of page */
	SQLITE_TABLE_INNER = 5,
	SQLITE_INDEX_LEAF = 10,
	SQLITE_TABLE_LEAF = 13,

	SQLITE_UTF8 = 1, /* encodings of text */
	SQLITE_UTF16_LE = 2,
	SQLITE_UTF16_BE = 3,
};

struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline bool sqlite_is_page_size(uint32_t size)
{
	return size >= SQLITE_PAGE_MIN && size <= SQLITE_PAGE_MAX && !(size & (size - 1));
}

/* Of a database's first 100 bytes, and the bytes at a page's end that are not
 * SQLite's. False: it can not be so. */
static inline bool sqlite_page_size(const uint8_t *head, uint32_t *ret_size,
				    uint32_t *ret_usable)
{
	uint32_t size = be16(head + 16);
	*ret_size = size == 1 ? SQLITE_PAGE_MAX : size;
	*ret_usable = *ret_size - head[20];
	return sqlite_is_page_size(*ret_size) && *ret_usable >= 480;
}

/* A number of one to nine bytes, seven bits in each; the ninth has eight. */
static inline bool sqlite_varint(struct bytes *from, uint64_t *ret)
{
	*ret = 0;
	for (unsigned i = 0; i < 9 && from->len; i++) {
		uint8_t byte = *from->at++;
		from->len--;
		if (i == 8) {
			*ret = *ret << 8 | byte;
			return true;
		}
		*ret = *ret << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* Bytes of a column of this type. */
static inline uint64_t sqlite_column_length(uint64_t type)
{
	static const uint8_t fixed[12] = {0, 1, 2, 3, 4, 6, 8, 8};
	return type < 12 ? fixed[type] : (type - 12) / 2;
}

/* How much of a record lies on its page, the rest along a chain. */
static inline uint64_t sqlite_local_part(uint32_t usable, uint64_t len, bool is_table)
{
	uint64_t most = is_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
	uint64_t least = (usable - 12) * 32 / 255 - 23;
	if (len <= most)
		return len;
	uint64_t part = least + (len - least) % (usable - 4);
	return part <= most ? part : least;
}

#endif
