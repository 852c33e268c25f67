/* SPDX-License-Identifier: MIT */
#include "detect/mutate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
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

static bool is_alnum(char c)
{
	return ascii_is_letter((uint8_t)c) || ascii_is_digit((uint8_t)c);
}

static bool is_letter(char c)
{
	return is_alnum(c) || c == '_' || c == '-';
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

static bool in_secret(const char *pattern, size_t at)
{
	const char *secret = strstr(pattern, "(?<secret>");
	return secret && pattern + at > secret && pattern + at < secret + group_length(secret);
}

/* A keyword has these letters. What is left of them when one goes fits nowhere, as with
 * another letter, or wherever they did. */
static bool is_in_keyword(const struct secret_rule *rule, const char *letters, size_t len)
{
	vec_each(&rule->keywords, keyword)
		for (const char *at = *keyword; strlen(at) >= len; at++)
			if (strncasecmp(at, letters, len) == 0)
				return true;
	return false;
}

/* `len` letters that stand for themselves. */
static void change_literal(struct mutation *m, size_t at, size_t len)
{
	const char *pattern = m->rule->pattern;
	size_t ends[] = {at, at + len - 1};
	bool known = is_in_keyword(m->rule, pattern + at, len);
	for (size_t i = 0; i < (len > 1 ? 2 : 1); i++) {
		char other[] = {other_letter(pattern[ends[i]]), 0};
		if (is_repeated(pattern + ends[i] + 1))
			continue;
		try_text(m, ends[i], 1, other, "another letter");
		if (!known)
			try_text(m, ends[i], 1, "", "a letter less");
	}
}

static void change_number(struct mutation *m, size_t at, size_t len, unsigned number, int by)
{
	char text[24];
	snprintf(text, sizeof text, "%u", number + (unsigned)by);
	try_text(m, at, len, text, "a length");
}

/* Signs, blanks, anything but a few: quotes round a value, what lies between it and its
 * name. How many there may be is no part of what a secret looks like. */
static bool is_between(const char *token, size_t len)
{
	bool letters = token[0] == '\\' ? token[1] == 'w' || token[1] == 'd'
					: is_alnum(token[0]);
	for (size_t i = 1; token[0] == '[' && i < len; i++)
		letters |= is_alnum(token[i]) && token[i - 1] != '\\';
	return !letters || (token[0] == '[' && token[1] == '^');
}

/* {8}, {8,}, {8,16}: the least and the most. A most that only bounds the work says nothing
 * either: a large one, and that of what may as well be missing round the secret. */
static void change_lengths(struct mutation *m, size_t at)
{
	const char *pattern = m->rule->pattern;
	bool least = true, bounded = false;
	while (pattern[at] != '}') {
		size_t len = strspn(++at + pattern, "0123456789");
		unsigned number = 0;
		if (len && len < 7 && sscanf(pattern + at, "%u", &number) == 1 &&
		    (least || (number < LONG && !bounded))) {
			if (number)
				change_number(m, at, len, number, -1);
			change_number(m, at, len, number, 1);
		}
		bounded = least && !number && !in_secret(pattern, at);
		least = false;
		at += len;
	}
}

/* What stands before a token is looked at before its pattern is (detect/runs.h), and
 * blanks are as good as any between a name and its value.
 *
 * The first range of a class goes: [A-Za-z] -> [a-z], [0-9] -> [0-4]. */
static void change_class(struct mutation *m, size_t at, size_t len)
{
	const char *text = m->rule->pattern + at;
	bool blanks = strspn(text, "[] \\trnsh") == len;
	if (text[1] == '^' || len < 5 || blanks)
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

/* Behind what takes anything, as [^\r\n]{0,60}? and the heads and ends of groups after it. */
static bool is_behind_all(const char *pattern, size_t at)
{
	while (at && (strchr(" \n)", pattern[at - 1]) ||
		      (at >= 3 && strncmp(pattern + at - 3, "(?:", 3) == 0)))
		at -= pattern[at - 1] == ':' ? 3 : 1;
	at -= at && pattern[at - 1] == '?';
	if (!at || !strchr("}*+", pattern[at - 1]))
		return false;
	while (at && pattern[at - 1] != ']')
		at--;
	while (at && pattern[at - 1] != '[')
		at--;
	return at && pattern[at] == '^';
}

/* A group that may as well be missing, behind what takes its text all the same. */
static bool is_idle(const char *pattern, size_t at)
{
	return str_starts(pattern + at, "(?:") &&
	       pattern[at + group_length(pattern + at)] == '?' && is_behind_all(pattern, at);
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
		else if (*here == '{' && len > 1 && !is_between(pattern + before, at - before))
			change_lengths(&m, at);
		else if (*here == '[')
			change_class(&m, at, len);
		else if (is_condition(here) && !(m.rule->token && !at))
			try_text(&m, at, group_length(here), "", "a condition less");
		else if (str_starts(here, "\\b"))
			try_text(&m, at, 2, "", "a condition less");
		else if (str_starts(here, "\\d") || str_starts(here, "\\w"))
			try_text(&m, at, 2, "[^\\s]", "any character");
		if (is_condition(here) || is_idle(pattern, at))
			len = group_length(here);
		before = at;
	}
	change_keywords(&m);
}

/* As they are, but for their samples. */
static void add_beside(struct rules *rules, const struct rules *all, const char *name)
{
	vec_each(&all->secrets, other)
		if (strcmp(other->name, name) == 0) {
			struct secret_rule *copy = vec_add(&rules->secrets);
			*copy = *other;
			copy->match.n = copy->nomatch.n = copy->beside.n = 0;
		}
}

bool mutate_holds(const struct rules *all, const struct secret_rule *rule)
{
	struct rules rules = {.weights = all->weights};
	struct patterns *patterns = NULL;
	_cleanup_(buf_free) struct buf out = {0};
	*vec_add(&rules.secrets) = *rule;
	vec_each(&rule->beside, name)
		add_beside(&rules, all, *name);
	bool holds = patterns_new(&rules, &patterns, &out) == 0 &&
		     samples_check(patterns, &out) == 0;
	patterns_free(patterns);
	vec_free(&rules.secrets);
	return holds;
}
