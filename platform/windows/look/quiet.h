/* SPDX-License-Identifier: MIT */
/* Opening to read without leaving a time of access behind. */
#ifndef WINDOWS_QUIET_H
#define WINDOWS_QUIET_H

#include "handles.h"

/* As handle_open_at, or with name NULL as handle_open_content. Where Windows keeps times of
 * access, it is asked not to for this handle, which takes the right to write attributes; who
 * does not get it opens without. The handle that is given has only the rights of `how`. */
int quiet_open(HANDLE parent, const char *name, const struct handle_how *how, HANDLE *ret);

#endif
