/* SPDX-License-Identifier: MIT */
/* gitformat-pack(5). One pass over all objects tells those that are whole and
 * notes which delta stands on what; then each delta whose base is known is made,
 * and what stands on it in turn. What is on a ring has no known base, ever. */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "git/reader.h"

enum {
	PACK_HEAD = 12,
	OBJECT_LEAST = 9, /* bytes: an empty one */
	HEAD_MOST = 64,	  /* of an object */
	OFS_DELTA = 6,
	REF_DELTA = 7,
	PIECE = 16 << 10,
};

/* ---- the head of an object ---- */

struct head {
	unsigned type;
	uint64_t size, data; /* data: offset of the stream */
	uint64_t base_at;    /* OFS_DELTA */
	struct git_id base;  /* REF_DELTA */
};

static size_t size_read(const uint8_t *at, size_t len, struct head *ret)
{
	if (!len)
		return 0;
	ret->type = at[0] >> 4 & 7;
	ret->size = at[0] & 15;
	size_t used = 1;
	for (unsigned shift = 4; at[used - 1] & 0x80; shift += 7) {
		if (used == len || shift > 56)
			return 0;
		ret->size |= (uint64_t)(at[used++] & 0x7f) << shift;
	}
	return used;
}

/* How far back the base stands. */
static size_t distance_read(const uint8_t *at, size_t len, uint64_t *ret)
{
	size_t used = 0;
	uint64_t back = 0;
	do {
		if (used == len || used == 8)
			return 0;
		back = (used ? (back + 1) << 7 : 0) | (at[used] & 0x7f);
	} while (at[used++] & 0x80);
	*ret = back;
	return used;
}

static int head_read(struct git *git, const struct pack *pack, uint64_t offset,
		     struct head *ret)
{
	const uint8_t *at;
	int64_t n = inflow_look(&git->in, pack->file, pack->end, offset, HEAD_MOST, &at);
	size_t len = n > 0 ? (size_t)n : 0, used = size_read(at, len, ret), more = 0;
	uint64_t back = 0;
	if (n < 0 || !used)
		return -EBADMSG;
	if (ret->type == OFS_DELTA) {
		more = distance_read(at + used, len - used, &back);
		if (!more || !back || back > offset)
			return -EBADMSG;
		ret->base_at = offset - back;
	} else if (ret->type == REF_DELTA) {
		more = git->id_size;
		if (len - used < more)
			return -EBADMSG;
		ret->base = (struct git_id){{0}};
		memcpy(ret->base.bytes, at + used, more);
	} else if (ret->type < GIT_COMMIT || ret->type > GIT_TAG) {
		return -EBADMSG;
	}
	ret->data = offset + used + more;
	return 0;
}

/* ---- what an entry unpacks to ---- */

static int unpack(struct git *git, const struct pack *pack, const struct head *head,
		  struct held *ret)
{
	if (!git_spend(git, head->size))
		return -EFBIG;
	struct held held = held_new((size_t)head->size);
	int r = inflow_begin(&git->in, pack->file, pack->end, head->data);
	if (!r)
		r = inflow_all(&git->in, held_bytes(&held), held.len);
	if (r < 0)
		held_clear(&held);
	else
		*ret = held;
	return r;
}

static int unpack_at(struct git *git, const struct pack *pack, uint64_t offset,
		     struct held *ret)
{
	struct head head;
	int r = head_read(git, pack, offset, &head);
	if (!r && head.size > OBJECT_MAX)
		r = -EFBIG;
	return r ? r : unpack(git, pack, &head, ret);
}

static int apply(struct git *git, const struct held *base, const struct held *delta,
		 struct held *ret)
{
	uint64_t from, to;
	if (!delta_sizes(held_bytes(delta), delta->len, &from, &to))
		return -EBADMSG;
	if (to > OBJECT_MAX || !git_spend(git, to))
		return -EFBIG;
	struct held out = held_new((size_t)to);
	int r = delta_apply(held_bytes(base), base->len, held_bytes(delta), delta->len,
			    held_bytes(&out), out.len);
	if (r < 0)
		held_clear(&out);
	else
		*ret = out;
	return r;
}

/* From what an entry stands on to the entry itself; NULL: said why. */
static const struct held *step_up(struct git *git, struct pack *pack, uint32_t entry,
				  const struct held *base)
{
	struct held own = {0}, made = {0};
	int r = unpack_at(git, pack, pack->entries[entry].offset, &own);
	if (!r && base) {
		r = apply(git, base, &own, &made);
		held_clear(&own);
	} else if (!r) {
		made = own;
	}
	if (!r)
		return cache_put(git, pack, entry, &made);
	git_trouble(git, r == -EFBIG ? GIT_LARGE : GIT_DAMAGED);
	return NULL;
}

