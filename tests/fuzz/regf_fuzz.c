/* SPDX-License-Identifier: MIT */
/* A hive that somebody made, changed and swept: what is taken for sound stays so, whatever
 * is removed, and a second sweep finds nothing to do. The first block's numbers are set right,
 * for else no bytes would come further. The last byte says what is done. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "fuzz.h"
#include "regf/inside.h"

static void set_right(struct buf *file)
{
	uint8_t *block = (uint8_t *)file->data;
	if (file->len < BASE)
		return;
	memcpy(block + REGF_SECOND, block + REGF_FIRST, 4);
	put32(block + REGF_SUM, regf_sum(block));
}

static void look(const struct buf *file, struct buf *copy)
{
	struct regf *hive;
	buf_cut(copy, 0);
	buf_add(copy, file->data, file->len);
	must(regf_open(copy, &hive) == 0);
	must(regf_sweep(hive) == 0);
	must(copy->len == file->len && memcmp(copy->data, file->data, file->len) == 0);
	regf_close(hive);
}

static void edit(struct regf *hive, unsigned what)
{
	static const char *const keys[] = {
		"", "Microsoft", "Microsoft\\Windows NT\\CurrentVersion", "k500", "\u738b"};
	static const char *const names[] = {"", "v", "ProductName", "\u00e9"};
	static const char data[PIECE + 1] = "something that is longer than what there was";
	static const size_t lengths[] = {0, 3, 4, 5, 44, 600, PIECE, PIECE + 1};
	_cleanup_(buf_free) struct buf old = {0};
	uint32_t type;
	int64_t written;
	const char *key = keys[what % 5], *name = names[what / 5 % 4];
	(void)regf_read_value(hive, key, name, &old, &type);
	(void)regf_written(hive, key, &written);
	switch (what / 20 % 5) {
	case 0:
		(void)regf_remove_value(hive, key, name);
		break;
	case 1:
		(void)regf_remove_key(hive, key);
		break;
	case 2:
		(void)regf_empty_key(hive, key);
		break;
	case 3:
		(void)regf_write_value(hive, key, name, data, lengths[what % 8]);
		break;
	default:
		if (old.len)
			must(regf_write_value(hive, key, name, old.data, old.len) == 0);
	}
}

/* Many of one list, until it holds none. */
static void drop_many(struct regf *hive)
{
	char name[8];
	for (unsigned i = 0; i < 1100; i++) {
		snprintf(name, sizeof name, "k%03u", i);
		(void)regf_remove_key(hive, name);
	}
}

/* The same bytes as a log of the newer form. */
static void look_as_log(const struct buf *file)
{
	_cleanup_(buf_free) struct buf log = {0};
	if (file->len < BASE)
		return;
	buf_add(&log, file->data, file->len);
	uint8_t *block = (uint8_t *)log.data;
	put32(block + REGF_TYPE, 6);
	put32(block + REGF_SUM, regf_sum(block));
	(void)regf_log_is_newer(file->data, log.data, log.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_(buf_free) struct buf file = {0}, copy = {0};
	struct regf *hive;
	if (!len)
		return 0;
	unsigned what = bytes[len - 1];
	buf_add(&file, bytes, len);
	set_right(&file);
	look_as_log(&file);
	if (regf_open(&file, &hive) < 0)
		return 0;
	edit(hive, what);
	if (what % 16 == 15)
		drop_many(hive);
	edit(hive, what * 7 + (unsigned)(len % 100));
	must(regf_sweep(hive) == 0);
	regf_close(hive);
	look(&file, &copy);
	return 0;
}
