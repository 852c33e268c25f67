/* SPDX-License-Identifier: MIT */
/* The flags of an NTFS volume, from the device or image that holds it. */
#ifndef LINUX_NTFS_H
#define LINUX_NTFS_H

#include <stdint.h>

enum { NTFS_DIRTY = 1 }; /* VOLUME_IS_DIRTY */

/* `fd` is open for reading. -ENOSYS: no NTFS is there; -EBADMSG: it is damaged. */
int ntfs_volume_flags(int fd, uint16_t *ret);

#endif
