/* SPDX-License-Identifier: MIT */
/* Names between Windows and the agent. Windows names are UTF-16 of which nobody checks
 * that it is any; inside the agent they are WTF-8 (Simon Sapin, "The WTF-8 encoding"): UTF-8
 * in which a surrogate that stands alone has its three bytes, too. Every name of either
 * side comes back the same. */
#ifndef WINDOWS_NAMES_H
#define WINDOWS_NAMES_H

#include <stddef.h>
#include <wchar.h>

#include "base/buf.h"

/* Appends `units` of UTF-16 as WTF-8. */
void name_from_wide(const wchar_t *text, size_t units, struct buf *out);

/* The same name as UTF-16 with a zero behind it; the caller frees it. NULL: it is no
 * WTF-8, or a pair of surrogates is written as two. */
wchar_t *name_to_wide(const char *name, size_t *ret_units);

#endif
