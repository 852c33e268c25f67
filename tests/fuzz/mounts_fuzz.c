/* SPDX-License-Identifier: MIT */
/* A root, a newline, and a table like /proc/self/mountinfo. */
#include <string.h>

#include "../../platform/linux/look/mounts.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "fuzz.h"

static bool disk(unsigned major_number, unsigned minor_number, const char *source, char *out)
{
	(void)source;
	sprintf(out, "disk%u", minor_number % 4);
	return major_number % 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes rest = {bytes, len};
	_cleanup_free_ char *path = bytes_text(bytes_until(&rest, '\n'));
	_cleanup_free_ char *root = mem_printf("/%s", path);
	struct plat_mount *mounts;
	size_t count;
	FILE *table = rest.len ? fmemopen((void *)(uintptr_t)rest.at, rest.len, "r") : NULL;
	if (!table)
		return 0;
	if (!mounts_read(table, root, disk, &mounts, &count)) {
		for (size_t i = 0; i < count; i++)
			must(mounts[i].path[0] == '/' && mounts[i].type &&
			     mounts[i].kind <= PLAT_MOUNT_AGAIN);
		plat_mounts_free(mounts, count);
	}
	fclose(table);
	return 0;
}
