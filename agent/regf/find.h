/* SPDX-License-Identifier: MIT */
/* Where in a hive that was walked a key or a value stands. */
#ifndef REGF_FIND_H
#define REGF_FIND_H

#include "regf/inside.h"

/* A key, and what names it: an entry of a list, which is an entry of another list or not.
 * NOWHERE where there is none. */
struct spot {
	uint32_t key, parent;
	uint32_t list, index;
	uint32_t above, above_index;
};

int regf_find(const struct regf *hive, const char *path, struct spot *ret);

/* *ret: its number in the key's list. */
int regf_find_value(const struct regf *hive, uint32_t key, const char *name, uint32_t *ret);

/* The pieces of a value's data in their order; false: some are missing. */
typedef void piece_visit(uint8_t *piece, size_t len, void *context);
bool regf_each_piece(const struct regf *hive, uint8_t *vk, piece_visit *visit, void *context);

#endif
