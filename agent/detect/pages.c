/* SPDX-License-Identifier: MIT */
/* Log: sqlite.org/fileformat2.html#walformat. Journal: #the_rollback_journal. Sums
 * are not looked at: what a reader of the database would pass over was still
 * written there. */
#include "detect/pages.h"

#include <errno.h>
#include <string.h>

#include "base/sort.h"
#include "packages/sqlite.h"

enum {
	BLOCK = 256 << 10, /* several of the largest page */
	LOG_HEAD = 32,
	FRAME_HEAD = 24,
	JOURNAL_HEAD = 28,
	RECORD_EXTRA = 8, /* the page's number before, a sum behind it */
};

static const char journal_magic[] = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";

enum pages_form pages_form_of(const uint8_t *head, size_t len)
{
	if (len >= SQLITE_FILE_HEAD && !memcmp(head, SQLITE_MAGIC, 16))
		return PAGES_DATABASE;
	if (len >= LOG_HEAD && (be32(head) & ~1u) == 0x377f0682 && be32(head + 4) == 3007000)
		return PAGES_LOG;
	if (len >= JOURNAL_HEAD && !memcmp(head, journal_magic, 8))
		return PAGES_JOURNAL;
	return PAGES_NONE;
}

static bool read_at(const struct pages *pages, void *out, size_t len, uint64_t at)
{
	int64_t n = source_pread(pages->source, out, len, at);
	if (n < 0)
		return false;
	memset((uint8_t *)out + n, 0, len - (size_t)n);
	return n > 0;
}

/* ---- database ---- */

static void take_head(struct pages *pages, const uint8_t *head)
{
	uint32_t size, usable;
	if (memcmp(head, SQLITE_MAGIC, 16) != 0 || !sqlite_page_size(head, &size, &usable) ||
	    (pages->page_size && pages->page_size != size))
		return;
	pages->page_size = size;
	pages->usable = usable;
	uint32_t encoding = be32(head + 56);
	pages->encoding = encoding <= SQLITE_UTF16_BE ? encoding : 0;
}

static int open_database(struct pages *pages)
{
	uint8_t head[SQLITE_FILE_HEAD];
	if (!read_at(pages, head, sizeof head, 0))
		return -EBADMSG;
	take_head(pages, head);
	if (!pages->page_size)
		return -EBADMSG;
	uint64_t count = (pages->source->size + pages->page_size - 1) / pages->page_size;
	if (count > PAGES_MOST)
		return -EFBIG;
	pages->count = (uint32_t)count;
	return 0;
}

/* ---- log ---- */

static int open_log(struct pages *pages)
{
	uint8_t head[LOG_HEAD], frame[FRAME_HEAD];
	if (!read_at(pages, head, sizeof head, 0) || !sqlite_is_page_size(be32(head + 8)))
		return -EBADMSG;
	pages->page_size = pages->usable = be32(head + 8);
	uint64_t at = LOG_HEAD;
	for (; at < pages->source->size; at += FRAME_HEAD + pages->page_size) {
		if (pages->slots.n == PAGES_MOST)
			return -EFBIG;
		if (!read_at(pages, frame, sizeof frame, at))
			return -EIO;
		*vec_add(&pages->slots) = (struct page_slot){
			at + FRAME_HEAD, be32(frame), memcmp(frame + 8, head + 16, 8) != 0};
	}
	return 0;
}

/* ---- journal ---- */

/* One head and its records. The head of one that was not yet flushed counts none:
 * then they go on to the end. */
static int take_segment(struct pages *pages, const uint8_t *head, uint64_t *at)
{
	uint32_t sector = be32(head + 20), told = be32(head + 8);
	uint64_t record = pages->page_size + RECORD_EXTRA, size = pages->source->size;
	*at += sector;
	for (uint32_t i = 0; *at < size && (i < told || !told || told == UINT32_MAX); i++) {
		uint8_t number[4];
		if (pages->slots.n == PAGES_MOST)
			return -EFBIG;
		if (!read_at(pages, number, 4, *at))
			return -EIO;
		*vec_add(&pages->slots) = (struct page_slot){*at + 4, be32(number), false};
		*at += record;
	}
	*at = (*at + sector - 1) / sector * sector;
	return 0;
}

static int open_journal(struct pages *pages)
{
	uint8_t head[JOURNAL_HEAD];
	uint64_t at = 0, size = pages->source->size;
	int r = 0;
	while (!r && at < size) {
		if (!read_at(pages, head, sizeof head, at))
			return -EIO;
		uint32_t sector = be32(head + 20), page = be32(head + 24);
		bool holds = !memcmp(head, journal_magic, 8) && sector >= 32 &&
			     sector <= SQLITE_PAGE_MAX && sqlite_is_page_size(page) &&
			     (!at || page == pages->page_size);
		if (!holds && !at)
			return -EBADMSG;
		if (!holds) { /* left from a longer one: as if it were records */
			memset(head + 8, 0xff, 4);
			memset(head + 20, 0, 3);
			head[23] = 1;
		}
		pages->page_size = pages->usable = holds ? page : pages->page_size;
		r = take_segment(pages, head, &at);
	}
	return r;
}

