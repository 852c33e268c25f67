/* SPDX-License-Identifier: MIT */
/* What is removed is unlinked, and nothing else: its cells are in nobody's reach then. */
#include <errno.h>
#include <string.h>

#include "regf/find.h"

int regf_open(struct buf *file, struct regf **ret)
{
	const uint8_t *block = (const uint8_t *)file->data;
	int r = regf_fit(file->data, file->len);
	if (r < 0)
		return r;
	struct regf *hive = mem_alloc(sizeof *hive);
	hive->file = file;
	hive->size = le32(block + REGF_SIZE);
	hive->root = le32(block + REGF_ROOT);
	hive->minor = le32(block + REGF_MINOR);
	r = regf_mark_cells(hive) ? regf_walk(hive, false, NULL) : -EBADMSG;
	if (r < 0) {
		regf_close(hive);
		return r;
	}
	*ret = hive;
	return 0;
}

void regf_close(struct regf *hive)
{
	if (!hive)
		return;
	free(hive->begins);
	free(hive->reached);
	free(hive);
}

/* ---- lists ---- */

/* Takes an entry out of a list of `count`. */
static void close_gap(uint8_t *entries, size_t stride, uint32_t index, uint32_t count)
{
	memmove(entries + index * stride, entries + (index + 1) * stride,
		(count - index - 1) * stride);
	memset(entries + (count - 1) * stride, 0, stride);
}

/* Members that are left, or -EBADMSG. */
static int drop_member(struct regf *hive, uint32_t place, uint32_t index)
{
	size_t len;
	uint8_t *list = regf_cell(hive, place, 4, &len);
	if (!list)
		return -EBADMSG;
	uint32_t count = le16(list + 2);
	size_t stride = list[1] == 'i' ? 4 : 8;
	if (index >= count || 4 + count * stride > len)
		return -EBADMSG;
	close_gap(list + 4, stride, index, count);
	put16(list + 2, count - 1);
	return (int)count - 1;
}

static void forget_subkeys(uint8_t *nk)
{
	put32(nk + NK_SUBKEYS, 0);
	put32(nk + NK_LIST, NOWHERE);
	put16(nk + NK_MOST_NAME, 0); /* what follows in these four bytes are flags */
	put32(nk + NK_MOST_CLASS, 0);
}

static void forget_values(uint8_t *nk)
{
	if (le16(nk + NK_FLAGS) & KEY_IS_PREDEFINED)
		return;
	put32(nk + NK_VALUES, 0);
	put32(nk + NK_VALUE_LIST, NOWHERE);
	put32(nk + NK_MOST_VALUE_NAME, 0);
	put32(nk + NK_MOST_DATA, 0);
}

/* ---- keys ---- */

int regf_remove_key(struct regf *hive, const char *key)
{
	struct spot spot;
	size_t len;
	int r = regf_find(hive, key, &spot);
	if (r < 0)
		return r;
	uint8_t *parent = regf_cell(hive, spot.parent, NK_SIZE, &len);
	if (!parent)
		return -EINVAL;
	r = drop_member(hive, spot.list, spot.index);
	/* A list of lists holds no empty one. */
	if (!r && spot.above != NOWHERE)
		r = drop_member(hive, spot.above, spot.above_index);
	if (r < 0)
		return r;
	put32(parent + NK_SUBKEYS, le32(parent + NK_SUBKEYS) - 1);
	if (!le32(parent + NK_SUBKEYS))
		forget_subkeys(parent);
	return 0;
}

int regf_empty_key(struct regf *hive, const char *key)
{
	struct spot spot;
	size_t len;
	int r = regf_find(hive, key, &spot);
	uint8_t *nk = r < 0 ? NULL : regf_cell(hive, spot.key, NK_SIZE, &len);
	if (!nk)
		return r < 0 ? r : -EBADMSG;
	forget_subkeys(nk);
	forget_values(nk);
	return 0;
}

/* FILETIME (MS-DTYP): units of 100 ns since 1601. */
int regf_written(const struct regf *hive, const char *key, int64_t *ret)
{
	enum { UNIT = 100 };
	static const uint64_t from_1601 = 116444736000000000;
	struct spot spot;
	size_t len;
	int r = regf_find(hive, key, &spot);
	const uint8_t *nk = r < 0 ? NULL : regf_cell(hive, spot.key, NK_SIZE, &len);
	if (!nk)
		return r < 0 ? r : -EBADMSG;
	uint64_t time = (uint64_t)le32(nk + NK_WRITTEN + 4) << 32 | le32(nk + NK_WRITTEN);
	*ret = (int64_t)((time - from_1601) * UNIT);
	return 0;
}

