/* SPDX-License-Identifier: MIT */
#ifndef WINDOWS_SYSPREP_PLACE_H
#define WINDOWS_SYSPREP_PLACE_H

#include <stdbool.h>
#include <wchar.h>

/* The system's own folder with `tail` behind it, into `room` units; false: no room. */
bool place_in_windows(const wchar_t *tail, wchar_t *out, size_t room);

#define PLACE_SYSPREP L"\\System32\\Sysprep"
#define PLACE_PROGRAM PLACE_SYSPREP L"\\sysprep.exe"

#endif