/* ---- which image is the newest ---- */

static const struct page_slot *sorting; /* qsort has no context; one thread */

static int by_page(const void *a, const void *b)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct page_slot *x = &sorting[i], *y = &sorting[j];
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->old != y->old)
		return x->old ? -1 : 1;
	return i < j ? -1 : 1;
}

static void index_newest(struct pages *pages)
{
	size_t kept = 0;
	for (uint32_t i = 0; i < pages->slots.n; i++)
		if (pages->slots.v[i].number)
			*vec_add(&pages->newest) = i;
	sorting = pages->slots.v;
	sort_stable(pages->newest.v, pages->newest.n, sizeof *pages->newest.v, by_page);
	for (size_t i = 0; i < pages->newest.n; i++) {
		uint32_t slot = pages->newest.v[i];
		if (kept && sorting[pages->newest.v[kept - 1]].number == sorting[slot].number)
			kept--;
		pages->newest.v[kept++] = slot;
	}
	pages->newest.n = kept;
	pages->count = (uint32_t)pages->slots.n;
	uint8_t head[SQLITE_FILE_HEAD];
	uint32_t first = pages_slot(pages, 1);
	if (first != NO_SLOT && read_at(pages, head, sizeof head, pages->slots.v[first].at))
		take_head(pages, head);
}

int pages_open(struct pages *ret, struct source *source, enum pages_form form)
{
	*ret = (struct pages){.source = source, .form = form};
	int r = form == PAGES_DATABASE ? open_database(ret)
		: form == PAGES_LOG    ? open_log(ret)
				       : open_journal(ret);
	if (r < 0)
		return r;
	if (form != PAGES_DATABASE)
		index_newest(ret);
	ret->block_room = source->size < BLOCK ? (size_t)source->size : BLOCK;
	if (ret->block_room < ret->page_size)
		ret->block_room = ret->page_size;
	ret->block = mem_alloc(ret->block_room);
	return 0;
}

void pages_close(struct pages *pages)
{
	if (pages->block)
		mem_wipe(pages->block, pages->block_room);
	free(pages->block);
	vec_free(&pages->slots);
	vec_free(&pages->newest);
}

/* ---- pages ---- */

uint32_t pages_number(const struct pages *pages, uint32_t slot)
{
	return pages->form == PAGES_DATABASE ? slot + 1 : pages->slots.v[slot].number;
}

uint32_t pages_slot(const struct pages *pages, uint32_t number)
{
	if (pages->form == PAGES_DATABASE)
		return number && number <= pages->count ? number - 1 : NO_SLOT;
	size_t low = 0, high = pages->newest.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t slot = pages->newest.v[middle];
		uint32_t here = pages->slots.v[slot].number;
		if (here == number)
			return slot;
		if (here < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NO_SLOT;
}

static uint64_t place_of(const struct pages *pages, uint32_t slot)
{
	return pages->form == PAGES_DATABASE ? (uint64_t)slot * pages->page_size
					     : pages->slots.v[slot].at;
}

const uint8_t *pages_look(struct pages *pages, uint32_t slot)
{
	uint64_t at = place_of(pages, slot), size = pages->page_size;
	bool there = at >= pages->block_at && at + size <= pages->block_at + pages->block_len;
	if (!there) {
		pages->block_len = 0;
		if (!read_at(pages, pages->block, pages->block_room, at))
			return NULL;
		pages->block_at = at;
		pages->block_len = pages->block_room; /* zeros behind the end */
	}
	return pages->block + (at - pages->block_at);
}

uint32_t pages_behind_hole(struct pages *pages, uint32_t slot)
{
	uint64_t at = place_of(pages, slot), start, size = pages->source->size;
	if (!pages->source->sparse || pages->form != PAGES_DATABASE || at < pages->data_end)
		return slot;
	int r = plat_file_data(pages->source->file, at, size, &start, &pages->data_end);
	if (r < 0) /* then all of it is read */
		pages->data_end = size;
	if (r == 1)
		return pages->count;
	return r < 0 || start < at ? slot : (uint32_t)(start / pages->page_size);
}

bool pages_read(const struct pages *pages, uint32_t slot, uint8_t *out)
{
	return read_at(pages, out, pages->page_size, place_of(pages, slot));
}
