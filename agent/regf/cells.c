/* SPDX-License-Identifier: MIT */
/* The first block, bins and cells. */
#include <errno.h>
#include <string.h>

#include "regf/inside.h"

uint32_t regf_sum(const uint8_t *block)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < REGF_SUM; i += 4)
		sum ^= le32(block + i);
	return sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
}

int regf_fit(const void *bytes, size_t len)
{
	const uint8_t *block = bytes;
	if (len < BASE || memcmp(block, "regf", 4) != 0)
		return -EBADMSG;
	if (len > REGF_MOST)
		return -EFBIG;
	/* Either way Windows goes on with its logs. */
	if (le32(block + REGF_SUM) != regf_sum(block) ||
	    le32(block + REGF_FIRST) != le32(block + REGF_SECOND))
		return -EBUSY;
	uint32_t minor = le32(block + REGF_MINOR);
	if (le32(block + REGF_MAJOR) != 1 || minor < 3 || minor > 6)
		return -ENOTSUP;
	uint32_t size = le32(block + REGF_SIZE);
	if (le32(block + REGF_TYPE) != 0 || le32(block + REGF_FORM) != 1 || !size ||
	    size % BASE || size > len - BASE)
		return -EBADMSG;
	return 0;
}

/* What stands in the first block of a log is the hive's when it was written, and each entry
 * of the newer form has a number of its own. Windows itself looks into the logs of dirty
 * hives only; that one of a clean hive is newer should not be. */
bool regf_log_is_newer(const void *hive, const void *log, size_t len)
{
	enum { SECTOR = 512, ENTRY_HEAD = 40 };
	const uint8_t *bytes = log;
	uint32_t now = le32((const uint8_t *)hive + REGF_SECOND);
	if (len < SECTOR || memcmp(bytes, "regf", 4) != 0 ||
	    le32(bytes + REGF_SUM) != regf_sum(bytes))
		return false;
	if (le32(bytes + REGF_TYPE) != 6)
		return le32(bytes + REGF_SECOND) > now;
	for (size_t at = SECTOR; len - at >= ENTRY_HEAD;) {
		const uint8_t *entry = bytes + at;
		size_t size = le32(entry + 4);
		if (memcmp(entry, "HvLE", 4) != 0 || size < ENTRY_HEAD || size > len - at)
			break;
		if (le32(entry + 12) > now)
			return true;
		at += size;
	}
	return false;
}

uint8_t *regf_cell(const struct regf *hive, uint32_t place, size_t least, size_t *ret_len)
{
	if (place >= hive->size || place % GRAIN || !bit_is(hive->begins, place))
		return NULL;
	uint8_t *cell = regf_at(hive, place);
	*ret_len = 0u - le32(cell) - 4;
	return *ret_len < least ? NULL : cell + 4;
}

/* The cells of one bin fill it. */
static bool each_of_bin(struct regf *hive, uint32_t at, uint32_t end, cell_visit *visit,
			void *context)
{
	while (at < end) {
		uint32_t head = le32(regf_at(hive, at));
		bool used = head >> 31;
		uint32_t size = used ? 0u - head : head;
		if (!size || size % GRAIN || size > end - at ||
		    !visit(hive, at, size, used, context))
			return false;
		at += size;
	}
	return true;
}

bool regf_each_cell(struct regf *hive, cell_visit *visit, void *context)
{
	for (uint32_t at = 0; at < hive->size;) {
		const uint8_t *bin = regf_at(hive, at);
		uint32_t size = le32(bin + 8);
		if (memcmp(bin, "hbin", 4) != 0 || le32(bin + 4) != at || !size ||
		    size % BASE || size > hive->size - at ||
		    !each_of_bin(hive, at + BIN_HEAD, at + size, visit, context))
			return false;
		at += size;
	}
	return true;
}

static bool mark_cell(struct regf *hive, uint32_t place, uint32_t size, bool used,
		      void *context)
{
	(void)size, (void)context;
	if (used)
		bit_set(hive->begins, place);
	return true;
}

bool regf_mark_cells(struct regf *hive)
{
	free(hive->begins);
	free(hive->reached);
	hive->begins = mem_alloc(hive->size / GRAIN / 8);
	hive->reached = mem_alloc(hive->size / GRAIN / 8);
	return regf_each_cell(hive, mark_cell, NULL);
}

/* ---- a new cell ---- */

struct wanted {
	uint32_t size, place;
};

static bool find_free(struct regf *hive, uint32_t place, uint32_t size, bool used,
		      void *context)
{
	struct wanted *wanted = context;
	(void)hive;
	if (used || size < wanted->size)
		return true;
	wanted->place = place;
	return false;
}

/* One more bin, all of it free. What lay behind the last one was nobody's. */
static int add_bin(struct regf *hive, uint32_t cell, uint32_t *ret_place)
{
	uint32_t size = (cell + BIN_HEAD + BASE - 1) / BASE * BASE, at = hive->size;
	if (size > REGF_MOST - BASE - at)
		return -EFBIG;
	buf_cut(hive->file, BASE + (size_t)at);
	memset(buf_reserve(hive->file, size), 0, size);
	hive->file->len += size;
	hive->size += size;
	uint8_t *bin = regf_at(hive, at), *block = (uint8_t *)hive->file->data;
	memcpy(bin, "hbin", 4);
	put32(bin + 4, at);
	put32(bin + 8, size);
	put32(bin + BIN_HEAD, size - BIN_HEAD);
	put32(block + REGF_SIZE, hive->size);
	put32(block + REGF_SUM, regf_sum(block));
	*ret_place = at + BIN_HEAD;
	return 0;
}

int regf_new_cell(struct regf *hive, size_t len, uint32_t *ret)
{
	struct wanted wanted = {.place = NOWHERE};
	if (len > PIECE)
		return -EFBIG;
	wanted.size = (uint32_t)(len + 4 + GRAIN - 1) / GRAIN * GRAIN;
	(void)regf_each_cell(hive, find_free, &wanted);
	int r = wanted.place == NOWHERE ? add_bin(hive, wanted.size, &wanted.place) : 0;
	if (r < 0)
		return r;
	uint8_t *cell = regf_at(hive, wanted.place);
	uint32_t rest = le32(cell) - wanted.size;
	memset(cell, 0, wanted.size);
	put32(cell, 0u - wanted.size);
	if (rest)
		put32(cell + wanted.size, rest);
	if (!regf_mark_cells(hive))
		return -EBADMSG;
	*ret = wanted.place;
	return 0;
}
