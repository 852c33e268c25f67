/* SPDX-License-Identifier: MIT */
#include "detect/mutate.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "detect/samples.h"

enum { WHAT_MAX = 160, LONG = 40 };

struct mutation {
	const struct secret_rule *rule;
	mutate_try *try;
	void *context;
	bool over;
};

/* ---- what a pattern is made of ---- */

static size_t class_length(const char *at)
{
	size_t n = 1;
	n += at[n] == '^';
	n += at[n] == ']';
	while (at[n] && at[n] != ']') {
		const char *end = at[n] == '[' && at[n + 1] == ':' ? strstr(at + n, ":]")
								   : NULL;
		if (end)
			n = (size_t)(end - at) + 2;
		else
			n += at[n] == '\\' && at[n + 1] ? 2 : 1;
	}
	return at[n] ? n + 1 : n;
}

size_t mutate_token_length(const char *at)
{
	if (at[0] == '\\' && at[1] && strchr("xpP", at[1]) && at[2] == '{')
		return strcspn(at, "}") + (strchr(at, '}') != NULL);
	if (at[0] == '\\' && at[1] == 'x' && at[2] && at[3])
		return 4;
	if (at[0] == '\\' && at[1])
		return 2;
	if (at[0] == '[')
		return class_length(at);
	if (at[0] == '{' && at[1] >= '0' && at[1] <= '9' && strchr(at, '}'))
		return (size_t)(strchr(at, '}') - at) + 1;
	if (str_starts(at, "(?>") || str_starts(at, "(?|"))
		return 3;
	if (at[0] == '(' && at[1] == '?') {
		size_t n = strcspn(at,
				   at[2] == '<' && at[3] != '!' && at[3] != '=' ? ">" : ":=!)");
		return at[n] ? n + 1 : n;
	}
	return 1;
}

/* From its opening to its closing bracket. */
static size_t group_length(const char *at)
{
	size_t n = 0, depth = 0;
	do {
		size_t len = mutate_token_length(at + n);
		depth += at[n] == '(' && at[n + len - 1] != ')'; /* as (?i) has */
		depth -= at[n] == ')';
		n += len;
	} while (at[n] && depth);
	return n;
}

