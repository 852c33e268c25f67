/* SPDX-License-Identifier: MIT */
/* What a reparse point is ([MS-FSCC] 2.1.2): something else's name, a special file of WSL,
 * or a file whose content a filter of the system keeps in another form. */
#ifndef WINDOWS_REPARSE_H
#define WINDOWS_REPARSE_H

#include <windows.h>

#include "platform.h"

/* Not in every SDK: [MS-FSCC] 2.1.2.1, winnt.h and "File Attribute Constants". */
#ifndef FILE_ATTRIBUTE_RECALL_ON_OPEN
#define FILE_ATTRIBUTE_RECALL_ON_OPEN 0x00040000
#endif
#ifndef FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS
#define FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS 0x00400000
#endif

/* The kind of what has these attributes; `tag` counts only for a reparse point. */
enum plat_kind reparse_kind(ULONG attributes, ULONG tag);

/* It is read as a plain file or directory: the filter behind the tag gives its content, when
 * it is opened without FILE_OPEN_REPARSE_POINT. */
bool reparse_has_content(ULONG tag);

/* The content is not on this machine; to read it is to fetch it. Anybody may set the mere
 * attribute "offline" on his files: without a reparse point it means nothing. */
bool reparse_is_away(ULONG attributes);

/* Appends the target in what FSCTL_GET_REPARSE_POINT gives ([MS-FSCC] 2.1.2.4, 2.1.2.5): a
 * path inside the guest, or relative with slashes. -EINVAL: it has none, or is damaged. */
int reparse_target(const void *data, size_t len, char system_drive, struct buf *out);

#endif
