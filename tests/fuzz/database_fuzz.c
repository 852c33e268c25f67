/* SPDX-License-Identifier: MIT */
/* Databases, logs and journals. What they hold is not unpacked here. */
#include <string.h>

#include "detect/database.h"
#include "examining.h"

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)found, (void)context;
	must(!member || strlen(member) <= 4096);
}

/* One short keyword: most of what is made up here is met. */
static const struct patterns *make_patterns(void)
{
	static struct rules rules;
	struct secret_rule *rule = vec_add(&rules.secrets);
	rule->name = mem_strdup("token");
	rule->confidence = CONFIDENCE_HIGH;
	rule->pattern = mem_strdup("aaa(?<secret>.{4,40})");
	rule->in_binary = true;
	*vec_add(&rule->keywords) = mem_strdup("aaa");
	return fuzz_patterns(&rules);
}

/* One for all inputs: the matching window is not made anew each time. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t enabled[MASK_SIZE] = {1};
	static struct examiner x = {
		.limits = {.expand_bytes = 1 << 20, .expand_depth = 1, .per_file = 1000},
		.on_found = on_found,
		.on_trouble = fuzz_no_trouble,
	};
	if (!x.patterns)
		x.patterns = make_patterns();
	struct source source;
	source_memory(&source, bytes, len);
	x.enabled = enabled;
	x.count = x.told = 0;
	database_expand(&x, &source, NULL, 0);
	source_clear(&source);
	return 0;
}
