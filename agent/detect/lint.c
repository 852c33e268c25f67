/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/str.h"
#include "detect/example.h"
#include "detect/mutate.h"
#include "detect/samples.h"
#include "rules/gitleaks.h"

enum {
	LIMIT = 200000,	    /* of PCRE2: a tenth of what a run allows, and never the clock */
	RUN = 6000,	    /* bytes of one kind */
	PLACES = 16,	    /* in a sample that are made long */
	PINNED_PERCENT = 75 /* of small changes that samples should notice */
};

static void head(struct buf *out, const struct secret_rule *rule)
{
	buf_printf(out, "%s:%u: rule %s: ", str_or(rule->file, "rule"), rule->line, rule->name);
}

/* ---- backtracking ---- */

static void note_found(const struct found *found, const char *member, void *context)
{
	(void)found, (void)member, (void)context;
}

static void note_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)member;
	*(bool *)context |= trouble == TROUBLE_PATTERN;
}

static bool gives_up(const struct patterns *patterns, size_t rule, const struct buf *text)
{
	bool gave_up = false;
	samples_examine(patterns, (long)rule, buf_text(text), text->len, note_found,
			note_trouble, &gave_up);
	return gave_up;
}

static unsigned kind_of(char c)
{
	return c >= '0' && c <= '9'   ? 1
	       : c >= 'a' && c <= 'z' ? 2
	       : c >= 'A' && c <= 'Z' ? 3
				      : (unsigned char)c + 4u;
}

/* The sample up to a place, and then the `period` bytes before it over and over: what
 * can be matched in many ways, and in the end in none. */
static bool gives_up_at(const struct patterns *patterns, size_t rule, const struct buf *sample,
			size_t at, size_t period)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	buf_add(&text, sample->data, at);
	while (text.len < at + RUN)
		buf_add(&text, sample->data + at - period, period);
	/* What PCRE2 knows to be needed further on has to be there. */
	buf_add(&text, "\x01", 1);
	buf_add(&text, sample->data + at, sample->len - at);
	return gives_up(patterns, rule, &text);
}

/* At the edges of its kinds of bytes up to `end`, or of every byte. */
static bool gives_up_on(const struct patterns *patterns, size_t rule, const struct buf *text,
			size_t end, bool every)
{
	size_t places = 0;
	for (size_t at = end; at > 0 && places < PLACES; at--) {
		char last = text->data[at - 1], next = text->data[at];
		if (at < end && (every ? last == next : kind_of(last) == kind_of(next)))
			continue;
		places++;
		for (size_t period = 1; period <= 3 && period <= at; period++)
			if (gives_up_at(patterns, rule, text, at, period))
				return true;
	}
	return false;
}

static bool gives_up_on_sample(const struct patterns *patterns, size_t rule, const char *sample)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	return sample_expand(sample, &text) == 0 &&
	       gives_up_on(patterns, rule, &text, text.len, false);
}

int lint_limits(const struct rules *rules, struct buf *out)
{
	_cleanup_(patterns_free_ptr) struct patterns *patterns = NULL;
	int faults = 0;
	if (patterns_new(rules, &patterns, out) < 0)
		return 1;
	pcre2_set_match_limit(patterns->context, LIMIT);
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const struct secret_rule *rule = &rules->secrets.v[i];
		for (size_t n = 0; n < rule->match.n; n++) {
			if (!gives_up_on_sample(patterns, i, rule->match.v[n]))
				continue;
			faults++;
			head(out, rule);
			buf_puts(out, "the pattern takes too long on text like sample ");
			str_quote(out, rule->match.v[n]);
			buf_puts(out, " with a part of it repeated\n");
			break;
		}
	}
	return faults;
}

/* An expression that was written for RE2, which does not backtrack. It is used all the
 * same, and it has no samples. */
static int lint_theirs(const struct patterns *patterns, size_t index, struct buf *out)
{
	const struct secret_rule *rule = &patterns->rules->secrets.v[index];
	_cleanup_(buf_wipe) struct buf text = {0};
	if (!rule->terms || rule->terms->own || !rule->pattern)
		return 0;
	example_add(rule->pattern, &text);
	size_t end = text.len;
	buf_puts(&text, "\n");
	if (rule->keywords.n)
		buf_puts(&text, rule->keywords.v[0]);
	if (!gives_up_on(patterns, index, &text, end, true))
		return 0;
	head(out, rule);
	buf_puts(out, "the expression takes too long on some text; a file with such text "
		      "counts as not examined\n");
	return 1;
}

/* ---- keywords ---- */

