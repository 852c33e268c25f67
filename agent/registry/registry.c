/* SPDX-License-Identifier: MIT */
/* A hive is a block of 4096 bytes and bins behind it; in those lie cells, and every place
 * in the file counts from the first bin. A cell begins with its size, negative when it is
 * in use. Keys ("nk") name a list of their subkeys ("lf", "lh", "li", or "ri", which is a
 * list of such lists) and one of their values ("vk"). */
#include "registry/registry.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

enum {
	BASE = 4096,
	CELLS_MAX = 1 << 20, /* that one run takes */
	NK_SIZE = 76,	     /* of the fixed part */
	VK_SIZE = 20,
	COMP_NAME = 0x20, /* KEY_COMP_NAME: the key's name is of Latin-1 */
	VALUE_COMP_NAME = 1,
	IN_PLACE = 1u << 31, /* the value stands where its place would */
};

struct hive {
	struct plat_file *file;
	uint64_t size; /* behind the first block */
	unsigned taken;
	registry_sink *sink;
	void *context;
	size_t asked;
};

struct key {
	char name[REGISTRY_NAME_MAX];
	uint32_t subkeys, list; /* their number, where the list is */
	uint32_t values, value_list;
};

static int bytes(const struct hive *hive, void *out, size_t len, uint64_t place)
{
	if (place > hive->size || len > hive->size - place)
		return -EBADMSG;
	int64_t n = plat_file_read(hive->file, out, len, BASE + place);
	return n < 0 ? (int)n : (size_t)n < len ? -EBADMSG : 0;
}

/* The first bytes of a cell: `least` of them at least, `most` at most. */
static int cell(struct hive *hive, uint32_t place, void *out, size_t least, size_t most,
		size_t *ret_len)
{
	uint8_t head[4];
	if (++hive->taken > CELLS_MAX)
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

static void add_wide(const uint8_t *from, size_t units, struct buf *out)
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

static void add_latin(const uint8_t *from, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len && from[i]; i++) {
		uint8_t character[4];
		buf_add(out, character, utf8_put(from[i], character));
	}
}

static int take_name(const uint8_t *from, size_t len, bool latin, char ret[REGISTRY_NAME_MAX])
{
	_cleanup_(buf_free) struct buf name = {0};
	if (latin)
		add_latin(from, len, &name);
	else
		add_wide(from, len / 2, &name);
	if (name.len >= REGISTRY_NAME_MAX)
		return -EBADMSG;
	memcpy(ret, buf_text(&name), name.len + 1);
	return 0;
}

bool registry_text(const struct registry_value *value, struct buf *out)
{
	if (value->type != REGISTRY_SZ && value->type != REGISTRY_EXPAND_SZ)
		return false;
	add_wide(value->data, value->len / 2, out);
	return true;
}

bool registry_number(const struct registry_value *value, uint32_t *ret)
{
	if (value->type != REGISTRY_DWORD || value->len != 4)
		return false;
	*ret = le32(value->data);
	return true;
}

/* ---- keys ---- */

static int take_key(struct hive *hive, uint32_t place, struct key *ret)
{
	uint8_t nk[NK_SIZE + 512];
	size_t len;
	int r = cell(hive, place, nk, NK_SIZE, sizeof nk, &len);
	if (r < 0)
		return r;
	size_t name = le16(nk + 72);
	if (memcmp(nk, "nk", 2) != 0 || name > len - NK_SIZE)
		return -EBADMSG;
	ret->subkeys = le32(nk + 20);
	ret->list = le32(nk + 28);
	ret->values = le32(nk + 36);
	ret->value_list = le32(nk + 40);
	return take_name(nk + NK_SIZE, name, le16(nk + 2) & COMP_NAME, ret->name);
}

/* Called for each subkey; what is not 0 ends the round. */
typedef int key_visit(struct hive *hive, const struct key *key, void *context);

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

static int each_of_list(struct hive *hive, uint32_t place, bool inner, key_visit *visit,
			void *context)
{
	struct list list;
	int r = take_list(hive, place, &list);
	if (r < 0)
		return r;
	bool lists = list.kind[0] == 'r';
	if (lists && inner) /* none holds lists of lists */
		r = -EBADMSG;
	for (size_t i = 0; !r && i < list.count; i++) {
		uint32_t member = le32(list.at + i * list.stride);
		struct key key;
		if (lists) {
			r = each_of_list(hive, member, true, visit, context);
			continue;
		}
		r = take_key(hive, member, &key);
		if (!r)
			r = visit(hive, &key, context);
	}
	free(list.at);
	return r;
}

