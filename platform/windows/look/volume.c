/* SPDX-License-Identifier: MIT */
/* A walk by handle that opens every reparse point as itself never gets to another volume,
 * and a directory that one is mounted on can hold nothing to be hidden: any directory is a
 * view of its volume alone. Windows can not make it read-only. */
#include <stdint.h>

#include "errors.h"
#include "handles.h"
#include "native.h"

int plat_volume_open(const char *host_path, bool writable, struct plat_dir **ret,
		     bool *ret_detached)
{
	(void)writable;
	int r = plat_dir_open(host_path, ret);
	if (!r)
		*ret_detached = true;
	return r;
}

/* Windows checks a volume that is dirty before it lets anybody use it. */
int plat_volume_state(const char *host_path, unsigned *ret)
{
	union {
		FILE_FS_ATTRIBUTE_INFORMATION info;
		char room[sizeof(FILE_FS_ATTRIBUTE_INFORMATION) + 64]; /* its name */
	} volume;
	IO_STATUS_BLOCK io;
	struct plat_dir *dir;
	int r = plat_dir_open(host_path, &dir);
	if (r < 0)
		return r;
	NTSTATUS status = NtQueryVolumeInformationFile(dir->handle, &io, &volume, sizeof volume,
						       OURS_FS_ATTRIBUTE_INFORMATION);
	plat_dir_close(dir);
	if (status < 0 && status != OURS_BUFFER_OVERFLOW)
		return error_of_status(status);
	bool closed = volume.info.FileSystemAttributes & FILE_READ_ONLY_VOLUME;
	*ret = closed ? PLAT_VOLUME_READ_ONLY : 0;
	return 0;
}

uint64_t plat_used_bytes(struct plat_dir *dir)
{
	FILE_FS_FULL_SIZE_INFORMATION size;
	IO_STATUS_BLOCK io;
	if (NtQueryVolumeInformationFile(dir->handle, &io, &size, sizeof size,
					 OURS_FS_FULL_SIZE_INFORMATION) < 0)
		return 0;
	return (uint64_t)(size.TotalAllocationUnits.QuadPart -
			  size.ActualAvailableAllocationUnits.QuadPart) *
	       size.SectorsPerAllocationUnit * size.BytesPerSector;
}
