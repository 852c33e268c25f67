/* SPDX-License-Identifier: MIT */
/* What the stand-in DLLs share. Each is told what to play by a file C:\stand-in\NAME.txt, a
 * row a line with fields divided by |, and changes it as the calls change the machine, so
 * that a test reads there what came of them. What was called stands in
 * C:\stand-in\calls.txt, and so does every call that the documentation does not allow, with
 * "WRONG" in front of it. They stand in for the DLLs of Windows as far as their
 * documentation goes, and for nothing that only a real Windows does. */
#ifndef STAND_IN_SCRIPT_H
#define STAND_IN_SCRIPT_H

#include <stdbool.h>
#include <windows.h>

enum { ROWS = 64, FIELDS = 12, TEXT = 256 };

struct row {
	char field[FIELDS][TEXT];
};

struct script {
	const char *name;
	struct row rows[ROWS];
	int count;
};

void script_read(struct script *script);
void script_write(const struct script *script);
/* The row with these first fields (the second may be NULL), or NULL. */
struct row *script_row(struct script *script, const char *kind, const char *name);
/* A number of it, 0 where there is none. */
DWORD script_number(const struct row *row, int field);
void script_set(struct row *row, int field, DWORD number);

void script_say(const char *form, ...) __attribute__((format(gnu_printf, 1, 2)));
/* The call is wrong: says so, and sets and gives an error. */
DWORD script_wrong(const char *what);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

/* UTF-8 and back; the room is TEXT. */
void script_wide(const char *text, WCHAR *out);
void script_narrow(const WCHAR *text, char *out);

#endif
