/* SPDX-License-Identifier: MIT */
/* A hive is a block of 4096 bytes and bins behind it; in those lie cells, and every place
 * in the file counts from the first bin. A cell begins with its size, negative when it is
 * in use. Keys ("nk") name a list of their subkeys ("lf", "lh", "li", or "ri", which is a
 * list of such lists) and one of their values ("vk"). Data of more than 16344 bytes lies in
 * pieces ("db"). */
#include "registry/hive.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

enum {
	BASE = 4096,
	CELLS_LEAST = 1 << 20, /* that may be taken of any hive */
	CELL_SHARE = 4,	       /* bytes of a hive for each that may be taken */
	NK_SIZE = 76,	       /* of the fixed part */
	VK_SIZE = 20,
	PIECE = 16344,	     /* bytes of each piece of big data but the last */
	KEY_SYM_LINK = 0x10, /* of a key's flags */
	COMP_NAME = 0x20,    /* KEY_COMP_NAME: the key's name is of Latin-1 */
	VALUE_COMP_NAME = 1,
	VALUES_MAX = 1 << 16,
	PAGE = 1 << 14,
	PAGES = 256, /* in memory at a time */
};

#define IN_PLACE (1u << 31) /* the value stands where its place would */

struct page {
	uint64_t number; /* of the page, from 1; 0: none */
	size_t len;
	uint8_t *bytes;
};

struct hive {
	struct plat_file *file;
	uint64_t size; /* behind the first block */
	uint32_t root;
	uint64_t taken, most; /* cells */
	struct page pages[PAGES];
};

/* ---- bytes ---- */

static int fetch(struct hive *hive, uint64_t number, const struct page **ret)
{
	struct page *page = &hive->pages[number % PAGES];
	if (page->number != number + 1) {
		if (!page->bytes)
			page->bytes = mem_alloc(PAGE);
		page->number = 0;
		int64_t n = plat_file_read(hive->file, page->bytes, PAGE, BASE + number * PAGE);
		if (n < 0)
			return (int)n;
		page->len = (size_t)n;
		page->number = number + 1;
	}
	*ret = page;
	return 0;
}

static int bytes(struct hive *hive, void *out, size_t len, uint64_t place)
{
	if (place > hive->size || len > hive->size - place)
		return -EBADMSG;
	for (uint8_t *to = out; len;) {
		const struct page *page = NULL;
		size_t at = (size_t)(place % PAGE);
		int r = fetch(hive, place / PAGE, &page);
		if (r < 0)
			return r;
		if (at >= page->len)
			return -EBADMSG;
		size_t n = page->len - at < len ? page->len - at : len;
		memcpy(to, page->bytes + at, n);
		to += n;
		place += n;
		len -= n;
	}
	return 0;
}

/* The first bytes of a cell: `least` of them at least, `most` at most. */
static int cell(struct hive *hive, uint32_t place, void *out, size_t least, size_t most,
		size_t *ret_len)
{
	uint8_t head[4];
	if (++hive->taken > hive->most)
		return -EFBIG;
	int r = bytes(hive, head, sizeof head, place);
	if (r < 0)
		return r;
	uint32_t size = 0u - le32(head);
	if (size < 4 || size > INT32_MAX || size - 4 < least)
		return -EBADMSG;
	*ret_len = size - 4 < most ? size - 4 : most;
	return bytes(hive, out, *ret_len, (uint64_t)place + 4);
}

/* ---- text ---- */

void hive_add_wide(const uint8_t *from, size_t units, struct buf *out)
{
	for (size_t i = 0; i < units; i++) {
		uint32_t c = le16(from + 2 * i);
		uint32_t low = i + 1 < units ? le16(from + 2 * i + 2) : 0;
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
			i++;
		}
		if (!c)
			return;
		uint8_t character[4];
		buf_add(out, character, utf8_put(c, character));
	}
}

/* A name may hold a NUL, which hides its key from most programs: as two bytes that no other
 * character has. */
static void add_nul(struct buf *out)
{
	buf_puts(out, "\xc0\x80");
}

static void add_latin(const uint8_t *from, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t character[4];
		if (from[i])
			buf_add(out, character, utf8_put(from[i], character));
		else
			add_nul(out);
	}
}

static void add_name(const uint8_t *from, size_t len, bool latin, struct buf *out)
{
	if (latin) {
		add_latin(from, len, out);
		return;
	}
	for (size_t at = 0, units = len / 2; at < units; at++) {
		size_t begin = at;
		while (at < units && le16(from + 2 * at))
			at++;
		hive_add_wide(from + 2 * begin, at - begin, out);
		if (at < units)
			add_nul(out);
	}
}

/* ---- the file ---- */

static int64_t base_block(struct plat_file *file, uint8_t base[512])
{
	int64_t n = plat_file_read(file, base, 512, 0);
	if (n < 0)
		return n;
	return n < 48 || memcmp(base, "regf", 4) != 0 ? -EBADMSG : n;
}

