/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include <windows.h>

static HANDLE standard_handle(int which)
{
	static const DWORD name[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
	return which >= 0 && which < 3 ? GetStdHandle(name[which]) : NULL;
}

/* Only a console has a console mode: a pipe, a file and NUL have none. */
bool plat_is_terminal(int which)
{
	DWORD mode;
	HANDLE handle = standard_handle(which);
	return handle && handle != INVALID_HANDLE_VALUE && GetConsoleMode(handle, &mode);
}

unsigned plat_columns(void)
{
	CONSOLE_SCREEN_BUFFER_INFO screen;
	if (!GetConsoleScreenBufferInfo(standard_handle(1), &screen))
		return 80;
	int columns = screen.srWindow.Right - screen.srWindow.Left + 1;
	return columns > 0 ? (unsigned)columns : 80;
}
