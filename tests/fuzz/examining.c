/* SPDX-License-Identifier: MIT */
#include "examining.h"

#include "base/cleanup.h"

const struct patterns *fuzz_patterns(const struct rules *rules)
{
	struct patterns *patterns;
	_cleanup_(buf_free) struct buf fault = {0};
	must(!patterns_new(rules, &patterns, &fault));
	return patterns;
}

static const struct patterns *shipped_patterns(void)
{
	static struct rules *rules; /* so that it is no leak */
	_cleanup_(buf_free) struct buf fault = {0};
	must(!rules_load(&(struct rules_options){0}, &rules, &fault));
	return fuzz_patterns(rules);
}

bool fuzz_tick(void *left)
{
	unsigned *count = left;
	return !*count || !--*count;
}

struct examiner fuzz_examiner(fuzz_found *found, fuzz_trouble *trouble, unsigned *left)
{
	return (struct examiner){
		.patterns = shipped_patterns(),
		.limits = {.expand_bytes = 1 << 20, .expand_depth = 2, .per_file = 1000},
		.on_found = found,
		.on_trouble = trouble,
		.tick = fuzz_tick,
		.context = left,
	};
}

void fuzz_no_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}
