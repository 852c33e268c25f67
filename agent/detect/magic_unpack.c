/* SPDX-License-Identifier: MIT */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "detect/magic_inside.h"

static void close_archive(struct archive **a)
{
	archive_read_free(*a);
}

void *magic_unpack(void)
{
	_cleanup_(close_archive) struct archive *a = archive_read_new();
	_cleanup_free_ char *out = mem_alloc(magic_inside.full);
	struct archive_entry *entry;
	if (!a || archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
	    archive_read_support_format_raw(a) < ARCHIVE_WARN ||
	    archive_read_open_memory(a, magic_inside.bytes, magic_inside.len) < ARCHIVE_WARN ||
	    archive_read_next_header(a, &entry) < ARCHIVE_WARN ||
	    archive_read_data(a, out, magic_inside.full) != (la_ssize_t)magic_inside.full)
		return NULL;
	void *whole = out;
	out = NULL;
	return whole;
}
