/* SPDX-License-Identifier: MIT */
/* A program that is started by another: who waits for it gets its number by a file. */
#ifndef TESTS_WINDOWS_NUMBERED_H
#define TESTS_WINDOWS_NUMBERED_H

#include <stdio.h>

#include <windows.h>

/* The process whose number stands in this file, once it does; NULL: not in two minutes, or it
 * is not there. The caller closes it. */
static inline HANDLE process_numbered(const wchar_t *path)
{
	enum { PATIENCE = 120000, PAUSE = 20 };
	unsigned long number = 0;
	for (int i = 0; i < PATIENCE / PAUSE && !number; i++, Sleep(PAUSE)) {
		FILE *file = _wfopen(path, L"rb");
		if (file && fscanf(file, "%lu", &number) != 1)
			number = 0;
		if (file)
			fclose(file);
	}
	return OpenProcess(SYNCHRONIZE | PROCESS_QUERY_INFORMATION, FALSE, number);
}

#endif
