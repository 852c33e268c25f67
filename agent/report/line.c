/* SPDX-License-Identifier: MIT */
#include "report/line.h"

#include "base/str.h"

#define LONGEST 160 /* bytes of a quoted text before its middle is left out */
#define TAIL 60

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

void line_quoted(struct buf *out, const char *text)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	str_quote(&quoted, text);
	if (quoted.len <= LONGEST) {
		buf_puts(out, buf_text(&quoted));
		return;
	}
	buf_add(out, quoted.data, LONGEST - TAIL - 5);
	buf_puts(out, " ... ");
	buf_puts(out, quoted.data + quoted.len - TAIL);
}

void line_wrapped(struct buf *out, unsigned indent, const char *lead, const char *text,
		  unsigned width)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	str_quote(&quoted, text);
	size_t lead_len = strlen(lead), column = indent + lead_len;
	bool begun = false;

	buf_printf(out, "%*s%s", (int)indent, "", lead);
	for (const char *word = buf_text(&quoted); *word; begun = true) {
		size_t len = strcspn(word, " ");
		if (begun && column + 1 + len > width) {
			buf_printf(out, "\n%*s", (int)(indent + lead_len), "");
			column = indent + lead_len;
		} else if (begun) {
			buf_puts(out, " ");
			column++;
		}
		buf_add(out, word, len);
		column += len;
		word += len;
		word += strspn(word, " ");
	}
	buf_puts(out, "\n");
}
