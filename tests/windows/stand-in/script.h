/* SPDX-License-Identifier: MIT */
/* What the stand-in DLLs share. Each is told what to play by a file C:\stand-in\NAME.txt, a
 * row a line with fields divided by |, and changes it as the calls change the machine, so
 * that a test reads there what came of them. In each of them a row
 *
 *     fails|CALL|WHO|ERROR
 *
 * makes a call end with an error. WHO is what the call is about, or how many such calls there
 * were in the process with this one, or * for all. What was called stands in
 * C:\stand-in\calls.txt, and so does every call that the documentation does not allow, with
 * "WRONG" in front of it. They stand in for the DLLs of Windows as far as their
 * documentation goes, and for nothing that only a real Windows does. */
#ifndef STAND_IN_SCRIPT_H
#define STAND_IN_SCRIPT_H

#include <stdbool.h>
#include <windows.h>

enum { ROWS = 128, FIELDS = 12, TEXT = 256, CALLS = 16 };

struct row {
	char field[FIELDS][TEXT];
};

struct script {
	const char *name;
	struct row rows[ROWS];
	int count;
	struct {
		const char *name;
		unsigned times;
	} calls[CALLS];
};

void script_read(struct script *script);
void script_write(const struct script *script);
/* The row with these first fields (the second may be NULL), or NULL. */
struct row *script_row(struct script *script, const char *kind, const char *name);
/* A number of it, 0 where there is none. */
DWORD script_number(const struct row *row, int field);
void script_set(struct row *row, int field, DWORD number);

/* Reads the script anew, and gives the error with which a call ends that is about `who`; about
 * nothing (NULL), its number counts. 0: it goes on. */
DWORD script_fails(struct script *script, const char *call, const char *who);
/* The same for a call that gives FALSE: whether it does, with the error set. */
bool script_refuses(struct script *script, const char *call, const char *who);

void script_say(const char *form, ...) __attribute__((format(gnu_printf, 1, 2)));
/* The call is wrong: says so, and sets and gives an error. */
DWORD script_wrong(const char *what);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

/* UTF-8 and back; the room is TEXT. */
void script_wide(const char *text, WCHAR *out);
void script_narrow(const WCHAR *text, char *out);

#endif
