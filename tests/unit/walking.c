/* SPDX-License-Identifier: MIT */
#include "walking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"

bool on_entry(const struct discover_entry *entry, void *context)
{
	struct seen *seen = context;
	seen->entries++;
	if (entry->depth > seen->deepest)
		seen->deepest = entry->depth;
	if (strlen(entry->path) > seen->longest)
		seen->longest = strlen(entry->path);
	if (seen->entries < 1000)
		buf_printf(&seen->paths, "%s\n", entry->path);
	return strcmp(entry->name, "not-entered") != 0;
}

void on_fault(const char *path, int error, void *context)
{
	struct seen *seen = context;
	(void)path;
	seen->faults++;
	seen->error = error;
}

void walk(const char *path, bool detached, struct seen *ret)
{
	struct discover_visitor visitor = {NULL, on_entry, on_fault, ret, false};
	struct volume volume = {.path = mem_strdup("/"), .detached = detached};
	*ret = (struct seen){0};
	assert_int_equal(plat_dir_open(path, &volume.dir), 0);
	assert_int_equal(discover_walk(&volume, &visitor), 0);
	plat_dir_close(volume.dir);
	free(volume.path);
}

bool saw(const struct seen *seen, const char *path)
{
	_cleanup_free_ char *line = mem_printf("%s\n", path);
	return strstr(buf_text(&seen->paths), line) != NULL;
}
