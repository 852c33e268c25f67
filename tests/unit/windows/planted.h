/* SPDX-License-Identifier: MIT */
/* Keys and values of a test's own, HKLM\SOFTWARE\imgsan-test and below, made and seen by the
 * Reg calls of Windows and by none of those that are tested. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

#define TOP "HKLM\\SOFTWARE\\imgsan-test"

/* Setup and teardown. */
int planted_make(void **state);
int planted_remove(void **state);

/* `key`: below TOP, "" for TOP itself; made when it is not there. The caller closes it. */
HKEY planted_key(const wchar_t *key);
void planted_link(const wchar_t *key, const wchar_t *to); /* to: \Registry\Machine\... */

void planted_put(const wchar_t *key, const wchar_t *name, DWORD type, const void *data,
		 size_t bytes);
void planted_text(const wchar_t *key, const wchar_t *name, const wchar_t *text);

bool planted_has_key(const wchar_t *key);
bool planted_has(const wchar_t *key, const wchar_t *name);
/* Type and bytes are just these. */
bool planted_is(const wchar_t *key, const wchar_t *name, DWORD type, const void *data,
		size_t bytes);
bool planted_is_text(const wchar_t *key, const wchar_t *name, const wchar_t *text);