/* ---- values ---- */

/* The list of a key's values; *ret_index: where the value's place stands in it. */
static int value_list(const struct regf *hive, const char *key, const char *name,
		      uint32_t *ret_key, uint8_t **ret_list, uint32_t *ret_index)
{
	struct spot spot;
	size_t len;
	int r = regf_find(hive, key, &spot);
	if (!r)
		r = regf_find_value(hive, spot.key, name, ret_index);
	if (r < 0)
		return r;
	const uint8_t *nk = regf_cell(hive, spot.key, NK_SIZE, &len);
	*ret_key = spot.key;
	*ret_list = regf_cell(hive, le32(nk + NK_VALUE_LIST), 4 * (size_t)*ret_index + 4, &len);
	return *ret_list ? 0 : -EBADMSG;
}

int regf_remove_value(struct regf *hive, const char *key, const char *name)
{
	uint32_t place, index;
	uint8_t *list;
	size_t len;
	int r = value_list(hive, key, name, &place, &list, &index);
	if (r < 0)
		return r;
	uint8_t *nk = regf_cell(hive, place, NK_SIZE, &len);
	uint32_t count = le32(nk + NK_VALUES);
	close_gap(list, 4, index, count);
	put32(nk + NK_VALUES, count - 1);
	if (count == 1)
		forget_values(nk);
	return 0;
}

static uint8_t *value_of(const struct regf *hive, const char *key, const char *name,
			 uint32_t *ret_place, int *ret)
{
	uint32_t place, index;
	uint8_t *list;
	size_t len;
	*ret = value_list(hive, key, name, &place, &list, &index);
	if (*ret < 0)
		return NULL;
	*ret_place = le32(list + 4 * index);
	uint8_t *vk = regf_cell(hive, *ret_place, VK_SIZE, &len);
	*ret = vk ? 0 : -EBADMSG;
	return vk;
}

static void add_piece(uint8_t *piece, size_t len, void *context)
{
	buf_add(context, piece, len);
}

int regf_read_value(const struct regf *hive, const char *key, const char *name, struct buf *out,
		    uint32_t *ret_type)
{
	uint32_t place;
	int r;
	uint8_t *vk = value_of(hive, key, name, &place, &r);
	if (r < 0)
		return r;
	*ret_type = le32(vk + VK_TYPE);
	return regf_each_piece(hive, vk, add_piece, out) ? 0 : -EBADMSG;
}

static void write_piece(uint8_t *piece, size_t len, void *context)
{
	const uint8_t **from = context;
	memcpy(piece, *from, len);
	*from += len;
}

static void grow(uint8_t *field, size_t len)
{
	if (le32(field) < len)
		put32(field, (uint32_t)len);
}

/* Data of another length gets a cell of its own; the old one is in nobody's reach then. */
static int write_anew(struct regf *hive, const char *key, const char *name, const void *data,
		      size_t len)
{
	struct spot spot;
	uint32_t place, cell = 0;
	size_t there;
	int r = len > 4 ? regf_new_cell(hive, len, &cell) : 0;
	if (r < 0)
		return r;
	uint8_t *vk = value_of(hive, key, name, &place, &r); /* the bytes may have moved */
	if (!r)
		r = regf_find(hive, key, &spot);
	if (r < 0)
		return r;
	if (len > 4) {
		memcpy(regf_at(hive, cell) + 4, data, len);
		put32(vk + VK_DATA, cell);
		put32(vk + VK_DATA_LEN, (uint32_t)len);
	} else {
		put32(vk + VK_DATA, 0);
		if (len)
			memcpy(vk + VK_DATA, data, len);
		put32(vk + VK_DATA_LEN, IN_PLACE | (uint32_t)len);
	}
	grow(regf_cell(hive, spot.key, NK_SIZE, &there) + NK_MOST_DATA, len);
	return 0;
}

int regf_write_value(struct regf *hive, const char *key, const char *name, const void *data,
		     size_t len)
{
	uint32_t place;
	int r;
	uint8_t *vk = value_of(hive, key, name, &place, &r);
	if (r < 0)
		return r;
	if ((le32(vk + VK_DATA_LEN) & ~IN_PLACE) != len)
		return write_anew(hive, key, name, data, len);
	const uint8_t *from = data;
	return regf_each_piece(hive, vk, write_piece, &from) ? 0 : -EBADMSG;
}