static bool is_condition(const char *at)
{
	return str_starts(at, "(?<!") || str_starts(at, "(?<=") || str_starts(at, "(?!") ||
	       str_starts(at, "(?=");
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static char other_letter(char c)
{
	return c == 'z' || c == 'Z' || c == '9' ? (char)(c - 1)
	       : c == '_' || c == '-'		? 'x'
						: (char)(c + 1);
}

/* ---- one change each ---- */

static void try_text(struct mutation *m, size_t at, size_t len, const char *instead,
		     const char *why)
{
	struct secret_rule mutant = *m->rule;
	char what[WHAT_MAX];
	if (m->over)
		return;
	const char *pattern = m->rule->pattern;
	_cleanup_free_ char *changed = mem_printf("%.*s%s%s", (int)at, pattern, instead,
						  pattern + at + len);
	mutant.pattern = changed;
	snprintf(what, sizeof what, "%s: %.*s -> %s at %zu", why, (int)(len < 40 ? len : 40),
		 pattern + at, *instead ? instead : "nothing", at);
	m->over = !m->try(&mutant, what, m->context);
}

static bool is_repeated(const char *behind)
{
	return *behind && strchr("?*{", *behind);
}

/* `len` letters that stand for themselves. */
static void change_literal(struct mutation *m, size_t at, size_t len)
{
	const char *pattern = m->rule->pattern;
	size_t ends[] = {at, at + len - 1};
	for (size_t i = 0; i < (len > 1 ? 2 : 1); i++) {
		char other[] = {other_letter(pattern[ends[i]]), 0};
		if (is_repeated(pattern + ends[i] + 1))
			continue;
		try_text(m, ends[i], 1, other, "another letter");
		try_text(m, ends[i], 1, "", "a letter less");
	}
}

static void change_number(struct mutation *m, size_t at, size_t len, unsigned number, int by)
{
	char text[24];
	snprintf(text, sizeof text, "%u", number + (unsigned)by);
	try_text(m, at, len, text, "a length");
}

static bool takes_blanks(const char *token, size_t len)
{
	return len && token[1] != '^' &&
	       (memchr(token, ' ', len) || memmem(token, len, "\\s", 2) ||
		memmem(token, len, "\\t", 2) || memmem(token, len, "\\h", 2));
}

/* {8}, {8,}, {8,16}: the least and the most. How many blanks there may be, and a most that
 * only bounds the work, are no part of what a secret looks like. */
static void change_lengths(struct mutation *m, size_t at, bool blanks)
{
	const char *pattern = m->rule->pattern;
	bool least = true;
	while (!blanks && pattern[at] != '}') {
		size_t len = strspn(++at + pattern, "0123456789");
		unsigned number = 0;
		if (len && len < 7 && sscanf(pattern + at, "%u", &number) == 1 &&
		    (least || number < LONG)) {
			if (number)
				change_number(m, at, len, number, -1);
			change_number(m, at, len, number, 1);
		}
		least = false;
		at += len;
	}
}

/* The first range of a class goes: [A-Za-z] -> [a-z], [0-9] -> [0-4]. */
static void change_class(struct mutation *m, size_t at, size_t len)
{
	const char *text = m->rule->pattern + at;
	if (text[1] == '^' || len < 5)
		return;
	try_text(m, at, len, "[^\\s]", "any character");
	if (text[2] != '-' || text[1] == '\\')
		return;
	if (len == 5) {
		char half[8];
		snprintf(half, sizeof half, "[%c-%c]", text[1], (text[1] + text[3]) / 2);
		try_text(m, at, len, half, "half a range");
	} else {
		try_text(m, at + 1, 3, "", "a range less");
	}
}

static void change_keywords(struct mutation *m)
{
	for (size_t i = 0; i < m->rule->keywords.n && !m->over; i++) {
		struct secret_rule mutant = *m->rule;
		char what[WHAT_MAX];
		_cleanup_free_ char **list = mem_alloc(mutant.keywords.n * sizeof *list);
		memcpy(list, mutant.keywords.v, mutant.keywords.n * sizeof *list);
		_cleanup_free_ char *changed = mem_printf("%s\x01", list[i]);
		snprintf(what, sizeof what, "without the keyword %s", list[i]);
		list[i] = changed;
		mutant.keywords.v = list;
		m->over = !m->try(&mutant, what, m->context);
	}
}

static size_t literal_length(const char *at)
{
	size_t n = 0;
	while (is_letter(at[n]))
		n++;
	return n;
}

void mutate_rule(const struct secret_rule *rule, mutate_try *try, void *context)
{
	struct mutation m = {rule, try, context, false};
	const char *pattern = rule->pattern;
	size_t len, before = 0; /* where the last token begins */
	for (size_t at = 0; pattern && pattern[at] && !m.over; at += len) {
		const char *here = pattern + at;
		len = is_letter(*here) ? literal_length(here) : mutate_token_length(here);
		if (is_letter(*here))
			change_literal(&m, at, len);
		else if (*here == '{' && len > 1)
			change_lengths(&m, at, takes_blanks(pattern + before, at - before));
		else if (*here == '[')
			change_class(&m, at, len);
		else if (is_condition(here))
			try_text(&m, at, group_length(here), "", "a condition less");
		else if (str_starts(here, "\\b"))
			try_text(&m, at, 2, "", "a condition less");
		else if (str_starts(here, "\\d") || str_starts(here, "\\w"))
			try_text(&m, at, 2, "[^\\s]", "any character");
		if (is_condition(here))
			len = group_length(here);
		before = at;
	}
	change_keywords(&m);
}

bool mutate_holds(const struct secret_rule *rule)
{
	struct secret_rule copy = *rule;
	struct rules rules = {.secrets = {&copy, 1, 1}};
	_cleanup_(patterns_free_ptr) struct patterns *patterns = NULL;
	_cleanup_(buf_free) struct buf out = {0};
	return patterns_new(&rules, &patterns, &out) == 0 && samples_check(patterns, &out) == 0;
}
