/* SPDX-License-Identifier: MIT */
/* The one place where an error of Windows becomes an errno value of the contract. */
#ifndef WINDOWS_ERRORS_H
#define WINDOWS_ERRORS_H

#include <windows.h>

#include <winternl.h>

/* Negative errno; 0 for success. */
int error_of_status(NTSTATUS status);
int error_of_win32(DWORD error);
int error_last(void); /* of GetLastError(), never 0 */

#endif