const struct held *packed_content(struct git *git, struct pack *pack, uint32_t entry)
{
	VEC(uint32_t) chain = {0};
	const struct held *held;
	uint32_t at = entry;
	while (!(held = cache_get(git, pack, at)) && chain.n <= CHAIN_MAX) {
		*vec_add(&chain) = at;
		if (pack->entries[at].base == NONE)
			break;
		at = pack->entries[at].base;
	}
	bool begun = held != NULL, fits = chain.n <= CHAIN_MAX && pack->file;
	if (!fits)
		git_trouble(git, GIT_LARGE);
	while (fits && chain.n && !git_over(git)) {
		held = step_up(git, pack, chain.v[--chain.n], begun ? held : NULL);
		begun = fits = held != NULL;
	}
	bool whole = fits && !chain.n;
	vec_free(&chain);
	return whole ? held : NULL;
}

/* ---- the pass over all of it ---- */

static uint32_t entry_at(const struct pack *pack, uint32_t count, uint64_t offset)
{
	uint32_t from = 0, to = count;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (pack->entries[middle].offset == offset)
			return middle;
		if (pack->entries[middle].offset < offset)
			from = middle + 1;
		else
			to = middle;
	}
	return NONE;
}

static void put_on(struct pack *pack, uint32_t entry, uint32_t base)
{
	pack->entries[entry].base = base;
	pack->entries[entry].sibling = pack->entries[base].child;
	pack->entries[base].child = entry;
}

static int pass_over(struct git *git, const struct pack *pack, const struct head *head)
{
	uint8_t piece[PIECE];
	int r = git_spend(git, head->size)
			? inflow_begin(&git->in, pack->file, pack->end, head->data)
			: -EFBIG;
	uint64_t left = head->size;
	while (!r && left && !git_over(git)) {
		size_t part = left < sizeof piece ? (size_t)left : sizeof piece;
		if (inflow_read(&git->in, piece, part) != (int64_t)part)
			r = -EBADMSG;
		left -= part;
	}
	if (!r && inflow_read(&git->in, piece, 1) != 0)
		r = -EBADMSG;
	mem_wipe(piece, sizeof piece);
	return r;
}

static int note_delta(struct git *git, struct pack *pack, uint32_t entry,
		      const struct head *head)
{
	uint32_t base = NONE;
	if (head->type == REF_DELTA)
		*vec_add(&pack->waiting) = (struct waiting){head->base, entry};
	else
		base = entry_at(pack, entry, head->base_at);
	if (base != NONE)
		put_on(pack, entry, base);
	else if (head->type == OFS_DELTA)
		git_trouble(git, GIT_DAMAGED);
	if (head->size > OBJECT_MAX)
		git_trouble(git, GIT_LARGE);
	return pass_over(git, pack, head);
}

static void tell(struct git *git, struct pack *pack, uint32_t entry, const struct held *held)
{
	struct entry *at = &pack->entries[entry];
	pack->ids[entry] = object_id(git, at->type, held);
	at->told = true;
	if (!git_knows(git, &pack->ids[entry], pack))
		object_tell(git, at->type, &pack->ids[entry], held);
}

static int take_whole(struct git *git, struct pack *pack, uint32_t entry,
		      const struct head *head)
{
	struct held held;
	pack->entries[entry].type = (uint8_t)head->type;
	if (head->size > OBJECT_MAX && head->type == GIT_BLOB) {
		object_tell_large(git, pack->file, pack->end, head->data, 0, head->size);
		return 0;
	}
	if (head->size > OBJECT_MAX) {
		git_trouble(git, GIT_LARGE);
		return pass_over(git, pack, head);
	}
	int r = unpack(git, pack, head, &held);
	if (r < 0)
		return r;
	tell(git, pack, entry, &held);
	held_clear(&held);
	return 0;
}

/* Behind an object that can not be read nobody knows where the next one begins. */
static void take_all(struct git *git, struct pack *pack)
{
	uint64_t at = PACK_HEAD;
	uint32_t i = 0;
	for (int r = 0; i < pack->count && !r && !git_over(git); i++) {
		struct head head;
		pack->entries[i] = (struct entry){at, NONE, NONE, NONE, NONE, 0, false, false};
		r = head_read(git, pack, at, &head);
		if (!r)
			r = head.type >= OFS_DELTA ? note_delta(git, pack, i, &head)
						   : take_whole(git, pack, i, &head);
		at = inflow_where(&git->in);
		if (r < 0)
			git_trouble(git, r == -EFBIG ? GIT_LARGE : GIT_DAMAGED);
	}
	if (i == pack->count && at != pack->end)
		git_trouble(git, GIT_DAMAGED);
	pack->count = i;
}

/* ---- deltas ---- */

static int compare_waiting(const void *a, const void *b)
{
	return git_id_compare(&((const struct waiting *)a)->base,
			      &((const struct waiting *)b)->base);
}

