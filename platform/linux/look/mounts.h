/* SPDX-License-Identifier: MIT */
/* plat_mounts with its sources given, for tests. */
#ifndef LINUX_MOUNTS_H
#define LINUX_MOUNTS_H

#include <stdio.h>

#include "platform.h"

/* The name (at most NAME_MAX bytes) of the disk behind a device, or false. */
typedef bool mounts_disk(unsigned major_number, unsigned minor_number, const char *source,
			 char *out);

/* The source and the type of the mount with that id; both are the caller's. */
int mounts_source(uint64_t id, char **ret_source, char **ret_type);

/* `from` is laid out like /proc/self/mountinfo; `root` is a real path. */
int mounts_read(FILE *from, const char *root, mounts_disk *disk, struct plat_mount **ret,
		size_t *ret_count);

#endif
