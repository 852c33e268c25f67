/* SPDX-License-Identifier: MIT */
/* Where the images of an SQLite database's pages lie: in the database itself, in
 * its write-ahead log (many images of a page, the newest last) or in a rollback
 * journal (what pages held before). Each image has a slot, counted from 0 in the
 * order of the file; all of the file's bytes belong to a slot but the heads that
 * logs and journals have between them. */
#ifndef DETECT_PAGES_H
#define DETECT_PAGES_H

#include "base/vec.h"
#include "detect/source.h"

enum pages_form { PAGES_NONE, PAGES_DATABASE, PAGES_LOG, PAGES_JOURNAL };

enum {
	PAGES_MOST = 1 << 26, /* slots that are kept account of */
	NO_SLOT = UINT32_MAX,
};

struct page_slot {
	uint64_t at;
	uint32_t number;
	bool old; /* in a log: left from a time before the last reset */
};

struct pages {
	struct source *source;
	enum pages_form form;
	uint32_t page_size, usable, count;
	unsigned encoding;	     /* of text, SQLITE_UTF8...; 0: not known */
	VEC(struct page_slot) slots; /* of a log or journal, by place */
	VEC(uint32_t) newest;	     /* likewise, by page: slots of the newest images */
	uint64_t data_end;	     /* of the run of data that was met last */
	uint8_t *block;		     /* read ahead */
	uint64_t block_at;
	size_t block_len, block_room;
};

/* By the first bytes alone. */
enum pages_form pages_form_of(const uint8_t *head, size_t len);

/* The source can be read anywhere and outlives `ret`. -EBADMSG: the head makes no
 * sense; -EFBIG: more than PAGES_MOST; or a read error. */
int pages_open(struct pages *ret, struct source *source, enum pages_form form);
void pages_close(struct pages *pages); /* wipes */

/* The page that a slot holds, counted from 1; 0: none that could be. */
uint32_t pages_number(const struct pages *pages, uint32_t slot);
/* The newest image of a page, or NO_SLOT. */
uint32_t pages_slot(const struct pages *pages, uint32_t number);

/* For slots in rising order: stays as it is until the next call. NULL when it can
 * not be read; behind the file's end there are zeros. */
const uint8_t *pages_look(struct pages *pages, uint32_t slot);
/* The first slot from this one on that is not all in a hole of the file; the count of
 * slots when there is none. */
uint32_t pages_behind_hole(struct pages *pages, uint32_t slot);
/* For any slot: `out` has page_size bytes. */
bool pages_read(const struct pages *pages, uint32_t slot, uint8_t *out);

#endif
