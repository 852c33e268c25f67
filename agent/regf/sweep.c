/* SPDX-License-Identifier: MIT */
/* What the walk does not reach becomes zeros. Bins stay as they are and cells fill them as
 * before; only those that are free, or are now, are one where they are neighbours. */
#include <errno.h>
#include <string.h>

#include "regf/inside.h"

static void put_link(struct regf *hive, uint32_t place, uint32_t field, uint32_t to)
{
	put32(regf_at(hive, place) + 4 + field, to);
}

/* In the order of the ring, without those that no key names any more: they are not in
 * reach then. */
static void mend_ring(struct regf *hive, const securities *ring)
{
	uint32_t first = NOWHERE, last = NOWHERE;
	vec_each(ring, sk) {
		put_link(hive, sk->place, SK_REFERENCES, sk->references);
		if (!sk->references)
			hive->reached[sk->place / GRAIN / 8] &= (uint8_t) ~(
				1u << (sk->place / GRAIN % 8));
		if (sk->references && first == NOWHERE)
			first = sk->place;
	}
	if (first == NOWHERE) /* the root has one, so this is never so */
		return;
	uint32_t at = first;
	do {
		uint32_t next = le32(regf_at(hive, at) + 4 + SK_NEXT);
		if (bit_is(hive->reached, at)) {
			if (last != NOWHERE) {
				put_link(hive, last, SK_NEXT, at);
				put_link(hive, at, SK_LAST, last);
			}
			last = at;
		}
		at = next;
	} while (at != first);
	put_link(hive, last, SK_NEXT, first);
	put_link(hive, first, SK_LAST, last);
}

struct run {
	uint32_t start, end; /* of free cells, side by side */
};

static void end_run(struct regf *hive, struct run *run)
{
	if (run->end == run->start)
		return;
	memset(regf_at(hive, run->start), 0, run->end - run->start);
	put32(regf_at(hive, run->start), run->end - run->start);
	run->start = run->end;
}

static bool free_cell(struct regf *hive, uint32_t place, uint32_t size, bool used,
		      void *context)
{
	struct run *run = context;
	bool stays = used && bit_is(hive->reached, place);
	if (stays || place != run->end)
		end_run(hive, run);
	if (stays)
		return true;
	if (place != run->end)
		run->start = place;
	run->end = place + size;
	return true;
}

int regf_sweep(struct regf *hive)
{
	securities ring = {0};
	struct run run = {0};
	uint8_t *block = (uint8_t *)hive->file->data;
	size_t end = BASE + (size_t)hive->size;
	int r = regf_walk(hive, true, &ring);
	if (r < 0)
		return r;
	mend_ring(hive, &ring);
	vec_free(&ring);
	if (!regf_each_cell(hive, free_cell, &run))
		return -EBADMSG;
	end_run(hive, &run);
	memset(block + REGF_REST, 0, REGF_THAW - REGF_REST);
	memset(block + end, 0, hive->file->len - end);
	return regf_mark_cells(hive) ? regf_walk(hive, false, NULL) : -EBADMSG;
}
