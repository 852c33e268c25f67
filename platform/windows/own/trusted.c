/* SPDX-License-Identifier: MIT */
/* Reading a file that decides what is deleted. A link to one is not followed. */
#include <errno.h>

#include "../look/handles.h"
#include "folder.h"
#include "trust.h"

static int read_open(HANDLE handle, size_t most, struct buf *ret)
{
	struct plat_file file = {handle};
	struct plat_info info;
	int r = handle_info(handle, &info);
	if (r < 0)
		return r;
	if (info.kind != PLAT_FILE)
		return info.kind == PLAT_SYMLINK ? -ELOOP : -ENXIO;
	r = trust_check(handle, TRUST_CONTENT);
	return r ? r : plat_file_slurp(&file, most, ret);
}

int plat_trusted_read(const char *host_path, size_t most, struct buf *ret)
{
	static const struct handle_how how = {
		.access = FILE_READ_DATA | READ_CONTROL,
		.share = FILE_SHARE_READ | FILE_SHARE_DELETE,
		.disposition = FILE_OPEN,
	};
	const char *leaf;
	HANDLE folder, handle;
	int r = folder_open(host_path, &folder, &leaf);
	if (r < 0)
		return r;
	r = *leaf ? handle_open_at(folder, leaf, &how, &handle) : -ENXIO;
	CloseHandle(folder);
	if (r < 0)
		return r;
	r = read_open(handle, most, ret);
	CloseHandle(handle);
	return r;
}
