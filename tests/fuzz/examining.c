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

const struct patterns *fuzz_shipped_patterns(void)
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

void fuzz_no_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}
