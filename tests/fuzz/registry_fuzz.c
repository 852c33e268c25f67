/* SPDX-License-Identifier: MIT */
/* A hive, asked for what a guest is asked for, and walked as a whole. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "registry/registry.h"

static void on_value(const struct registry_value *value, void *context)
{
	static uint8_t seen[REGISTRY_DATA_MAX];
	_cleanup_(buf_free) struct buf text = {0};
	uint32_t number;
	(void)context;
	must(value->asked < 4 && value->len <= sizeof seen);
	must(strlen(value->key) < REGISTRY_NAME_MAX && strlen(value->name) < REGISTRY_NAME_MAX);
	memcpy(seen, value->data, value->len);
	must(registry_text(value, &text) || !text.len);
	must(strlen(buf_text(&text)) == text.len);
	(void)registry_number(value, &number);
}

struct walk {
	struct hive *hive;
	unsigned depth, left; /* keys that may still be visited */
};

static int on_hive_value(const struct hive_value *value, void *context)
{
	struct walk *walk = context;
	_cleanup_(buf_free) struct buf data = {0};
	must(strlen(value->name) < HIVE_VALUE_MAX);
	int r = hive_data(walk->hive, value, &data);
	must(r < 0 ? r == -EBADMSG || r == -EFBIG : data.len == value->len);
	return 0;
}

static int on_key(const struct hive_key *key, void *context)
{
	struct walk *above = context;
	struct walk walk = {above->hive, above->depth + 1, above->left};
	must(strlen(key->name) < HIVE_NAME_MAX);
	if (walk.depth > 20 || !walk.left)
		return 1;
	walk.left--;
	int r = hive_each_value(walk.hive, key, on_hive_value, &walk);
	must(r <= 0);
	(void)hive_each_key(walk.hive, key, on_key, &walk);
	above->left = walk.left;
	return 0;
}

static void walk_all(struct plat_file *file, size_t len)
{
	struct hive *hive;
	struct hive_key root;
	(void)hive_dirty(file);
	if (hive_open(file, len, &hive) < 0)
		return;
	struct walk walk = {hive, 0, 2000};
	if (!hive_root(hive, &root))
		(void)on_key(&root, &walk);
	hive_close(hive);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const keys[] = {
		"Microsoft\\Windows NT\\CurrentVersion",
		"Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\*", "*", "", NULL};
	struct bytes hive = {bytes, len};
	(void)registry_read(fuzz_file(0, hive), len, keys, on_value, NULL);
	walk_all(fuzz_file(0, hive), len);
	return 0;
}
