/* SPDX-License-Identifier: MIT */
/* A pattern, a newline, a path. What the fast matcher says has to be what the
 * definition says, tried out in full on what is short enough. */
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "fuzz.h"

enum { SHORT = 14 /* letters of a pattern whose every way is tried */ };

/* One letter of the pattern against one of the path; *ret_next is behind it. */
static bool letter(const char *pattern, unsigned char c, const char **ret_next)
{
	const char *at = pattern + 1;
	*ret_next = at;
	if (*pattern == '?')
		return true;
	if (*pattern == '\\') {
		*ret_next = at + 1;
		return (unsigned char)*at == c;
	}
	if (*pattern != '[')
		return (unsigned char)*pattern == c;
	bool not = *at == '!' || *at == '^', hit = false;
	at += not ;
	do {
		unsigned char low = (unsigned char)*at, high = low;
		bool range = at[1] == '-' && at[2] && at[2] != ']';
		if (range)
			high = (unsigned char)at[2];
		hit |= low <= c && c <= high;
		at += range ? 3 : 1;
	} while (*at && *at != ']');
	*ret_next = at + 1;
	return hit != not ;
}

/* By the definition: every length that a star could have. */
static bool fits(const char *pattern, const char *path, bool begins)
{
	const char *next;
	if (begins && pattern[0] == '*' && pattern[1] == '*') {
		const char *rest = pattern[2] ? pattern + 3 : NULL;
		if (!rest)
			return true;
		for (const char *at = path; at; at = (at = strchr(at, '/')) ? at + 1 : NULL)
			if (fits(rest, at, true))
				return true;
		return false;
	}
	if (*pattern == '*')
		return fits(pattern + 1, path, false) ||
		       (*path && *path != '/' && fits(pattern, path + 1, false));
	if (*pattern == '/' && !*path && pattern[1] == '*' && pattern[2] == '*' && !pattern[3])
		return false;
	if (!*pattern || !*path)
		return !*pattern && !*path;
	if (*pattern == '/' || *path == '/')
		return *pattern == *path && fits(pattern + 1, path + 1, true);
	return letter(pattern, (unsigned char)*path, &next) && fits(next, path + 1, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes rest = {bytes, len};
	_cleanup_free_ char *pattern = bytes_text(bytes_until(&rest, '\n'));
	_cleanup_free_ char *path = bytes_text(rest);
	_cleanup_(buf_free) struct buf quoted = {0};
	bool hit = glob_path(pattern, path);
	glob_name(pattern, path);
	glob_literal(pattern, strlen(pattern));
	/* A quoted slash is no pattern that says anything. */
	if (!glob_fault(pattern) && strlen(pattern) <= SHORT && strlen(path) <= 2 * SHORT &&
	    !strstr(pattern, "\\/"))
		must(hit == fits(pattern, path, true));
	glob_quote(&quoted, path);
	must(glob_path(buf_text(&quoted), path));
	return 0;
}
