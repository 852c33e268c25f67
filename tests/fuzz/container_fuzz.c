/* SPDX-License-Identifier: MIT */
/* Archives of any bytes. The first byte says whether the rest is read like a file
 * or like a member of a stream, which can not be read anywhere. */
#include <string.h>

#include "detect/container.h"
#include "examining.h"

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)found, (void)member, (void)context;
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)context;
	must(!member || strlen(member) <= 1000);
}

static int64_t read_memory(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct source *memory = source->context;
	return source_read(memory, out, cap, hole);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct rules rules;
	static const uint8_t enabled[MASK_SIZE];
	static const struct patterns *patterns;
	unsigned ticks = 2000;
	if (!patterns)
		patterns = fuzz_patterns(&rules);
	if (!len)
		return 0;
	struct examiner x = {
		.patterns = patterns,
		.limits = {.expand_bytes = 4u << 20,
			   .expand_entries = 500,
			   .expand_depth = 4,
			   .per_file = 10},
		.on_found = on_found,
		.on_trouble = on_trouble,
		.tick = fuzz_tick,
		.context = &ticks,
	};
	struct source memory, stream = {.read = read_memory, .context = &memory};
	source_memory(&memory, bytes + 1, len - 1);
	examine_file(&x, bytes[0] & 1 ? &stream : &memory, enabled, 0);
	source_clear(&stream);
	source_clear(&memory);
	examine_clear(&x);
	return 0;
}
