/* SPDX-License-Identifier: MIT */
/* Files of the scratch place as Windows itself sees and changes them, by none of the calls
 * that are tested. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "platform.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Units of 100 ns since 1601: what outside_age gives. */
#define CREATED INT64_C(131000000000000000)
#define WRITTEN INT64_C(133000000000000000)

/* With \\\\?\\ before it; the caller frees it. */
wchar_t *outside_path(const char *path);
bool outside_has(const char *path);
DWORD outside_attributes(const char *path);
void outside_give(const char *path, DWORD attributes);
unsigned outside_names(const char *path); /* in a directory */
HANDLE outside_hold(const char *path, DWORD access, DWORD share);
FILE_BASIC_INFO outside_basic(const char *path);
/* Times of long ago; that of creation only where there is one. */
void outside_age(const char *path);
void outside_write_stream(const char *path, const char *text);
bool outside_volume_has(DWORD feature); /* FILE_NAMED_STREAMS and so on */
/* What everybody may do with it, as its access list has it. */
ACCESS_MASK outside_everybody(const char *path);
ACCESS_MASK outside_rights(HANDLE handle); /* that it carries */

/* A set-up: the scratch place with /d, which is opened, and /d/file of ten bytes. */
int outside_make(void **state, struct plat_dir **ret);
