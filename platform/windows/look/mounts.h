/* SPDX-License-Identifier: MIT */
/* What plat_mounts decides by, for tests. */
#ifndef WINDOWS_MOUNTS_H
#define WINDOWS_MOUNTS_H

#include <windows.h>

#include "platform.h"

/* The numbers of the physical disks that a volume lies on; none: not known. */
struct mounts_disks {
	size_t n;
	DWORD v[32];
};

/* `type` is what GetDriveTypeW says. */
enum plat_mount_kind mounts_kind(UINT type, const struct mounts_disks *disks,
				 const struct mounts_disks *system);

#endif
