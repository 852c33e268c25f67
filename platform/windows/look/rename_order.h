/* SPDX-License-Identifier: MIT */
/* What NtSetInformationFile is told for a new name (learn.microsoft.com,
 * FILE_RENAME_INFORMATION). It is only made here; who carries it out is in own/ and mutate/. */
#ifndef WINDOWS_RENAME_ORDER_H
#define WINDOWS_RENAME_ORDER_H

#include <windows.h>

#include <stddef.h>

enum { RENAME_EX = 65 }; /* FileRenameInformationEx: Windows 10 1607 */

/* The plain FileRenameInformation takes the first byte of the flags for ReplaceIfExists. */
struct rename_order {
	ULONG flags; /* FILE_RENAME_FLAG_* */
	HANDLE folder;
	ULONG bytes;
	wchar_t name[];
};

/* `to`: one component in WTF-8. NULL: it is none, or names a stream. The caller frees it. */
struct rename_order *rename_order_make(HANDLE folder, const char *to, ULONG flags);
size_t rename_order_size(const struct rename_order *order);

#endif
