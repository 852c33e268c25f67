/* SPDX-License-Identifier: MIT */
/* main's own argv is of no use here: it is in the code page of the system, which has not all
 * letters, and some C libraries put the names of files in the place of a word with a * in it.
 * The command line as the caller gave it is GetCommandLineW's, and CommandLineToArgvW takes
 * it apart as every program does (both at learn.microsoft.com). */
#include "platform.h"

#include <windows.h>

#include <shellapi.h>

#include "base/mem.h"
#include "names.h"

char **plat_arguments(int argc, char **argv)
{
	int count = 0;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
	(void)argc;
	if (!wide)
		return argv;
	char **names = mem_alloc(((size_t)count + 1) * sizeof *names);
	for (int i = 0; i < count; i++) {
		struct buf name = {0};
		name_from_wide(wide[i], wcslen(wide[i]), &name);
		names[i] = name.data ? name.data : mem_strdup("");
	}
	LocalFree(wide);
	return names;
}
