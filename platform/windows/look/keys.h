/* SPDX-License-Identifier: MIT */
/* How a key of the running registry is opened: a component at a time, each by NtOpenKeyEx
 * with REG_OPTION_OPEN_LINK, so that no link on the way leads into another hive. */
#ifndef WINDOWS_KEYS_H
#define WINDOWS_KEYS_H

#include <stdbool.h>

#include "base/buf.h"
#include "native_keys.h"

/* A name of the registry may hold a NUL. Here that is written C0 80, which is no WTF-8 and
 * so stands for nothing else. *ret: free its Buffer. -EINVAL: it is no name. */
int key_name_to_wide(const char *name, UNICODE_STRING *ret);
void key_name_free(UNICODE_STRING *name);
void key_name_from_wide(const wchar_t *name, size_t bytes, struct buf *out);

/* HKLM\... and HKU\...; -ELOOP when any component is a link. The only link that is followed
 * is HKLM\SYSTEM\CurrentControlSet, which the kernel itself makes at every start. Where the
 * access list denies `access`, the privileges to back up and, for more than reading, to
 * restore are enabled for the call. With `itself` the last component may be a link, and it
 * is the link that is opened: *ret_link says so. */
int key_open(const char *path, ACCESS_MASK access, HANDLE *ret);
int key_open_itself(const char *path, ACCESS_MASK access, HANDLE *ret, bool *ret_link);
/* One component below an open key. */
int key_open_below(HANDLE parent, const UNICODE_STRING *name, ACCESS_MASK access, HANDLE *ret,
		   bool *ret_link);

/* Asks until the answer fits into *room, which is wiped or freed by the caller. -ENODATA:
 * there are no more. */
typedef NTSTATUS key_ask(HANDLE key, const void *which, void *room, ULONG size,
			 ULONG *ret_size);
int key_query(HANDLE key, key_ask *ask, const void *which, struct buf *room);

/* Gives a struct native_key or struct native_value. */
int key_query_subkey(HANDLE key, ULONG index, struct buf *room);
int key_query_value_at(HANDLE key, ULONG index, struct buf *room);
int key_query_value(HANDLE key, const UNICODE_STRING *name, struct buf *room); /* -ENOENT */

#endif
