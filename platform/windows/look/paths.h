/* SPDX-License-Identifier: MIT */
/* Paths of three kinds: as a caller writes them, as the kernel takes them (\??\C:\...), and
 * those inside a guest, whose root is the system drive: /Users/ann, /D:/data. A volume that
 * has neither a letter nor a folder is /Volume{GUID}. */
#ifndef WINDOWS_PATHS_H
#define WINDOWS_PATHS_H

#include <wchar.h>

#include "base/buf.h"

/* The letter of the drive that Windows runs from, a capital one. */
char path_system_drive(void);

/* The kernel's form of a path of this machine. `here` is the directory that relative ones
 * begin at, in any form that is not relative. Both separators count, . and .. are resolved
 * as text. What begins with \\?\ or \??\ is left as it is. -EINVAL: a device, or relative to
 * another drive's directory. */
int path_native(const char *host_path, const char *here, char system_drive, struct buf *out);

/* A full path of Windows (also with \\?\ or \??\ before it) as a path inside the guest; what
 * lies on a server begins with two slashes. -EINVAL: none of these. */
int path_to_guest(const wchar_t *path, size_t units, char system_drive, struct buf *out);

#endif