int hive_open(struct plat_file *file, uint64_t size, struct hive **ret)
{
	uint8_t base[512];
	int64_t n = base_block(file, base);
	if (n < 0 || size < BASE)
		return n < 0 ? (int)n : -EBADMSG;
	struct hive *hive = mem_alloc(sizeof *hive);
	hive->file = file;
	hive->size = size - BASE;
	hive->root = le32(base + 36);
	hive->most = CELLS_LEAST + size / CELL_SHARE;
	*ret = hive;
	return 0;
}

struct hive *hive_close(struct hive *hive)
{
	for (size_t i = 0; hive && i < PAGES; i++) {
		if (hive->pages[i].bytes) /* values of it may be secrets */
			mem_wipe(hive->pages[i].bytes, PAGE);
		free(hive->pages[i].bytes);
	}
	free(hive);
	return NULL;
}

const char *hive_dirty(struct plat_file *file)
{
	uint8_t base[512];
	uint32_t sum = 0;
	if (base_block(file, base) < 512)
		return "it is no hive";
	for (size_t i = 0; i < 508; i += 4)
		sum ^= le32(base + i);
	sum = !sum ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
	if (sum != le32(base + 508))
		return "the sum of its first block is false";
	return le32(base + 4) != le32(base + 8) ? "a part of it stands in its logs only" : NULL;
}

/* ---- keys ---- */

/* FILETIME: steps of 100 ns since 1601. */
static int64_t unix_time(const uint8_t *at)
{
	uint64_t steps = (uint64_t)le32(at + 4) << 32 | le32(at);
	const uint64_t to_1970 = UINT64_C(116444736000000000);
	if (steps < to_1970 || steps - to_1970 > INT64_MAX / 100)
		return 0;
	return (int64_t)(steps - to_1970) * 100;
}

static int take_key(struct hive *hive, uint32_t place, struct hive_key *ret)
{
	uint8_t nk[NK_SIZE + 512];
	size_t len;
	_cleanup_(buf_free) struct buf text = {0};
	int r = cell(hive, place, nk, NK_SIZE, sizeof nk, &len);
	if (r < 0)
		return r;
	size_t name = le16(nk + 72);
	uint32_t flags = le16(nk + 2);
	if (memcmp(nk, "nk", 2) != 0 || name > len - NK_SIZE)
		return -EBADMSG;
	add_name(nk + NK_SIZE, name, flags & COMP_NAME, &text);
	if (text.len >= HIVE_NAME_MAX)
		return -EBADMSG;
	memcpy(ret->name, buf_text(&text), text.len + 1);
	ret->written = unix_time(nk + 4);
	ret->link = flags & KEY_SYM_LINK;
	ret->subkeys = le32(nk + 20);
	ret->list = le32(nk + 28);
	ret->values = le32(nk + 36);
	ret->value_list = le32(nk + 40);
	return 0;
}

int hive_root(struct hive *hive, struct hive_key *ret)
{
	return take_key(hive, hive->root, ret);
}

struct list {
	uint8_t kind[2];
	size_t count, stride;
	uint8_t *at; /* of `stride` bytes each, the place first */
};

static int take_list(struct hive *hive, uint32_t place, struct list *ret)
{
	uint8_t head[4];
	size_t len;
	int r = cell(hive, place, head, sizeof head, sizeof head, &len);
	if (r < 0)
		return r;
	bool hashed = head[0] == 'l' && (head[1] == 'f' || head[1] == 'h');
	bool plain = (head[0] == 'l' || head[0] == 'r') && head[1] == 'i';
	if (!hashed && !plain)
		return -EBADMSG;
	memcpy(ret->kind, head, sizeof ret->kind);
	ret->count = le16(head + 2);
	ret->stride = hashed ? 8 : 4;
	ret->at = mem_alloc(ret->count * ret->stride + 1);
	r = bytes(hive, ret->at, ret->count * ret->stride, (uint64_t)place + 8);
	if (r < 0)
		free(ret->at);
	return r;
}

static int each_of_list(struct hive *hive, uint32_t place, bool inner, hive_key_visit *visit,
			void *context);

static int each_member(struct hive *hive, const struct list *list, bool inner,
		       hive_key_visit *visit, void *context)
{
	bool lists = list->kind[0] == 'r';
	int r = lists && inner ? -EBADMSG : 0; /* none holds lists of lists */
	for (size_t i = 0; !r && i < list->count; i++) {
		uint32_t member = le32(list->at + i * list->stride);
		struct hive_key key;
		if (lists) {
			r = each_of_list(hive, member, true, visit, context);
			continue;
		}
		r = take_key(hive, member, &key);
		if (!r)
			r = visit(&key, context);
	}
	return r;
}

