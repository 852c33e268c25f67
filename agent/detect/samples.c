/* SPDX-License-Identifier: MIT */
#include "detect/samples.h"

#include <string.h>

#include "base/str.h"

void samples_examine(const struct patterns *patterns, long only, const void *bytes, size_t len,
		     samples_found *found, samples_trouble *trouble, void *context)
{
	uint8_t enabled[MASK_SIZE];
	struct examiner x = {
		.patterns = patterns,
		.limits = {.expand_bytes = 256u << 20,
			   .expand_entries = 1000000,
			   .expand_depth = 8,
			   .per_file = 100000},
		.on_found = found,
		.on_trouble = trouble,
		.context = context,
	};
	memset(enabled, only < 0 ? 0xff : 0, sizeof enabled);
	if (only >= 0)
		enabled[only >> 3] = (uint8_t)(1u << (only & 7));
	struct source source;
	source_memory(&source, bytes, len);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
}

static void note_sure(const struct found *found, const char *member, void *context)
{
	(void)member;
	if (found->confidence >= CONFIDENCE_MEDIUM)
		*(bool *)context = true;
}

static void note_nothing(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}

static bool holds(const struct patterns *patterns, size_t rule, const char *sample, bool wanted,
		  const char **ret_why)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	bool found = false;
	if (sample_expand(sample, &text) < 0) {
		*ret_why = "can not be expanded";
		return false;
	}
	samples_examine(patterns, (long)rule, buf_text(&text), text.len, note_sure,
			note_nothing, &found);
	*ret_why = wanted ? "is not found" : "is found";
	return found == wanted;
}

static int check(const struct patterns *patterns, size_t index, bool wanted, struct buf *out)
{
	const struct secret_rule *rule = patterns->each.v[index].rule;
	int failures = 0;
	vec_each(wanted ? &rule->match : &rule->nomatch, sample) {
		const char *why;
		/* One in a million of random strings looks like a placeholder to its
		 * judge, so a sample that fails is drawn once more. */
		if (holds(patterns, index, *sample, wanted, &why) ||
		    holds(patterns, index, *sample, wanted, &why))
			continue;
		failures++;
		buf_printf(out, "%s:%u: rule %s: %s sample ", str_or(rule->file, "rule"),
			   rule->line, rule->name, wanted ? "match" : "nomatch");
		str_quote(out, *sample);
		buf_printf(out, " %s\n", why);
	}
	return failures;
}

int samples_check(const struct patterns *patterns, struct buf *out)
{
	int failures = 0;
	for (size_t i = 0; i < patterns->each.n; i++)
		failures += check(patterns, i, true, out) + check(patterns, i, false, out);
	return failures;
}
