/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/number.h"

struct reading {
	struct hive *hive;
	registry_sink *sink;
	void *context;
	size_t asked;
	const struct hive_key *key;
};

bool registry_text(const struct registry_value *value, struct buf *out)
{
	if (value->type != REGISTRY_SZ && value->type != REGISTRY_EXPAND_SZ)
		return false;
	hive_add_wide(value->data, value->len / 2, out);
	return true;
}

bool registry_number(const struct registry_value *value, uint32_t *ret)
{
	if (value->type != REGISTRY_DWORD || value->len != 4)
		return false;
	*ret = le32(value->data);
	return true;
}

static int tell_value(const struct hive_value *value, void *context)
{
	const struct reading *reading = context;
	_cleanup_(buf_free) struct buf data = {0};
	if (value->len > REGISTRY_DATA_MAX || strlen(value->name) >= REGISTRY_NAME_MAX)
		return 0;
	int r = hive_data(reading->hive, value, &data);
	if (r < 0)
		return r;
	struct registry_value told = {
		.asked = reading->asked,
		.key = reading->key->name,
		.name = value->name,
		.type = value->type,
		.data = (const uint8_t *)buf_text(&data),
		.len = data.len,
	};
	reading->sink(&told, reading->context);
	return 0;
}

static int tell_key(const struct hive_key *key, void *context)
{
	struct reading *reading = context;
	reading->key = key;
	return hive_each_value(reading->hive, key, tell_value, reading);
}

static int read_one(struct reading *reading, const char *path)
{
	struct hive_key key, found;
	_cleanup_free_ char *parts = mem_strdup(path);
	char *save;
	int r = hive_root(reading->hive, &key);
	for (char *part = strtok_r(parts, "\\", &save); part && !r;
	     part = strtok_r(NULL, "\\", &save)) {
		if (strcmp(part, "*") == 0)
			return hive_each_key(reading->hive, &key, tell_key, reading);
		r = hive_find_key(reading->hive, &key, part, &found);
		if (r <= 0)
			return r;
		key = found;
		r = 0;
	}
	return r < 0 ? r : tell_key(&key, reading);
}

int registry_read(struct plat_file *file, uint64_t size, const char *const *keys,
		  registry_sink *sink, void *context)
{
	struct reading reading = {.sink = sink, .context = context};
	int r = hive_open(file, size, &reading.hive);
	if (r < 0)
		return r;
	for (; !r && keys[reading.asked]; reading.asked++)
		r = read_one(&reading, keys[reading.asked]);
	hive_close(reading.hive);
	return r;
}
