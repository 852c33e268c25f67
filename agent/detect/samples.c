/* SPDX-License-Identifier: MIT */
#include "detect/samples.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* With the rules it is asked beside, or it would not be asked. */
static void enable(const struct patterns *patterns, size_t only, uint8_t *enabled)
{
	enabled[only >> 3] |= (uint8_t)(1u << (only & 7));
	vec_each(&patterns->each.v[only].beside, other)
		enabled[*other >> 3] |= (uint8_t)(1u << (*other & 7));
}

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
		enable(patterns, (size_t)only, enabled);
	struct source source;
	source_memory(&source, bytes, len);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
}

struct wanted {
	size_t rule;
	bool found;
};

static void note_sure(const struct found *found, const char *member, void *context)
{
	struct wanted *wanted = context;
	(void)member;
	wanted->found |= found->rule == wanted->rule && found->confidence >= CONFIDENCE_MEDIUM;
}

static void note_nothing(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}

/* As it would stand in a program: between bytes that are no text. */
static void put_in_binary(const struct buf *text, struct buf *ret)
{
	enum { ROUND = 8192 };
	memset(buf_reserve(ret, ROUND), 0x01, ROUND);
	ret->len += ROUND;
	buf_add(ret, text->data, text->len);
	memset(buf_reserve(ret, ROUND), 0x01, ROUND);
	ret->len += ROUND;
}

static bool is_found(const struct patterns *patterns, size_t rule, const struct buf *text)
{
	struct wanted wanted = {rule, false};
	samples_examine(patterns, (long)rule, text->data, text->len, note_sure, note_nothing,
			&wanted);
	return wanted.found;
}

/* Eight bytes are looked at together: wherever it begins among them. */
static bool is_found_shifted(const struct patterns *patterns, size_t rule,
			     const struct buf *text)
{
	_cleanup_(buf_wipe) struct buf shifted = {0};
	for (size_t shift = 1; shift < SIEVE_GROUP; shift++) {
		buf_cut(&shifted, 0);
		for (size_t i = 0; i < shift; i++)
			buf_puts(&shifted, "\n");
		buf_add(&shifted, text->data, text->len);
		if (!is_found(patterns, rule, &shifted))
			return false;
	}
	return true;
}

static bool holds(const struct patterns *patterns, size_t rule, const char *sample, bool wanted,
		  const char **ret_why)
{
	_cleanup_(buf_wipe) struct buf text = {0}, binary = {0};
	if (sample_expand(sample, &text) < 0) {
		*ret_why = "can not be expanded";
		return false;
	}
	*ret_why = wanted ? "is not found" : "is found";
	if (is_found(patterns, rule, &text) != wanted)
		return false;
	if (wanted && patterns->each.v[rule].rule->token &&
	    !is_found_shifted(patterns, rule, &text))
		return false;
	if (!wanted || !patterns->each.v[rule].rule->in_binary)
		return true;
	*ret_why = "is not found in a binary";
	put_in_binary(&text, &binary);
	return is_found(patterns, rule, &binary);
}

/* One in a million of random strings looks like a placeholder to its judge, so a sample
 * that fails is drawn once more. */
enum { DRAWS = 2 };

static void say(const struct secret_rule *rule, const char *what, const char *sample,
		const char *why, struct buf *out)
{
	buf_printf(out, "%s:%u: rule %s: %s sample ", str_or(rule->file, "rule"), rule->line,
		   rule->name, what);
	str_quote(out, sample);
	buf_printf(out, " %s\n", why);
}

static bool near_holds(const struct patterns *patterns, size_t index, const char *sample,
		       size_t number, bool *ret_made)
{
	for (int draw = 0; draw < DRAWS; draw++) {
		_cleanup_(buf_wipe) struct buf text = {0};
		*ret_made = sample_near(sample, number, &text) > 0;
		if (!*ret_made || !is_found(patterns, index, &text))
			return true;
	}
	return false;
}

/* What a match sample says that it is only just. */
static int check_near(const struct patterns *patterns, size_t index, const char *sample,
		      struct buf *out)
{
	int failures = 0;
	bool made = true;
	for (size_t number = 0; made; number++)
		if (!near_holds(patterns, index, sample, number, &made)) {
			char why[64];
			snprintf(why, sizeof why, "is found though not quite right (%zu)",
				 number + 1);
			failures++;
			say(patterns->each.v[index].rule, "match", sample, why, out);
		}
	return failures;
}

static int check(const struct patterns *patterns, size_t index, bool wanted, struct buf *out)
{
	const struct secret_rule *rule = patterns->each.v[index].rule;
	int failures = 0;
	vec_each(wanted ? &rule->match : &rule->nomatch, sample) {
		const char *why;
		bool held = false;
		for (int draw = 0; draw < DRAWS && !held; draw++)
			held = holds(patterns, index, *sample, wanted, &why);
		if (!held)
			say(rule, wanted ? "match" : "nomatch", *sample, why, out);
		failures += !held;
		if (wanted)
			failures += check_near(patterns, index, *sample, out);
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
