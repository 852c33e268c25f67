/* SPDX-License-Identifier: MIT */
/* What the files about hives share. A place counts bytes from the first bin. */
#ifndef REGF_INSIDE_H
#define REGF_INSIDE_H

#include "base/number.h"
#include "base/vec.h"
#include "regf/regf.h"

enum {
	BASE = 4096, /* bytes of the first block; a bin is a multiple of it */
	BIN_HEAD = 32,
	GRAIN = 8,     /* of a cell */
	PIECE = 16344, /* bytes of a value in one cell; longer data lies in pieces */
	NK_SIZE = 76,  /* of the fixed part, behind the cell's size; names follow */
	VK_SIZE = 20,
	SK_SIZE = 20,
	DB_SIZE = 8,
};

#define NOWHERE 0xffffffffu  /* as a place */
#define IN_PLACE 0x80000000u /* the data stands where its place would */

/* In the first block. */
enum {
	REGF_FIRST = 4,
	REGF_SECOND = 8,
	REGF_MAJOR = 20,
	REGF_MINOR = 24,
	REGF_TYPE = 28,
	REGF_FORM = 32,
	REGF_ROOT = 36,
	REGF_SIZE = 40,
	REGF_SUM = 508,
	REGF_REST = 512, /* from here to REGF_THAW nothing is told of it */
	REGF_THAW = 4040,
};

/* In a key. */
enum {
	NK_FLAGS = 2,
	NK_WRITTEN = 4,
	NK_SUBKEYS = 20,
	NK_LIST = 28,
	NK_VALUES = 36,
	NK_VALUE_LIST = 40,
	NK_SECURITY = 44,
	NK_CLASS = 48,
	NK_MOST_NAME = 52, /* the longest of its subkeys and values, and so on */
	NK_MOST_CLASS = 56,
	NK_MOST_VALUE_NAME = 60,
	NK_MOST_DATA = 64,
	NK_NAME_LEN = 72,
	NK_CLASS_LEN = 74,

	KEY_IS_LINK = 0x10,
	KEY_IS_LATIN = 0x20,
	KEY_IS_PREDEFINED = 0x40, /* the number of values is something else */
};

/* In a value. */
enum {
	VK_NAME_LEN = 2,
	VK_DATA_LEN = 4,
	VK_DATA = 8,
	VK_TYPE = 12,
	VK_FLAGS = 16,

	VALUE_IS_LATIN = 1,
};

/* In a security descriptor: a ring of all that there are. */
enum {
	SK_NEXT = 4,
	SK_LAST = 8,
	SK_REFERENCES = 12,
	SK_LEN = 16,
};

struct regf {
	struct buf *file;
	uint32_t size; /* of all bins */
	uint32_t root;
	uint32_t minor;
	/* A bit for each GRAIN of the bins: a cell in use begins there, and the walk has
	 * come to it. */
	uint8_t *begins, *reached;
};

static inline void put16(uint8_t *to, uint32_t number)
{
	to[0] = (uint8_t)number;
	to[1] = (uint8_t)(number >> 8);
}

static inline void put32(uint8_t *to, uint32_t number)
{
	put16(to, number);
	put16(to + 2, number >> 16);
}

static inline uint8_t *regf_at(const struct regf *hive, uint32_t place)
{
	return (uint8_t *)hive->file->data + BASE + place;
}

static inline bool bit_is(const uint8_t *bits, uint32_t place)
{
	return bits[place / GRAIN / 8] >> (place / GRAIN % 8) & 1;
}

static inline void bit_set(uint8_t *bits, uint32_t place)
{
	bits[place / GRAIN / 8] |= (uint8_t)(1u << (place / GRAIN % 8));
}

/* What a cell in use holds, if that is `least` bytes at least; else NULL. *ret_len: bytes. */
uint8_t *regf_cell(const struct regf *hive, uint32_t place, size_t least, size_t *ret_len);

/* Looks at each cell of each bin; false ends it. `size` counts the four bytes of its head. */
typedef bool cell_visit(struct regf *hive, uint32_t place, uint32_t size, bool used,
			void *context);
/* False: bins and cells do not fill the file, or a visit said so. A visit may make a cell
 * longer: the next one is looked for behind what it said at first. */
bool regf_each_cell(struct regf *hive, cell_visit *visit, void *context);
/* Marks where cells in use begin. */
bool regf_mark_cells(struct regf *hive);

/* A new cell of `len` bytes, zeroed, out of free ones or a new bin. */
int regf_new_cell(struct regf *hive, size_t len, uint32_t *ret);

/* XOR of the first block's words; what it may not be is turned into something else. */
uint32_t regf_sum(const uint8_t *block);

struct security {
	uint32_t place, references;
};

/* The walk from the root to all that belongs to the hive, marked in `reached`. With `tidy`
 * what lies behind the content of a cell becomes zeros. The ring of descriptors comes
 * sorted by place, with the number of keys that name each; the caller frees it. */
typedef VEC(struct security) securities;
int regf_walk(struct regf *hive, bool tidy, securities *ret_ring);

#endif