static int lint_keywords(const struct secret_rule *rule, struct buf *out)
{
	int doubts = 0;
	if (!rule->match.n)
		return 0;
	vec_each(&rule->keywords, keyword) {
		bool there = false;
		vec_each(&rule->match, sample) {
			_cleanup_(buf_wipe) struct buf text = {0};
			there |= sample_expand(*sample, &text) == 0 &&
				 (ascii_holds(text.data, text.len, *keyword) ||
				  strstr(buf_text(&text), *keyword));
		}
		if (there)
			continue;
		doubts++;
		head(out, rule);
		buf_puts(out, "no match sample has the keyword \"");
		str_quote(out, *keyword);
		buf_puts(out, "\"\n");
	}
	return doubts;
}

/* ---- overlaps ---- */

typedef VEC(struct found) found_list;

static void keep_found(const struct found *found, const char *member, void *context)
{
	if (!member && found->confidence >= CONFIDENCE_MEDIUM)
		*vec_add((found_list *)context) = *found;
}

static void drop_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}

static const struct found *found_by(const found_list *list, size_t rule)
{
	vec_each(list, it)
		if (it->rule == rule)
			return it;
	return NULL;
}

/* A rule for names like "password" says less than one for a token's own form, and gives
 * way to it. */
static bool is_generic(const struct secret_rule *rule)
{
	return rule->judge && strcmp(rule->judge, "password") == 0;
}

/* Only rules that look anywhere: others do not meet, or mean to. */
static int lint_overlaps(const struct patterns *patterns, size_t index, struct buf *out)
{
	const struct rules *rules = patterns->rules;
	const struct secret_rule *rule = &rules->secrets.v[index];
	_cleanup_free_ bool *told = mem_alloc(rules->secrets.n);
	int doubts = 0;
	vec_each(&rule->match, sample) {
		_cleanup_(buf_wipe) struct buf text = {0};
		found_list found = {0};
		if (rule->paths.n || is_generic(rule) || sample_expand(*sample, &text) < 0)
			continue;
		samples_examine(patterns, -1, buf_text(&text), text.len, keep_found,
				drop_trouble, &found);
		const struct found *own = found_by(&found, index);
		vec_each(&found, it) {
			const struct secret_rule *other = &rules->secrets.v[it->rule];
			/* Two rules with samples are told of once. */
			bool asks_too = it->rule < index && other->match.n;
			if (!own || it->rule == index || asks_too || told[it->rule] ||
			    other->paths.n || is_generic(other) || it->offset != own->offset ||
			    it->length != own->length)
				continue;
			told[it->rule] = true;
			doubts++;
			head(out, rule);
			buf_printf(out, "finds the same as %s in its sample\n", other->name);
		}
		vec_free(&found);
	}
	return doubts;
}

/* ---- samples that prove too little ---- */

struct pinned {
	const struct rules *rules;
	size_t mutants, unnoticed;
	char first[160];
};

static bool try_mutant(const struct secret_rule *mutant, const char *what, void *context)
{
	struct pinned *pinned = context;
	pinned->mutants++;
	if (!mutate_holds(pinned->rules, mutant))
		return true;
	if (!pinned->unnoticed++)
		snprintf(pinned->first, sizeof pinned->first, "%s", what);
	return true;
}

static int lint_samples(const struct rules *rules, const struct secret_rule *rule,
			struct buf *out)
{
	struct pinned pinned = {.rules = rules};
	mutate_rule(rule, try_mutant, &pinned);
	if (pinned.unnoticed * 100 <= pinned.mutants * (100 - PINNED_PERCENT))
		return 0;
	head(out, rule);
	buf_printf(out, "its samples do not notice %zu of %zu small changes to it, as: ",
		   pinned.unnoticed, pinned.mutants);
	str_quote(out, pinned.first);
	buf_puts(out, "\n");
	return 1;
}

int lint_doubts(const struct rules *rules, size_t from, struct buf *out)
{
	_cleanup_(patterns_free_ptr) struct patterns *patterns = NULL;
	int doubts = 0;
	if (patterns_new(rules, &patterns, out) < 0)
		return 1;
	pcre2_set_match_limit(patterns->context, LIMIT);
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const struct secret_rule *rule = &rules->secrets.v[i];
		doubts += lint_theirs(patterns, i, out);
		doubts += lint_keywords(rule, out) + lint_overlaps(patterns, i, out);
		if (i >= from && rule->match.n && rule->nomatch.n)
			doubts += lint_samples(rules, rule, out);
	}
	return doubts;
}