static int each_subkey(struct hive *hive, const struct key *key, key_visit *visit,
		       void *context)
{
	return key->subkeys ? each_of_list(hive, key->list, false, visit, context) : 0;
}

/* ---- values ---- */

/* Data of more than 16344 bytes lies in pieces; it is not told. */
static int take_data(struct hive *hive, const uint8_t *vk, uint8_t *out, size_t *ret_len)
{
	uint32_t len = le32(vk + 4);
	*ret_len = len & ~IN_PLACE;
	if (len & IN_PLACE) {
		if (*ret_len > 4)
			return -EBADMSG;
		memcpy(out, vk + 8, *ret_len);
		return 0;
	}
	if (!len)
		return 0;
	return cell(hive, le32(vk + 8), out, len, len, ret_len);
}

static int tell_value(struct hive *hive, const struct key *key, uint32_t place)
{
	uint8_t vk[VK_SIZE + 512];
	_cleanup_free_ uint8_t *data = NULL;
	char name[REGISTRY_NAME_MAX];
	size_t len, size;
	int r = cell(hive, place, vk, VK_SIZE, sizeof vk, &len);
	if (r < 0)
		return r;
	size_t name_len = le16(vk + 2);
	if (memcmp(vk, "vk", 2) != 0)
		return -EBADMSG;
	if (name_len > len - VK_SIZE || (le32(vk + 4) & ~IN_PLACE) > REGISTRY_DATA_MAX)
		return name_len > len - VK_SIZE && len < sizeof vk ? -EBADMSG : 0;
	r = take_name(vk + VK_SIZE, name_len, le16(vk + 16) & VALUE_COMP_NAME, name);
	data = mem_alloc(REGISTRY_DATA_MAX);
	if (!r)
		r = take_data(hive, vk, data, &size);
	if (r < 0)
		return r;
	struct registry_value value = {hive->asked, key->name, name, le32(vk + 12), data, size};
	hive->sink(&value, hive->context);
	return 0;
}

static int tell_key(struct hive *hive, const struct key *key, void *context)
{
	enum { VALUES_MAX = 4096 };
	(void)context;
	if (!key->values)
		return 0;
	if (key->values > VALUES_MAX)
		return -EFBIG;
	size_t size = 4 * (size_t)key->values, len;
	_cleanup_free_ uint8_t *list = mem_alloc(size);
	int r = cell(hive, key->value_list, list, size, size, &len);
	for (size_t i = 0; !r && i < key->values; i++)
		r = tell_value(hive, key, le32(list + 4 * i));
	return r;
}

/* ---- the way down ---- */

struct search {
	const char *wanted;
	struct key *ret;
};

static int compare_key(struct hive *hive, const struct key *key, void *context)
{
	struct search *search = context;
	(void)hive;
	if (fold_compare(key->name, search->wanted) != 0)
		return 0;
	*search->ret = *key;
	return 1;
}

/* 1 with the subkey in *key, or 0. */
static int go_down(struct hive *hive, struct key *key, const char *name)
{
	struct key found;
	struct search search = {name, &found};
	int r = each_subkey(hive, key, compare_key, &search);
	if (r > 0)
		*key = found;
	return r;
}

static int read_one(struct hive *hive, uint32_t root, const char *path)
{
	struct key key;
	_cleanup_free_ char *parts = mem_strdup(path);
	char *save;
	int r = take_key(hive, root, &key);
	for (char *part = strtok_r(parts, "\\", &save); part && !r;
	     part = strtok_r(NULL, "\\", &save)) {
		if (strcmp(part, "*") == 0)
			return each_subkey(hive, &key, tell_key, NULL);
		r = go_down(hive, &key, part);
		if (r <= 0)
			return r;
		r = 0;
	}
	return r < 0 ? r : tell_key(hive, &key, NULL);
}

int registry_read(struct plat_file *file, uint64_t size, const char *const *keys,
		  registry_sink *sink, void *context)
{
	uint8_t base[48];
	int64_t n = plat_file_read(file, base, sizeof base, 0);
	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof base || memcmp(base, "regf", 4) != 0 || size < BASE)
		return -EBADMSG;
	struct hive hive = {
		.file = file, .size = size - BASE, .sink = sink, .context = context};
	int r = 0;
	for (; !r && keys[hive.asked]; hive.asked++)
		r = read_one(&hive, le32(base + 36), keys[hive.asked]);
	return r;
}
