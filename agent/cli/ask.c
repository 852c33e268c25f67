/* SPDX-License-Identifier: MIT */
#include "cli/ask.h"

#include <stdio.h>

#include "base/stop.h"
#include "base/str.h"
#include "cli/deliver.h"
#include "cli/progress.h"
#include "report/text.h"

bool ask_is_yes(const char *line)
{
	size_t from = strspn(line, " \t"), len = strcspn(line + from, " \t\r\n");
	static const char *const yes[] = {"y", "Y", "yes", "Yes", "YES"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (strlen(yes[i]) == len && memcmp(line + from, yes[i], len) == 0)
			return true;
	return false;
}

bool ask_confirm(const struct plan *plan, const struct guest *guest, void *context)
{
	_cleanup_(buf_free) struct buf page = {0};
	char line[64];
	progress_erase();
	text_write_plan(plan, guest, context, &page);
	buf_puts(&page, "\nGo on? [y/N] ");
	deliver_text(buf_text(&page));
	if (!fgets(line, sizeof line, stdin) || stop_asked() != STOP_NOT)
		return false;
	return ask_is_yes(line);
}
