/* SPDX-License-Identifier: MIT */
/* RE2's syntax (github.com/google/re2/wiki/Syntax) is nearly a part of PCRE2's. What
 * differs: \v is one character and not a class; \z has to be an assertion that knows of
 * what follows the window, as $ does; ^ and $ are the text's ends unless (?m) stands
 * there, while our own patterns are always read with (?m). And \D, \S, \W beyond ASCII
 * need a class around them: without one the JIT of PCRE2 10.42 with MATCH_INVALID_UTF finds
 * nothing. */
#include <string.h>

#include "base/str.h"
#include "rules/gitleaks_inside.h"

/* ---- parts of an expression ---- */

enum reach { REACH_ASCII, REACH_ALL, REACH_BEYOND }; /* BEYOND: just what is not ASCII */

static size_t skip_escape(const char *at, enum reach *reach)
{
	enum reach here = REACH_ASCII;
	if (!at[1])
		return 1;
	/* \x80 and \x{...} are characters, too. */
	if (strchr("pP", at[1]) || (at[1] == 'x' && at[2] >= '8'))
		here = REACH_BEYOND;
	else if (strchr("DSW", at[1]))
		here = REACH_ALL;
	*reach = here > *reach ? here : *reach;
	return 2;
}

/* From its first bracket to behind its last. */
static size_t skip_class(const char *at, enum reach *reach)
{
	size_t i = 1;
	if (at[i] == '^') {
		*reach = REACH_ALL;
		i++;
	}
	for (size_t first = i; at[i] && (at[i] != ']' || i == first);) {
		const char *end = str_starts(at + i, "[:") ? strstr(at + i, ":]") : NULL;
		if (end && at[i + 2] == '^' && *reach == REACH_ASCII)
			*reach = REACH_ALL;
		i += end	     ? (size_t)(end + 2 - at) - i
		     : at[i] == '\\' ? skip_escape(at + i, reach)
				     : 1;
	}
	return i + (at[i] == ']');
}

static size_t skip_quoted(const char *at)
{
	const char *end = strstr(at, "\\E");
	return end ? (size_t)(end + 2 - at) : strlen(at);
}

/* ---- RE2 in PCRE2's syntax ---- */

static void add_escape(struct buf *out, const char *at, bool in_class)
{
	if (at[1] == 'v')
		buf_puts(out, "\\x0b");
	else if (at[1] == 'z')
		buf_puts(out, "(?-m:$)");
	else if (!in_class && strchr("DSW", at[1]))
		buf_printf(out, "[\\%c]", at[1]);
	else
		buf_add(out, at, 2);
}

char *gitleaks_regex(const char *re2)
{
	struct buf out = {0};
	const char *class_end = re2;
	enum reach unused = REACH_ASCII;
	buf_puts(&out, "(?-m)");
	for (const char *at = re2; *at;) {
		bool quoted = str_starts(at, "\\Q"), escape = !quoted && *at == '\\' && at[1];
		size_t len = quoted ? skip_quoted(at) : escape ? 2 : 1;
		if (*at == '[' && at >= class_end)
			class_end = at + skip_class(at, &unused);
		if (escape)
			add_escape(&out, at, at < class_end);
		else
			buf_add(&out, at, len);
		at += len;
	}
	char *text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

/* ---- characters or bytes ---- */

/* As many as there are is the same of characters and of bytes; and bytes need not be
 * UTF-8. */
static bool counts(const char *behind)
{
	return *behind != '*' && *behind != '+';
}

bool gitleaks_regex_wide(const char *regex)
{
	for (const char *at = regex; *at; at++)
		if ((unsigned char)*at >= 0x80)
			return true;
	while (*regex) {
		enum reach reach = *regex == '.' ? REACH_ALL : REACH_ASCII;
		if (str_starts(regex, "\\Q"))
			regex += skip_quoted(regex);
		else if (*regex == '[')
			regex += skip_class(regex, &reach);
		else
			regex += *regex == '\\' ? skip_escape(regex, &reach) : 1;
		if (reach == REACH_BEYOND || (reach == REACH_ALL && counts(regex)))
			return true;
	}
	return false;
}
