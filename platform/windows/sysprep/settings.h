/* SPDX-License-Identifier: MIT */
/* Looks into the registry of the running system; nothing of it is ever changed by these.
 * Keys are below HKEY_LOCAL_MACHINE, as programs of 64 bits see them. */
#ifndef WINDOWS_SYSPREP_SETTINGS_H
#define WINDOWS_SYSPREP_SETTINGS_H

#include <stdbool.h>
#include <wchar.h>

#include <windows.h>

#include "base/buf.h"

bool setting_has_key(const wchar_t *key);
bool setting_has_value(const wchar_t *key, const wchar_t *name);
/* Of a number (REG_DWORD). */
bool setting_number(const wchar_t *key, const wchar_t *name, DWORD *ret);
/* Appends a text, or all of several, as WTF-8; false: there is none, or it is empty. */
bool setting_text(const wchar_t *key, const wchar_t *name, struct buf *out);

/* Each key below a key; ends early when `tell` gives false. */
typedef bool setting_tell(const wchar_t *name, void *context);
void setting_each_key(const wchar_t *key, setting_tell *tell, void *context);

#endif
