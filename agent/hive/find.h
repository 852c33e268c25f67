/* SPDX-License-Identifier: MIT */
/* Where in a hive that was walked a key or a value stands. */
#ifndef HIVE_FIND_H
#define HIVE_FIND_H

#include "hive/inside.h"

/* A key, and what names it: an entry of a list, which is an entry of another list or not.
 * NOWHERE where there is none. */
struct spot {
	uint32_t key, parent;
	uint32_t list, index;
	uint32_t above, above_index;
};

int hive_find(const struct hive *hive, const char *path, struct spot *ret);

/* *ret: its number in the key's list. */
int hive_find_value(const struct hive *hive, uint32_t key, const char *name, uint32_t *ret);

/* The pieces of a value's data in their order; false: some are missing. */
typedef void piece_visit(uint8_t *piece, size_t len, void *context);
bool hive_each_piece(const struct hive *hive, uint8_t *vk, piece_visit *visit, void *context);

#endif
