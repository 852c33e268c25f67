/* SPDX-License-Identifier: MIT */
/* The buffers that NtQueryDirectoryFile and FileStreamInformation fill: chains of entries,
 * taken one by one and believed in nothing ([MS-FSCC] 2.4). */
#ifndef WINDOWS_LISTING_H
#define WINDOWS_LISTING_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>
#include <windows.h>

#include <winternl.h>

/* One of the layouts that directories are listed in; all begin alike. */
struct listing_layout {
	FILE_INFORMATION_CLASS class;
	unsigned id; /* where the file id stands; 0: it has none */
	unsigned name;
};

/* The one to ask for first, and those for file systems that do not have it; ends with class
 * 0. */
extern const struct listing_layout listing_layouts[];

struct listing_entry {
	const wchar_t *name; /* in the buffer, without a zero */
	size_t units;
	uint64_t size, allocated; /* bytes */
	uint64_t id;		  /* 0: not known */
	LARGE_INTEGER mtime, ctime;
	ULONG attributes, tag;
};

/* The entry at *offset, which then becomes that of the next one, or `len` behind the last.
 * False: damaged, or its name is empty or has a zero in it. */
bool listing_take(const void *data, size_t len, const struct listing_layout *layout,
		  size_t *offset, struct listing_entry *ret);

/* The same of streams: the name is that between the colons, nothing of it for the content
 * of the file itself. Only streams of data are told (*ret_units > 0). */
bool listing_take_stream(const void *data, size_t len, size_t *offset, const wchar_t **ret_name,
			 size_t *ret_units, uint64_t *ret_size);

#endif
