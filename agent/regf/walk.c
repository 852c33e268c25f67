/* SPDX-License-Identifier: MIT */
/* From the root to every cell that belongs to the hive. A cell that two others name would
 * be cleaned for one and needed by the other, and a ring would never end: no cell is taken
 * twice, but for security descriptors, which have a ring of their own and are counted. */
#include <errno.h>
#include <string.h>

#include "regf/inside.h"

struct walk {
	struct regf *hive;
	bool tidy;
	VEC(uint32_t) keys; /* that were reached and not looked into yet */
	securities ring;
};

/* The cell is the hive's, and so are `used` bytes of it. NULL: it was taken already, or
 * holds less. */
static uint8_t *take(struct walk *walk, uint32_t place, size_t used)
{
	size_t len;
	uint8_t *cell = regf_cell(walk->hive, place, used, &len);
	if (!cell || bit_is(walk->hive->reached, place))
		return NULL;
	bit_set(walk->hive->reached, place);
	if (walk->tidy)
		memset(cell + used, 0, len - used);
	return cell;
}

/* One whose head says how long it is: `fixed` bytes, and as many as stand at `field`. */
static uint8_t *take_named(struct walk *walk, uint32_t place, const char *kind, size_t fixed,
			   size_t field)
{
	size_t len;
	uint8_t *cell = regf_cell(walk->hive, place, fixed, &len);
	return cell && memcmp(cell, kind, 2) == 0
		       ? take(walk, place, fixed + le16(cell + field))
		       : NULL;
}

/* ---- security descriptors ---- */

static int compare_places(const void *a, const void *b)
{
	const struct security *x = a, *y = b;
	return x->place < y->place ? -1 : x->place > y->place;
}

static bool take_security(struct walk *walk, uint32_t place, uint32_t *ret_next)
{
	size_t len;
	uint8_t *sk = regf_cell(walk->hive, place, SK_SIZE, &len);
	if (!sk || memcmp(sk, "sk", 2) != 0 || le32(sk + SK_LEN) > len - SK_SIZE ||
	    !take(walk, place, SK_SIZE + (size_t)le32(sk + SK_LEN)))
		return false;
	*ret_next = le32(sk + SK_NEXT);
	const uint8_t *next = regf_cell(walk->hive, *ret_next, SK_SIZE, &len);
	if (!next || le32(next + SK_LAST) != place)
		return false;
	vec_add(&walk->ring)->place = place;
	return true;
}

static bool take_ring(struct walk *walk)
{
	size_t len;
	const uint8_t *root = regf_cell(walk->hive, walk->hive->root, NK_SIZE, &len);
	if (!root)
		return false;
	uint32_t first = le32(root + NK_SECURITY), at = first;
	do {
		if (!take_security(walk, at, &at))
			return false;
	} while (at != first);
	qsort(walk->ring.v, walk->ring.n, sizeof *walk->ring.v, compare_places);
	return true;
}

static bool count_security(struct walk *walk, uint32_t place)
{
	struct security key = {.place = place};
	struct security *found = bsearch(&key, walk->ring.v, walk->ring.n, sizeof *walk->ring.v,
					 compare_places);
	return found && ++found->references;
}

/* ---- values ---- */

static bool take_pieces(struct walk *walk, uint32_t place, size_t len)
{
	const uint8_t *db = take(walk, place, DB_SIZE);
	if (!db || memcmp(db, "db", 2) != 0)
		return false;
	size_t count = le16(db + 2);
	const uint8_t *list = take(walk, le32(db + 4), 4 * count);
	if (!list || count != (len + PIECE - 1) / PIECE)
		return false;
	for (size_t i = 0; i < count; i++, len -= PIECE)
		if (!take(walk, le32(list + 4 * i), smaller(len, PIECE)))
			return false;
	return true;
}