static int each_of_list(struct hive *hive, uint32_t place, bool inner, hive_key_visit *visit,
			void *context)
{
	struct list list;
	int r = take_list(hive, place, &list);
	if (r < 0)
		return r;
	r = each_member(hive, &list, inner, visit, context);
	free(list.at);
	return r;
}

int hive_each_key(struct hive *hive, const struct hive_key *key, hive_key_visit *visit,
		  void *context)
{
	return key->subkeys ? each_of_list(hive, key->list, false, visit, context) : 0;
}

struct search {
	const char *wanted;
	struct hive_key *ret;
};

static int compare_key(const struct hive_key *key, void *context)
{
	struct search *search = context;
	if (fold_compare(key->name, search->wanted) != 0)
		return 0;
	*search->ret = *key;
	return 1;
}

int hive_find_key(struct hive *hive, const struct hive_key *key, const char *name,
		  struct hive_key *ret)
{
	struct search search = {name, ret};
	return hive_each_key(hive, key, compare_key, &search);
}

/* ---- values ---- */

static int take_value(struct hive *hive, uint32_t place, struct buf *name,
		      struct hive_value *ret)
{
	uint8_t vk[VK_SIZE];
	size_t len;
	int r = cell(hive, place, vk, VK_SIZE, sizeof vk, &len);
	if (r < 0)
		return r;
	size_t name_len = le16(vk + 2);
	if (memcmp(vk, "vk", 2) != 0)
		return -EBADMSG;
	uint8_t *raw = mem_alloc(VK_SIZE + name_len);
	r = cell(hive, place, raw, VK_SIZE + name_len, VK_SIZE + name_len, &len);
	if (!r)
		add_name(raw + VK_SIZE, name_len, le16(vk + 16) & VALUE_COMP_NAME, name);
	free(raw);
	if (!r && name->len >= HIVE_VALUE_MAX)
		r = -EBADMSG;
	uint32_t size = le32(vk + 4);
	*ret = (struct hive_value){.name = buf_text(name),
				   .type = le32(vk + 12),
				   .len = size & ~IN_PLACE,
				   .place = le32(vk + 8),
				   .inside = size & IN_PLACE};
	return !r && ret->inside && ret->len > 4 ? -EBADMSG : r;
}

static int visit_value(struct hive *hive, uint32_t place, hive_value_visit *visit,
		       void *context)
{
	_cleanup_(buf_free) struct buf name = {0};
	struct hive_value value;
	int r = take_value(hive, place, &name, &value);
	return r < 0 ? r : visit(&value, context);
}

int hive_each_value(struct hive *hive, const struct hive_key *key, hive_value_visit *visit,
		    void *context)
{
	if (!key->values)
		return 0;
	if (key->values > VALUES_MAX)
		return -EFBIG;
	size_t size = 4 * (size_t)key->values, len;
	_cleanup_free_ uint8_t *list = mem_alloc(size);
	int r = cell(hive, key->value_list, list, size, size, &len);
	for (size_t i = 0; !r && i < key->values; i++)
		r = visit_value(hive, le32(list + 4 * i), visit, context);
	return r;
}

static int add_cell(struct hive *hive, uint32_t place, size_t len, struct buf *out)
{
	size_t got;
	char *to = buf_reserve(out, len);
	int r = cell(hive, place, to, len, len, &got);
	if (!r)
		out->len += len;
	return r;
}

static int add_pieces(struct hive *hive, const uint8_t *db, size_t left, struct buf *out)
{
	size_t count = le16(db + 2), len;
	_cleanup_free_ uint8_t *list = mem_alloc(4 * count + 1);
	int r = cell(hive, le32(db + 4), list, 4 * count, 4 * count, &len);
	for (size_t i = 0; !r && i < count && left; i++) {
		size_t n = left < PIECE ? left : PIECE;
		r = add_cell(hive, le32(list + 4 * i), n, out);
		left -= n;
	}
	return !r && left ? -EBADMSG : r;
}

int hive_data(struct hive *hive, const struct hive_value *value, struct buf *out)
{
	uint8_t head[8];
	size_t len;
	if (value->len > HIVE_DATA_MAX)
		return -EFBIG;
	if (value->inside) {
		uint8_t in_place[4] = {(uint8_t)value->place, (uint8_t)(value->place >> 8),
				       (uint8_t)(value->place >> 16),
				       (uint8_t)(value->place >> 24)};
		buf_add(out, in_place, value->len);
		return 0;
	}
	if (!value->len)
		return 0;
	if (value->len <= PIECE)
		return add_cell(hive, value->place, value->len, out);
	int r = cell(hive, value->place, head, sizeof head, sizeof head, &len);
	if (r < 0 || memcmp(head, "db", 2) != 0)
		return r < 0 ? r : add_cell(hive, value->place, value->len, out);
	return add_pieces(hive, head, value->len, out);
}
