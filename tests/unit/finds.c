/* SPDX-License-Identifier: MIT */
#include "finds.h"

#include <stdio.h>
#include <string.h>

struct rules finds_rules;
struct patterns *finds_patterns;

void finds_token_rule(void)
{
	own_rule(&finds_rules, "token", "tkn_",
		 "(?<![a-z0-9])(?<secret>tkn_[a-z0-9]{20})(?![a-z0-9])")
		->in_binary = true;
}

int finds_begin(void)
{
	struct buf fault = {0};
	return patterns_new(&finds_rules, &finds_patterns, &fault);
}

int finds_end(void **unused)
{
	(void)unused;
	patterns_free(finds_patterns);
	own_rules_clear(&finds_rules);
	return 0;
}

void finds_on_found(const struct found *found, const char *member, void *context)
{
	struct seen *seen = context;
	size_t used = strlen(seen->members);
	seen->count++;
	seen->last = *found;
	seen->always &= found->seen;
	seen->rule = found->rule < finds_rules.secrets.n
			     ? finds_rules.secrets.v[found->rule].name
			     : NULL;
	snprintf(seen->members + used, sizeof seen->members - used, "%s\n",
		 member ? member : "");
}

void finds_on_trouble(enum trouble trouble, const char *member, void *context)
{
	struct seen *seen = context;
	seen->troubles++;
	seen->trouble = trouble;
	snprintf(seen->where, sizeof seen->where, "%s", member ? member : "");
}

struct seen finds_in(const void *bytes, size_t len)
{
	struct seen seen = {.always = ~0u};
	samples_examine(finds_patterns, -1, bytes, len, finds_on_found, finds_on_trouble,
			&seen);
	return seen;
}

struct seen finds_through(struct examiner x, struct source *source)
{
	struct seen seen = {.always = ~0u};
	uint8_t enabled[MASK_SIZE];
	memset(enabled, 0xff, sizeof enabled);
	x.patterns = finds_patterns;
	x.on_found = finds_on_found;
	x.on_trouble = finds_on_trouble;
	x.context = &seen;
	examine_file(&x, source, enabled, 0);
	source_clear(source);
	examine_clear(&x);
	return seen;
}
