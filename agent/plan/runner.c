/* SPDX-License-Identifier: MIT */
#include "plan/runner.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { SCRIPT_MAX = 64 * 1024 }; /* several times what a command may have */

/* What shells, PowerShell and cmd.exe call their own script, as documentation spells it. */
static bool removes_own_name(const char *line)
{
	static const struct {
		const char *call, *name;
	} ways[] = {
		{"rm ", "$0"},
		{"rm ", "${0}"},
		{"rm ", "BASH_SOURCE"},
		{"Remove-Item ", "$PSCommandPath"},
		{"Remove-Item ", "$MyInvocation.MyCommand.Path"},
		{"del ", "%~f0"},
	};
	for (size_t i = 0; *line != '#' && i < sizeof ways / sizeof *ways; i++) {
		const char *call = strstr(line, ways[i].call);
		if (call && strstr(call, ways[i].name))
			return true;
	}
	return false;
}

static bool promises(struct buf *text)
{
	char *line = text->data;
	for (char *next; *line; line = next) {
		size_t len = strcspn(line, "\n");
		next = line + len + (line[len] == '\n');
		line[len] = 0;
		if (strstr(line, "oos-secret") || removes_own_name(line + strspn(line, " \t")))
			return true;
	}
	return false;
}

bool runner_removes_itself(const struct discover_entry *script)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	struct plat_file *file;
	if (script->info.kind != PLAT_FILE ||
	    plat_file_open_at(script->parent, script->name, &file) < 0)
		return false;
	int r = plat_file_slurp(file, SCRIPT_MAX, &text);
	plat_file_close(file);
	return r >= 0 && text.len && promises(&text);
}