/* Those that waited for this entry's id. */
static void attach(struct pack *pack, uint32_t entry)
{
	size_t from = 0, to = pack->waiting.n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (git_id_compare(&pack->waiting.v[middle].base, &pack->ids[entry]) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < pack->waiting.n; from++) {
		struct waiting *waiting = &pack->waiting.v[from];
		if (git_id_compare(&waiting->base, &pack->ids[entry]) != 0)
			return;
		if (pack->entries[waiting->entry].base == NONE)
			put_on(pack, waiting->entry, entry);
	}
}

static bool make(struct git *git, struct pack *pack, uint32_t entry)
{
	const struct held *held = packed_content(git, pack, entry);
	if (!held)
		return false;
	pack->entries[entry].type = pack->entries[pack->entries[entry].base].type;
	tell(git, pack, entry, held);
	attach(pack, entry);
	return true;
}

static void make_all_on(struct git *git, struct pack *pack, uint32_t root)
{
	VEC(uint32_t) next = {0};
	*vec_add(&next) = root;
	while (next.n && !git_over(git)) {
		uint32_t at = next.v[--next.n];
		if (at != root && !make(git, pack, at))
			continue;
		for (uint32_t on = pack->entries[at].child; on != NONE;
		     on = pack->entries[on].sibling)
			*vec_add(&next) = on;
	}
	vec_free(&next);
}

static void make_all(struct git *git, struct pack *pack, bool trees)
{
	for (uint32_t i = 0; i < pack->count && !git_over(git); i++) {
		const struct entry *entry = &pack->entries[i];
		if (entry->base == NONE && entry->type && (entry->type == GIT_TREE) == trees &&
		    entry->child != NONE)
			make_all_on(git, pack, i);
	}
}

static void sort_ids(struct pack *pack)
{
	if (!pack->order)
		pack->order = mem_alloc((pack->count + (size_t)1) * sizeof *pack->order);
	pack->ordered = 0;
	for (uint32_t i = 0; i < pack->count; i++)
		if (pack->entries[i].told)
			pack->order[pack->ordered++] = &pack->ids[i];
	sort_stable(pack->order, pack->ordered, sizeof *pack->order, git_id_compare_pointed);
}

void packed_trees(struct git *git, struct pack *pack)
{
	if (pack->trees || !pack->file)
		return;
	pack->trees = true;
	make_all(git, pack, true);
	sort_ids(pack);
}

static bool some_wait(const struct pack *pack)
{
	vec_each(&pack->waiting, waiting)
		if (pack->entries[waiting->entry].base == NONE)
			return true;
	return false;
}

static void make_deltas(struct git *git, struct pack *pack)
{
	sort_stable(pack->waiting.v, pack->waiting.n, sizeof *pack->waiting.v, compare_waiting);
	for (uint32_t i = 0; pack->waiting.n && i < pack->count; i++)
		if (pack->entries[i].told)
			attach(pack, i);
	make_all(git, pack, false);
	sort_ids(pack);
	if (!some_wait(pack) || git_over(git))
		return;
	packed_trees(git, pack); /* they may stand on one of these */
	if (some_wait(pack))
		git_trouble(git, GIT_DAMAGED);
}

/* ---- the whole ---- */

int packed_read(struct git *git, struct pack *pack)
{
	const uint8_t *head;
	int64_t n = inflow_look(&git->in, pack->file, pack->size, 0, PACK_HEAD, &head);
	if (n < PACK_HEAD || pack->size < PACK_HEAD + git->id_size ||
	    memcmp(head, "PACK", 4) != 0 || (be32(head + 4) != 2 && be32(head + 4) != 3))
		return -EBADMSG;
	pack->end = pack->size - git->id_size;
	uint64_t count = be32(head + 8), most = (pack->end - PACK_HEAD) / OBJECT_LEAST;
	if (count > most) {
		git_trouble(git, GIT_DAMAGED);
		count = most;
	}
	if (count > OBJECTS_MAX - git->objects) {
		git_trouble(git, GIT_LARGE);
		count = OBJECTS_MAX - git->objects;
	}
	pack->count = (uint32_t)count;
	git->objects += pack->count;
	pack->entries = mem_alloc((pack->count + (size_t)1) * sizeof *pack->entries);
	pack->ids = mem_alloc((pack->count + (size_t)1) * sizeof *pack->ids);
	take_all(git, pack);
	make_deltas(git, pack);
	return 0;
}

uint32_t packed_find(const struct pack *pack, const struct git_id *id)
{
	struct git_id *const *at = pack->ordered ? bsearch(&id, pack->order, pack->ordered,
							   sizeof *pack->order,
							   git_id_compare_pointed)
						 : NULL;
	return at ? (uint32_t)(*at - pack->ids) : NONE;
}

void packed_clear(struct pack *pack)
{
	plat_file_close(pack->file);
	free(pack->entries);
	free(pack->ids);
	free(pack->order);
	vec_free(&pack->waiting);
}
