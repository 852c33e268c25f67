/* SPDX-License-Identifier: MIT */
/* Calls of DLLs that not every Windows has: the program starts without them. */
#ifndef WINDOWS_CALL_H
#define WINDOWS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/* Fills the functions `names` of a DLL of the system into `ret`, an array of function
 * pointers as long. The DLL stays loaded. 0 or an error of Win32: it, or one of them, is
 * not there. */
DWORD call_load(const wchar_t *dll, const char *const *names, size_t count, void *ret);

/* GetLastError(), but never 0: some calls fail without saying why. */
DWORD call_error(void);

#endif
