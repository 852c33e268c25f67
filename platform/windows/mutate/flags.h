/* SPDX-License-Identifier: MIT */
/* The read-only attribute, the one thing on Windows that forbids a change to everybody. */
#ifndef WINDOWS_FLAGS_H
#define WINDOWS_FLAGS_H

#include <windows.h>

#include <stdint.h>

/* Both need FILE_READ_ATTRIBUTES and FILE_WRITE_ATTRIBUTES of the handle. */
int flags_thaw(HANDLE handle, uint32_t *ret_flags); /* 1: it was on */
int flags_freeze(HANDLE handle, uint32_t flags);

#endif