static bool take_data(struct walk *walk, uint8_t *vk)
{
	uint32_t len = le32(vk + VK_DATA_LEN), place = le32(vk + VK_DATA);
	size_t there;
	if (len & IN_PLACE) {
		len &= ~IN_PLACE;
		if (len > 4)
			return false;
		if (walk->tidy)
			memset(vk + VK_DATA + len, 0, 4 - len);
		return true;
	}
	if (!len) {
		if (walk->tidy)
			put32(vk + VK_DATA, NOWHERE);
		return true;
	}
	/* Other writers have one cell for long data, too. */
	if (walk->hive->minor > 3 && len > PIECE && !regf_cell(walk->hive, place, len, &there))
		return take_pieces(walk, place, len);
	return take(walk, place, len) != NULL;
}

static bool take_values(struct walk *walk, uint8_t *nk)
{
	size_t count = le32(nk + NK_VALUES);
	if (le16(nk + NK_FLAGS) & KEY_IS_PREDEFINED)
		return true;
	if (!count) {
		if (walk->tidy)
			put32(nk + NK_VALUE_LIST, NOWHERE);
		return true;
	}
	const uint8_t *list = take(walk, le32(nk + NK_VALUE_LIST), 4 * count);
	for (size_t i = 0; list && i < count; i++) {
		uint8_t *vk = take_named(walk, le32(list + 4 * i), "vk", VK_SIZE, VK_NAME_LEN);
		if (!vk || !take_data(walk, vk))
			return false;
	}
	return list != NULL;
}

/* ---- keys ---- */

static bool take_key(struct walk *walk, uint32_t place)
{
	if (!take_named(walk, place, "nk", NK_SIZE, NK_NAME_LEN))
		return false;
	*vec_add(&walk->keys) = place;
	return true;
}

/* A list of keys, or of such lists; *count: the keys that are still to come. */
static bool take_list(struct walk *walk, uint32_t place, bool inner, uint32_t *count)
{
	size_t len;
	const uint8_t *list = regf_cell(walk->hive, place, 4, &len);
	if (!list || (list[0] != 'l' && list[0] != 'r') || !le16(list + 2))
		return false;
	bool hashed = list[0] == 'l' && (list[1] == 'f' || list[1] == 'h');
	bool lists = list[0] == 'r';
	size_t members = le16(list + 2), stride = hashed ? 8 : 4;
	if ((!hashed && list[1] != 'i') || (lists && inner) ||
	    !take(walk, place, 4 + members * stride))
		return false;
	for (size_t i = 0; i < members; i++) {
		uint32_t member = le32(list + 4 + i * stride);
		if (lists ? !take_list(walk, member, true, count)
			  : !*count || !(*count)-- || !take_key(walk, member))
			return false;
	}
	return true;
}

static bool take_subkeys(struct walk *walk, uint8_t *nk)
{
	uint32_t count = le32(nk + NK_SUBKEYS);
	if (count)
		return take_list(walk, le32(nk + NK_LIST), false, &count) && !count;
	if (walk->tidy)
		put32(nk + NK_LIST, NOWHERE);
	return true;
}

static bool look_into(struct walk *walk, uint32_t place)
{
	size_t len;
	uint8_t *nk = regf_cell(walk->hive, place, NK_SIZE, &len);
	size_t class = le16(nk + NK_CLASS_LEN);
	if (class && !take(walk, le32(nk + NK_CLASS), class))
		return false;
	if (!class && walk->tidy)
		put32(nk + NK_CLASS, NOWHERE);
	return count_security(walk, le32(nk + NK_SECURITY)) && take_values(walk, nk) &&
	       take_subkeys(walk, nk);
}

int regf_walk(struct regf *hive, bool tidy, securities *ret_ring)
{
	struct walk walk = {.hive = hive, .tidy = tidy};
	memset(hive->reached, 0, hive->size / GRAIN / 8);
	bool sound = take_ring(&walk) && take_key(&walk, hive->root);
	while (sound && walk.keys.n)
		sound = look_into(&walk, walk.keys.v[--walk.keys.n]);
	vec_free(&walk.keys);
	if (sound && ret_ring) {
		*ret_ring = walk.ring;
		return 0;
	}
	vec_free(&walk.ring);
	return sound ? 0 : -EBADMSG;
}
