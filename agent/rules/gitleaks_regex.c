/* SPDX-License-Identifier: MIT */
/* RE2's syntax (github.com/google/re2/wiki/Syntax) is nearly a part of PCRE2's. What
 * differs: \v is one character and not a class; \z has to be an assertion that knows of
 * what follows the window, as $ does; ^ and $ are the text's ends unless (?m) stands
 * there, while our own patterns are always read with (?m). */
#include <string.h>

#include "rules/gitleaks_inside.h"

static void add_escape(struct buf *out, const char *at)
{
	if (at[1] == 'v')
		buf_puts(out, "\\x0b");
	else if (at[1] == 'z')
		buf_puts(out, "(?-m:$)");
	else
		buf_add(out, at, 2);
}

char *gitleaks_regex(const char *re2)
{
	struct buf out = {0};
	buf_puts(&out, "(?-m)");
	for (const char *at = re2; *at;) {
		const char *end = strncmp(at, "\\Q", 2) == 0 ? strstr(at, "\\E") : NULL;
		size_t len = 1;
		if (at[0] == '\\' && at[1] == 'Q')
			len = end ? (size_t)(end - at) + 2 : strlen(at);
		else if (at[0] == '\\' && at[1])
			len = 2;
		if (len == 2 && at[1] != 'Q')
			add_escape(&out, at);
		else
			buf_add(&out, at, len);
		at += len;
	}
	char *text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

bool gitleaks_regex_wide(const char *regex)
{
	for (; *regex; regex++) {
		if ((unsigned char)*regex >= 0x80)
			return true;
		if (*regex != '\\' || !regex[1])
			continue;
		regex++;
		if (strchr("pP", *regex) || (*regex == 'x' && regex[1] == '{'))
			return true;
	}
	return false;
}
