/* SPDX-License-Identifier: MIT */
#include "listing.h"

#include <stddef.h>
#include <string.h>

const struct listing_layout listing_layouts[] = {
	{FileIdFullDirectoryInformation, offsetof(FILE_ID_FULL_DIR_INFORMATION, FileId),
	 offsetof(FILE_ID_FULL_DIR_INFORMATION, FileName)},
	{FileIdBothDirectoryInformation, offsetof(FILE_ID_BOTH_DIR_INFORMATION, FileId),
	 offsetof(FILE_ID_BOTH_DIR_INFORMATION, FileName)},
	{FileFullDirectoryInformation, 0, offsetof(FILE_FULL_DIR_INFORMATION, FileName)},
	{0},
};

/* Moves to the next entry; `least` bytes of this one have to be there. */
static bool advance(const uint8_t *data, size_t len, size_t least, size_t *offset,
		    size_t *ret_left)
{
	ULONG next;
	if (*offset > len || len - *offset < least)
		return false;
	memcpy(&next, data + *offset, sizeof next);
	if (next && (next < least || next >= len - *offset || next % sizeof(wchar_t)))
		return false;
	*ret_left = (next ? next : len - *offset) - least;
	*offset = next ? *offset + next : len;
	return true;
}

/* Names of directories are opened, so what could be taken for the directory itself or be
 * cut off is none. */
static bool is_name(const wchar_t *name, size_t units)
{
	for (size_t i = 0; i < units; i++)
		if (!name[i])
			return false;
	return units;
}

bool listing_take(const void *data, size_t len, const struct listing_layout *layout,
		  size_t *offset, struct listing_entry *ret)
{
	const uint8_t *at = (const uint8_t *)data + *offset;
	FILE_FULL_DIR_INFORMATION head;
	size_t left;
	if (!advance(data, len, layout->name, offset, &left))
		return false;
	memcpy(&head, at, offsetof(FILE_FULL_DIR_INFORMATION, FileName));
	if (head.FileNameLength > left || head.FileNameLength % sizeof(wchar_t))
		return false;
	*ret = (struct listing_entry){
		.name = (const wchar_t *)(const void *)(at + layout->name),
		.units = head.FileNameLength / sizeof(wchar_t),
		.size = (uint64_t)head.EndOfFile.QuadPart,
		.allocated = (uint64_t)head.AllocationSize.QuadPart,
		.mtime = head.LastWriteTime,
		.ctime = head.ChangeTime,
		.attributes = head.FileAttributes,
		/* [MS-FSCC] 2.4.14: of a reparse point it is the tag. */
		.tag = head.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? head.EaSize : 0,
	};
	if (layout->id)
		memcpy(&ret->id, at + layout->id, sizeof ret->id);
	if (ret->id == UINT64_MAX) /* ReFS: it does not fit */
		ret->id = 0;
	return is_name(ret->name, ret->units);
}

static size_t find_colon(const wchar_t *text, size_t units, size_t from)
{
	while (from < units && text[from] != L':')
		from++;
	return from;
}

bool listing_take_stream(const void *data, size_t len, size_t *offset, const wchar_t **ret_name,
			 size_t *ret_units, uint64_t *ret_size)
{
	static const wchar_t kind[] = L"$DATA";
	enum { HEAD = offsetof(FILE_STREAM_INFORMATION, StreamName), KIND = 5 };
	const uint8_t *at = (const uint8_t *)data + *offset;
	FILE_STREAM_INFORMATION head;
	size_t left;
	if (!advance(data, len, HEAD, offset, &left))
		return false;
	memcpy(&head, at, HEAD);
	if (head.StreamNameLength > left || head.StreamNameLength % sizeof(wchar_t))
		return false;
	const wchar_t *name = (const wchar_t *)(const void *)(at + HEAD);
	size_t units = head.StreamNameLength / sizeof(wchar_t);
	size_t end = find_colon(name, units, 1);
	bool of_data = end + 1 + KIND == units && !wcsncmp(name + end + 1, kind, KIND);
	if (!units || name[0] != L':')
		return false;
	*ret_name = name + 1;
	*ret_units = of_data ? end - 1 : 0;
	*ret_size = (uint64_t)head.StreamSize.QuadPart;
	return !*ret_units || is_name(*ret_name, *ret_units);
}
