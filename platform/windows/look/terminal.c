/* SPDX-License-Identifier: MIT */
#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>

#include "errors.h"

enum { PIECE = 8192 }; /* bytes; before Windows 8 a console took 64 KB at most */

static HANDLE standard_handle(int which)
{
	static const DWORD name[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
	return which >= 0 && which < 3 ? GetStdHandle(name[which]) : NULL;
}

/* Only a console has a console mode: a pipe, a file and NUL have none. A worker has to
 * come the same way as its parent. */
bool plat_is_terminal(int which)
{
	DWORD mode;
	const struct errand *errand = errand_here();
	if (errand)
		return which >= 0 && which < 3 && (errand->terminals >> which & 1);
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

static DWORD mode_before;

static void restore_mode(void)
{
	SetConsoleMode(standard_handle(1), mode_before);
}

/* Consoles before Windows 10 1511 know no escape sequences, and refuse the mode. */
bool plat_has_colors(void)
{
	static int known = -1;
	HANDLE out = standard_handle(1);
	if (known >= 0 || !plat_is_terminal(1))
		return known > 0;
	known = GetConsoleMode(out, &mode_before) &&
		SetConsoleMode(out, mode_before | ENABLE_PROCESSED_OUTPUT |
					    ENABLE_VIRTUAL_TERMINAL_PROCESSING);
	if (known)
		atexit(restore_mode);
	return known;
}

/* ---- writing ---- */

/* The console's own code page need not be UTF-8, and belongs to its other programs, too. */
static int show(HANDLE console, const char *text, size_t len)
{
	static wchar_t wide[PIECE];
	int units = MultiByteToWideChar(CP_UTF8, 0, text, (int)len, wide, PIECE);
	for (DWORD at = 0, n; at < (DWORD)units; at += n)
		if (!WriteConsoleW(console, wide + at, (DWORD)units - at, &n, NULL) || !n)
			return error_last();
	return 0;
}

static int put(HANDLE file, const char *text, size_t len)
{
	for (DWORD at = 0, n; at < len; at += n)
		if (!WriteFile(file, text + at, (DWORD)len - at, &n, NULL) || !n)
			return error_last();
	return 0;
}

int plat_print(int which, const char *text, size_t len)
{
	HANDLE handle = standard_handle(which);
	bool console = plat_is_terminal(which);
	int r = handle && handle != INVALID_HANDLE_VALUE ? 0 : -EBADF;
	while (len && !r) {
		size_t piece = len < PIECE ? len : PIECE;
		while (piece < len && piece > PIECE - 4 && (text[piece] & 0xc0) == 0x80)
			piece--; /* no character in two */
		r = console ? show(handle, text, piece) : put(handle, text, piece);
		text += piece;
		len -= piece;
	}
	return r;
}
