/* SPDX-License-Identifier: MIT */
/* For Windows, where no tracer ends a program at a system call: linked before the library it
 * has the program do it itself. The environment says
 *
 *	IMGSAN_FAULT_AT=N       the N-th change, from 1, does not happen: the process ends
 *there, with exit code 137, as if somebody had ended it IMGSAN_FAULT_LOG=FILE   each change is
 *a line of this file: its number and what it is
 */
#include <stdio.h>
#include <stdlib.h>

#include <windows.h>

void fault_point(const char *change);

static void note(long number, const char *change)
{
	wchar_t log[MAX_PATH];
	DWORD len = GetEnvironmentVariableW(L"IMGSAN_FAULT_LOG", log, MAX_PATH);
	FILE *file = len && len < MAX_PATH ? _wfopen(log, L"ab") : NULL;
	if (!file)
		return;
	fprintf(file, "%ld %s\n", number, change);
	fclose(file);
}

void fault_point(const char *change)
{
	static long done;
	wchar_t at[16];
	DWORD len = GetEnvironmentVariableW(L"IMGSAN_FAULT_AT", at, 16);
	note(++done, change);
	if (len && len < 16 && wcstol(at, NULL, 10) == done)
		TerminateProcess(GetCurrentProcess(), 137);
}
