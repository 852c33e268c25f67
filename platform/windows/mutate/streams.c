/* SPDX-License-Identifier: MIT */
/* Named streams and extended attributes for a file that takes another's place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../look/errors.h"
#include "../look/names.h"
#include "../look/native.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "change.h"
#include "dress.h"
#include "fault.h"

/* ---- streams ---- */

enum { PIECE = 64 << 10, MOST_LIST = 64 << 20 };

static int copy_bytes(HANDLE from, HANDLE to)
{
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	int r = 0;
	for (;;) {
		DWORD n, written;
		if (!ReadFile(from, piece, PIECE, &n, NULL)) {
			r = GetLastError() == ERROR_HANDLE_EOF ? 0 : error_last();
			break;
		}
		if (!n)
			break;
		fault_point("write");
		if (!WriteFile(to, piece, n, &written, NULL) || written != n) {
			r = error_last();
			break;
		}
	}
	mem_wipe(piece, PIECE);
	return r;
}

/* `name` begins with a colon, which makes it one of the open file. */
static int copy_stream(HANDLE from, HANDLE to, const char *name)
{
	static const struct handle_how reads = {
		.access = FILE_READ_DATA, .share = SHARE_ALL, .disposition = FILE_OPEN};
	static const struct handle_how writes = {
		.access = FILE_WRITE_DATA, .share = SHARE_ALL, .disposition = FILE_CREATE};
	HANDLE source, copy;
	int r = handle_open_at(from, name, &reads, &source);
	if (r < 0)
		return r;
	fault_point("create");
	r = handle_open_at(to, name, &writes, &copy);
	if (!r) {
		r = copy_bytes(source, copy);
		CloseHandle(copy);
	}
	CloseHandle(source);
	return r;
}

/* The names end with their type, which is always that of data. */
static int copy_listed(HANDLE from, HANDLE to, const FILE_STREAM_INFO *stream)
{
	static const wchar_t type[] = L":$DATA";
	size_t units = stream->StreamNameLength / sizeof(wchar_t);
	size_t ending = sizeof type / sizeof *type - 1;
	_cleanup_(buf_free) struct buf name = {0};
	if (units < ending ||
	    memcmp(stream->StreamName + units - ending, type, sizeof type - sizeof *type) != 0)
		return -EOPNOTSUPP;
	if (units <= ending + 1)
		return 0; /* the file's own content */
	name_from_wide(stream->StreamName, units - ending, &name);
	return copy_stream(from, to, buf_text(&name));
}

/* 1: there is a list. 0: the file has none, or its file system knows no streams. */
static int list_streams(HANDLE from, struct buf *list)
{
	for (size_t room = 4096; room <= MOST_LIST; room *= 2) {
		buf_free(list);
		*list = (struct buf){0};
		void *at = buf_reserve(list, room);
		if (GetFileInformationByHandleEx(from, FileStreamInfo, at, (DWORD)room))
			return 1;
		DWORD error = GetLastError();
		if (error == ERROR_HANDLE_EOF || error == ERROR_INVALID_PARAMETER ||
		    error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED ||
		    error == ERROR_CALL_NOT_IMPLEMENTED)
			return 0;
		if (error != ERROR_MORE_DATA)
			return error_of_win32(error);
	}
	return -EFBIG;
}

int dress_streams(HANDLE from, HANDLE to)
{
	_cleanup_(buf_free) struct buf list = {0};
	int r = list_streams(from, &list);
	if (r <= 0)
		return r;
	for (const char *at = list.data;;) {
		const FILE_STREAM_INFO *stream = (const void *)at;
		r = copy_listed(from, to, stream);
		if (r < 0 || !stream->NextEntryOffset)
			return r;
		at += stream->NextEntryOffset;
	}
}

/* ---- extended attributes ---- */

NTSTATUS NTAPI NtQueryEaFile(HANDLE file, PIO_STATUS_BLOCK io, PVOID buffer, ULONG len,
			     BOOLEAN single, PVOID list, ULONG list_len, PULONG index,
			     BOOLEAN restart);
NTSTATUS NTAPI NtSetEaFile(HANDLE file, PIO_STATUS_BLOCK io, PVOID buffer, ULONG len);

enum { MOST_EXTENDED = 128 << 10 }; /* NTFS has room for half of it */

static int copy_extended(HANDLE from, HANDLE to)
{
	IO_STATUS_BLOCK io;
	_cleanup_free_ char *all = mem_alloc(MOST_EXTENDED);
	NTSTATUS status = NtQueryEaFile(from, &io, all, MOST_EXTENDED, FALSE, NULL, 0, NULL,
					TRUE);
	if (status < 0)
		return error_of_status(status);
	fault_point("extended attributes");
	return error_of_status(NtSetEaFile(to, &io, all, (ULONG)io.Information));
}

int dress_extended(HANDLE from, HANDLE to)
{
	FILE_EA_INFORMATION size = {0};
	IO_STATUS_BLOCK io;
	NTSTATUS status = NtQueryInformationFile(from, &io, &size, sizeof size,
						 FileEaInformation);
	if (change_is_unknown(status) || (status >= 0 && !size.EaSize))
		return 0;
	return status < 0 ? error_of_status(status) : copy_extended(from, to);
}
