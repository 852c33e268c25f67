/* SPDX-License-Identifier: MIT */
/* Keys and values by their names, in a hive that was walked: its lists and cells are what
 * they should be, and every look at them is checked all the same. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/utf8.h"
#include "regf/find.h"

/* ---- names ---- */

/* A NUL, which names may hold, is two bytes that are no UTF-8, as everywhere here. */
static void put_character(uint32_t c, struct buf *out)
{
	if (!c)
		buf_add(out, "\xc0\x80", 2);
	else
		out->len += utf8_put(c, buf_reserve(out, 4));
}

/* As WTF-8, which has halves of pairs that stand alone. */
static void name_text(const uint8_t *from, size_t len, bool latin, struct buf *out)
{
	size_t unit = latin ? 1 : 2;
	buf_cut(out, 0);
	for (size_t i = 0; i + unit <= len; i += unit) {
		uint32_t c = latin ? from[i] : le16(from + i);
		uint32_t low = !latin && i + 4 <= len ? le16(from + i + 2) : 0;
		if (!latin && c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
			i += unit;
		}
		put_character(c, out);
	}
	(void)buf_reserve(out, 0); /* ends it with a NUL */
}

static bool is_name(const uint8_t *from, size_t len, bool latin, const char *wanted,
		    struct buf *room)
{
	name_text(from, len, latin, room);
	return fold_compare(buf_text(room), wanted) == 0;
}

/* ---- keys ---- */

struct subkeys {
	const struct regf *hive;
	const char *wanted;
	struct buf room;
	struct spot *spot;
};

static bool is_wanted(struct subkeys *subkeys, uint32_t place)
{
	size_t len;
	const uint8_t *nk = regf_cell(subkeys->hive, place, NK_SIZE, &len);
	if (!nk || le16(nk + NK_NAME_LEN) > len - NK_SIZE)
		return false;
	return is_name(nk + NK_SIZE, le16(nk + NK_NAME_LEN), le16(nk + NK_FLAGS) & KEY_IS_LATIN,
		       subkeys->wanted, &subkeys->room);
}

static bool find_in_list(struct subkeys *subkeys, uint32_t place, uint32_t above,
			 uint32_t above_index)
{
	size_t len;
	const uint8_t *list = regf_cell(subkeys->hive, place, 4, &len);
	if (!list)
		return false;
	bool lists = list[0] == 'r';
	size_t stride = list[1] == 'i' ? 4 : 8;
	uint32_t members = le16(list + 2);
	for (uint32_t i = 0; i < members && 4 + (i + 1) * stride <= len; i++) {
		uint32_t member = le32(list + 4 + i * stride);
		if (lists && above == NOWHERE && find_in_list(subkeys, member, place, i))
			return true;
		if (lists || !is_wanted(subkeys, member))
			continue;
		*subkeys->spot = (struct spot){
			member, subkeys->spot->parent, place, i, above, above_index};
		return true;
	}
	return false;
}

static int find_below(const struct regf *hive, const char *name, struct spot *spot)
{
	struct subkeys subkeys = {.hive = hive, .wanted = name, .spot = spot};
	size_t len;
	const uint8_t *nk = regf_cell(hive, spot->key, NK_SIZE, &len);
	if (!nk)
		return -EBADMSG;
	spot->parent = spot->key;
	bool found = le32(nk + NK_SUBKEYS) &&
		     find_in_list(&subkeys, le32(nk + NK_LIST), NOWHERE, 0);
	buf_free(&subkeys.room);
	if (!found)
		return -ENOENT;
	nk = regf_cell(hive, spot->key, NK_SIZE, &len);
	return le16(nk + NK_FLAGS) & KEY_IS_LINK ? -ELOOP : 0;
}

int regf_find(const struct regf *hive, const char *path, struct spot *ret)
{
	struct spot spot = {hive->root, NOWHERE, NOWHERE, 0, NOWHERE, 0};
	_cleanup_free_ char *parts = mem_strdup(path);
	char *save;
	int r = 0;
	for (char *part = strtok_r(parts, "\\", &save); part && !r;
	     part = strtok_r(NULL, "\\", &save))
		r = find_below(hive, part, &spot);
	if (!r)
		*ret = spot;
	return r;
}

/* ---- values ---- */

int regf_find_value(const struct regf *hive, uint32_t key, const char *name, uint32_t *ret)
{
	_cleanup_(buf_free) struct buf room = {0};
	size_t len;
	const uint8_t *nk = regf_cell(hive, key, NK_SIZE, &len);
	if (!nk || !le32(nk + NK_VALUES) || le16(nk + NK_FLAGS) & KEY_IS_PREDEFINED)
		return -ENOENT;
	uint32_t count = le32(nk + NK_VALUES);
	const uint8_t *list = regf_cell(hive, le32(nk + NK_VALUE_LIST), 4 * (size_t)count,
					&len);
	for (uint32_t i = 0; list && i < count; i++) {
		const uint8_t *vk = regf_cell(hive, le32(list + 4 * i), VK_SIZE, &len);
		if (!vk || le16(vk + VK_NAME_LEN) > len - VK_SIZE ||
		    !is_name(vk + VK_SIZE, le16(vk + VK_NAME_LEN),
			     le16(vk + VK_FLAGS) & VALUE_IS_LATIN, name, &room))
			continue;
		*ret = i;
		return 0;
	}
	return -ENOENT;
}

static bool each_of_pieces(const struct regf *hive, uint32_t place, size_t len,
			   piece_visit *visit, void *context)
{
	size_t there;
	const uint8_t *db = regf_cell(hive, place, DB_SIZE, &there);
	const uint8_t *list = db ? regf_cell(hive, le32(db + 4), 4 * (size_t)le16(db + 2),
					     &there)
				 : NULL;
	for (size_t i = 0; list && len && i < le16(db + 2); i++) {
		size_t part = smaller(len, PIECE);
		uint8_t *piece = regf_cell(hive, le32(list + 4 * i), part, &there);
		if (!piece)
			return false;
		visit(piece, part, context);
		len -= part;
	}
	return !len;
}

bool regf_each_piece(const struct regf *hive, uint8_t *vk, piece_visit *visit, void *context)
{
	uint32_t len = le32(vk + VK_DATA_LEN), place = le32(vk + VK_DATA);
	size_t there;
	if (len & IN_PLACE) {
		visit(vk + VK_DATA, smaller(len & ~IN_PLACE, 4), context);
		return true;
	}
	if (!len)
		return true;
	uint8_t *data = regf_cell(hive, place, len, &there);
	if (!data)
		return each_of_pieces(hive, place, len, visit, context);
	visit(data, len, context);
	return true;
}
