/* SPDX-License-Identifier: MIT */
/* Alternate data streams, as FileStreamInformation lists them ([MS-FSCC] 2.4.43). The one
 * that compressed files of the system are kept in is hidden by its own filter. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"
#include "handles.h"
#include "listing.h"
#include "names.h"
#include "native.h"

enum { FIRST_ROOM = 4 << 10, MOST_ROOM = 16 << 20 };

/* The whole list, which the file system gives at once or not at all. The caller frees it. */
static int read_list(HANDLE handle, void **ret, size_t *ret_len)
{
	for (ULONG room = FIRST_ROOM; room <= MOST_ROOM; room *= 4) {
		_cleanup_free_ void *data = mem_alloc(room);
		IO_STATUS_BLOCK io = {0};
		NTSTATUS status = NtQueryInformationFile(handle, &io, data, room,
							 FileStreamInformation);
		if (status == OURS_BUFFER_OVERFLOW || status == OURS_BUFFER_TOO_SMALL)
			continue;
		if (status == OURS_INVALID_PARAMETER || status == OURS_INVALID_INFO_CLASS ||
		    status == OURS_NOT_IMPLEMENTED || status == OURS_INVALID_DEVICE_REQUEST)
			return -ENOSYS;
		if (status < 0)
			return error_of_status(status);
		*ret = data;
		*ret_len = io.Information;
		data = NULL;
		return 0;
	}
	return -EFBIG;
}

static int tell_all(const void *data, size_t len, plat_stream_tell *tell, void *context)
{
	int r = 0;
	for (size_t at = 0; !r && at < len;) {
		const wchar_t *wide;
		size_t units;
		uint64_t size;
		if (!listing_take_stream(data, len, &at, &wide, &units, &size))
			return -EIO;
		if (!units)
			continue;
		_cleanup_(buf_free) struct buf name = {0};
		name_from_wide(wide, units, &name);
		r = tell(name.data, size, context);
	}
	return r;
}

int plat_streams(struct plat_dir *dir, const char *member, plat_stream_tell *tell,
		 void *context)
{
	static const struct handle_how how = {
		.share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
		.disposition = FILE_OPEN,
	};
	HANDLE handle;
	_cleanup_free_ void *data = NULL;
	size_t len = 0;
	bool self = member[0] == '.' && !member[1];
	int r = handle_open_at(dir->handle, self ? "" : member, &how, &handle);
	if (r < 0)
		return r;
	r = read_list(handle, &data, &len);
	NtClose(handle);
	return r < 0 ? r : tell_all(data, len, tell, context);
}
