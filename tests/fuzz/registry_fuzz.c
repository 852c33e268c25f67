/* SPDX-License-Identifier: MIT */
/* A hive, asked for what a guest is asked for and for every key there is at its top. */
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const keys[] = {
		"Microsoft\\Windows NT\\CurrentVersion",
		"Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\*", "*", "", NULL};
	struct bytes hive = {bytes, len};
	(void)registry_read(fuzz_file(0, hive), len, keys, on_value, NULL);
	return 0;
}
