/* SPDX-License-Identifier: MIT */
#include "report/line.h"

#include <string.h>

#include "base/str.h"
#include "model/realm.h"

#define LONGEST 160 /* bytes of a quoted text before its middle is left out */
#define SHORTEST 24 /* and the least it is cut to */

void line_severity(struct buf *out, enum severity severity, bool color)
{
	static const char *const tint[] = {
		[SEVERITY_INFO] = "",
		[SEVERITY_LOW] = "",
		[SEVERITY_MEDIUM] = "\033[33m",
		[SEVERITY_HIGH] = "\033[31m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};
	if (color && *tint[severity])
		buf_printf(out, "  %s%-10s\033[0m", tint[severity], severity_name(severity));
	else
		buf_printf(out, "  %-10s", severity_name(severity));
}

void line_next(struct buf *out, unsigned *column, unsigned indent, const char *between,
	       const char *word, unsigned width)
{
	size_t len = strlen(word), gap = strlen(between);
	size_t mark = gap && between[gap - 1] == ' ' ? gap - 1 : gap;
	/* The mark behind this word has to find its place, too. */
	if (*column > indent && *column + gap + len + mark > width) {
		buf_add(out, between, mark);
		buf_printf(out, "\n%*s", (int)indent, "");
		*column = indent;
	} else {
		buf_puts(out, between);
		*column += (unsigned)gap;
	}
	buf_puts(out, word);
	*column += (unsigned)len;
}

/* Without its middle where it is longer than there is room. */
static void add_cut(struct buf *out, const char *text, size_t len, size_t room)
{
	if (room < SHORTEST)
		room = SHORTEST;
	if (len <= room) {
		buf_puts(out, text);
		return;
	}
	size_t head = (room - 5) / 2, tail = room - 5 - head;
	buf_add(out, text, head);
	buf_puts(out, " ... ");
	buf_puts(out, text + len - tail);
}

void line_quoted_in(struct buf *out, const char *text, size_t room)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	str_quote(&quoted, text);
	add_cut(out, buf_text(&quoted), quoted.len, room);
}

void line_place_in(struct buf *out, const char *place, size_t room)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	realm_quote(&quoted, place);
	add_cut(out, buf_text(&quoted), quoted.len, room);
}

void line_quoted(struct buf *out, const char *text)
{
	line_quoted_in(out, text, LONGEST);
}

void line_wrapped_on(struct buf *out, unsigned indent, const char *text, unsigned width)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	unsigned column = indent;
	str_quote(&quoted, text);
	for (char *save, *word = quoted.len ? strtok_r(quoted.data, " ", &save) : NULL; word;
	     word = strtok_r(NULL, " ", &save)) {
		_cleanup_(buf_free) struct buf fitting = {0};
		add_cut(&fitting, word, strlen(word), width > indent ? width - indent : 0);
		line_next(out, &column, indent, column > indent ? " " : "", buf_text(&fitting),
			  width);
	}
	buf_puts(out, "\n");
}

void line_wrapped(struct buf *out, unsigned indent, const char *lead, const char *text,
		  unsigned width)
{
	buf_printf(out, "%*s%s", (int)indent, "", lead);
	line_wrapped_on(out, indent + (unsigned)strlen(lead), text, width);
}
