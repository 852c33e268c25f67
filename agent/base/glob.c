/* SPDX-License-Identifier: MIT */
#include "base/glob.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"

/* Matches one bracket set; *pattern stands behind '[' and is left behind ']'. */
static bool set_has(const char **pattern, unsigned char c)
{
	const char *p = *pattern;
	bool negated = *p == '!' || *p == '^', hit = false;
	if (negated)
		p++;
	for (bool first = true; *p && (first || *p != ']'); first = false) {
		unsigned char low = (unsigned char)*p++, high = low;
		if (p[0] == '-' && p[1] && p[1] != ']') {
			high = (unsigned char)p[1];
			p += 2;
		}
		hit |= c >= low && c <= high;
	}
	*pattern = *p ? p + 1 : p;
	return hit != negated;
}

/* Matches one pattern element against one byte and steps over the element. */
static bool element_matches(const char **pattern, unsigned char c)
{
	switch (*(*pattern)++) {
	case '?':
		return true;
	case '[':
		return set_has(pattern, c);
	case '\\':
		return **pattern && (unsigned char)*(*pattern)++ == c;
	default:
		return (unsigned char)(*pattern)[-1] == c;
	}
}

static bool match_span(const char *pattern, const char *pattern_end, const char *name,
		       const char *name_end)
{
	const char *star = NULL, *retry = NULL;
	while (name < name_end) {
		if (pattern < pattern_end && *pattern == '*') {
			star = ++pattern;
			retry = name;
			continue;
		}
		const char *next = pattern;
		if (pattern < pattern_end && element_matches(&next, (unsigned char)*name)) {
			pattern = next;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (pattern < pattern_end && *pattern == '*')
		pattern++;
	return pattern == pattern_end;
}

bool glob_name(const char *pattern, const char *name)
{
	return match_span(pattern, pattern + strlen(pattern), name, name + strlen(name));
}

static const char *component_end(const char *at)
{
	const char *slash = strchr(at, '/');
	return slash ? slash : at + strlen(at);
}

/* The next component, or NULL behind the last. */
static const char *component_next(const char *at)
{
	const char *end = component_end(at);
	return *end ? end + 1 : NULL;
}

static bool is_any_depth(const char *component)
{
	return component[0] == '*' && component[1] == '*' &&
	       (!component[2] || component[2] == '/');
}

/* Retrying only the last ** is enough, as with the stars inside a name: what an
 * earlier one could give away, the last one can take. Trying all of them costs
 * years on the deep paths that a hostile disk may hold. */
bool glob_path(const char *pattern, const char *path)
{
	const char *any = NULL, *retry = NULL;
	while (pattern || path) {
		if (pattern && path && is_any_depth(pattern)) {
			any = pattern = component_next(pattern);
			retry = path;
			if (!pattern)
				return true;
		} else if (pattern && path &&
			   match_span(pattern, component_end(pattern), path,
				      component_end(path))) {
			pattern = component_next(pattern);
			path = component_next(path);
		} else {
			if (!any || !path)
				return false;
			retry = component_next(retry);
			if (!retry)
				return false;
			pattern = any;
			path = retry;
		}
	}
	return true;
}

/* What is folded on both sides can be compared byte by byte, sets and ranges too. */
static bool match_folded(bool (*match)(const char *, const char *), const char *pattern,
			 const char *text)
{
	_cleanup_free_ char *folded_pattern = fold_copy(pattern);
	_cleanup_free_ char *folded_text = fold_copy(text);
	return match(folded_pattern, folded_text);
}

bool glob_name_in(bool any_case, const char *pattern, const char *name)
{
	return any_case ? match_folded(glob_name, pattern, name) : glob_name(pattern, name);
}

bool glob_path_in(bool any_case, const char *pattern, const char *path)
{
	return any_case ? match_folded(glob_path, pattern, path) : glob_path(pattern, path);
}

void glob_quote(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			buf_puts(out, "\\");
		buf_add(out, path, 1);
	}
}

const char *glob_fault(const char *pattern)
{
	if (!*pattern)
		return "is empty";
	for (const char *p = pattern; *p; p++) {
		if (*p == '\\') {
			if (!*++p)
				return "ends in a backslash";
			continue;
		}
		if (*p == '[') {
			const char *first = p + 1 + (p[1] == '!' || p[1] == '^');
			const char *close = strchr(*first == ']' ? first + 1 : first, ']');
			const char *slash = strchr(p, '/');
			if (!close || (slash && slash < close))
				return "has an unclosed [";
			p = close;
		}
		bool starts = p == pattern || p[-1] == '/';
		if (starts && (p[0] == '/' ? p != pattern : false))
			return "has an empty component";
		if (p[0] == '*' && p[1] == '*' && (!starts || (p[2] && p[2] != '/')))
			return "uses ** as a part of a component";
		if (starts && p[0] == '.' &&
		    (!p[1] || p[1] == '/' || (p[1] == '.' && (!p[2] || p[2] == '/'))))
			return "has . or .. as a component";
	}
	return NULL;
}

bool glob_literal(const char *pattern, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[\\", pattern[i]))
			return false;
	return true;
}
