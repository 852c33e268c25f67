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

struct trial {
	const struct patterns *patterns;
	size_t rule;
	const char *sample;
	bool wanted;
	size_t near;	 /* 0: the sample itself, else the number of one that is not quite it */
	bool made;	 /* there is such a one */
	const char *why; /* it does not hold */
};

static bool sample_once(struct trial *t)
{
	_cleanup_(buf_wipe) struct buf text = {0}, binary = {0};
	const struct secret_rule *rule = t->patterns->each.v[t->rule].rule;
	if (sample_expand(t->sample, &text) < 0) {
		t->why = "can not be expanded";
		return false;
	}
	t->why = t->wanted ? "is not found" : "is found";
	if (is_found(t->patterns, t->rule, &text) != t->wanted)
		return false;
	if (t->wanted && rule->token && !is_found_shifted(t->patterns, t->rule, &text))
		return false;
	if (!t->wanted || !rule->in_binary)
		return true;
	t->why = "is not found in a binary";
	put_in_binary(&text, &binary);
	return is_found(t->patterns, t->rule, &binary);
}

static bool near_once(struct trial *t)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	t->why = "is found though not quite right";
	t->made = sample_near(t->sample, t->near - 1, &text) > 0;
	return !t->made || !is_found(t->patterns, t->rule, &text);
}

/* A few in a thousand random strings look like a placeholder to their judge; one that
 * only fits by chance does so more often. */
static bool holds(struct trial *t)
{
	enum { DRAWS = 20 };
	bool (*once)(struct trial * t) = t->near ? near_once : sample_once;
	unsigned held = 0;
	if (once(t))
		return true;
	for (unsigned draw = 0; draw < DRAWS; draw++)
		held += once(t);
	return held >= DRAWS - 1;
}

static int check_trial(struct trial *t, struct buf *out)
{
	const struct secret_rule *rule = t->patterns->each.v[t->rule].rule;
	if (holds(t))
		return 0;
	buf_printf(out, "%s:%u: rule %s: %s sample ", str_or(rule->file, "rule"), rule->line,
		   rule->name, t->wanted ? "match" : "nomatch");
	str_quote(out, t->sample);
	buf_printf(out, " %s", t->why);
	if (t->near)
		buf_printf(out, " (%zu)", t->near);
	buf_puts(out, "\n");
	return 1;
}

static int check(const struct patterns *patterns, size_t index, bool wanted, struct buf *out)
{
	const struct secret_rule *rule = patterns->each.v[index].rule;
	int failures = 0;
	vec_each(wanted ? &rule->match : &rule->nomatch, sample) {
		struct trial trial = {patterns, index, *sample, wanted, 0, wanted, NULL};
		for (; !trial.near || trial.made; trial.near++) {
			failures += check_trial(&trial, out);
			if (!wanted)
				break;
		}
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
