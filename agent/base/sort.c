/* SPDX-License-Identifier: MIT */
#include "base/sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SHORT_RUN = 8, ROOM = 1024 };

struct sorting {
	size_t size;
	int (*compare)(const void *, const void *);
	uint8_t *room; /* for half of all, and at least one */
};

static void insert_each(const struct sorting *s, uint8_t *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint8_t *it = items + i * s->size, *to = it;
		while (to > items && s->compare(to - s->size, it) > 0)
			to -= s->size;
		if (to == it)
			continue;
		memcpy(s->room, it, s->size);
		memmove(to + s->size, to, (size_t)(it - to));
		memcpy(to, s->room, s->size);
	}
}

/* The first half moves out of the way; what is left of it at the end goes behind. */
static void merge(const struct sorting *s, uint8_t *items, size_t first, size_t count)
{
	uint8_t *to = items, *right = items + first * s->size, *end = items + count * s->size;
	const uint8_t *left = s->room, *left_end = s->room + first * s->size;
	memcpy(s->room, items, first * s->size);
	while (left < left_end && right < end) {
		bool from_right = s->compare(left, right) > 0;
		memcpy(to, from_right ? right : left, s->size);
		to += s->size;
		right += from_right ? s->size : 0;
		left += from_right ? 0 : s->size;
	}
	memcpy(to, left, (size_t)(left_end - left));
}

static void sort(const struct sorting *s, uint8_t *items, size_t count)
{
	if (count <= SHORT_RUN) {
		insert_each(s, items, count);
		return;
	}
	size_t first = count / 2;
	uint8_t *second = items + first * s->size;
	sort(s, items, first);
	sort(s, second, count - first);
	if (s->compare(second - s->size, second) > 0)
		merge(s, items, first, count);
}

void sort_stable(void *items, size_t count, size_t size,
		 int (*compare)(const void *, const void *))
{
	_Alignas(16) uint8_t here[ROOM];
	struct sorting s = {size, compare, here};
	size_t need = (count / 2 + 1) * size;
	if (count < 2)
		return;
	if (need > sizeof here)
		s.room = mem_alloc(need);
	sort(&s, items, count);
	if (need > sizeof here)
		free(s.room);
}
