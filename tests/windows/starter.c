/* SPDX-License-Identifier: MIT */
/* Starts a program in another way than a shell does, and does something to it:
 *
 *     starter HOW COMMAND [ARGUMENT]...
 *
 * HOW: limited    with the token that UAC gives beside the full one (TokenLinkedToken)
 *      running    while another sysprep.exe runs
 *      gone       by another process, which ends once Sysprep was called
 *      kill       and ends it once Sysprep was called, which goes on to its end
 *      change     and has an update ask for a restart once the first log was cleaned
 *      late       and completes what Sysprep leaves behind, a second after its tag is there
 *
 * The exit code is the program's. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>

#include "numbered.h"

enum { FAULT = 99, LINE_MOST = 4096, PATIENCE_MS = 120000, PAUSE_MS = 20 };
#define CALLED L"C:\\stand-in\\calls.txt"
#define TAG L"C:\\windows\\System32\\Sysprep\\Sysprep_succeeded.tag"
#define STATE L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State"
#define NUMBER L"C:\\stand-in\\number.txt"
#define LOG L"C:\\windows\\System32\\Sysprep\\Panther\\old.log"
#define PENDING                                                                      \
	L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\" \
	L"RebootPending"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static HANDLE beside; /* another program that runs meanwhile, or NULL */

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "starter: %s: error %lu\n", what, GetLastError());
	if (beside)
		TerminateProcess(beside, 0);
	ExitProcess(FAULT);
}

static void wait_until(const wchar_t *path, bool there)
{
	for (int i = 0; i < PATIENCE_MS / PAUSE_MS; i++, Sleep(PAUSE_MS))
		if ((GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) == there)
			return;
	fail("what is waited for does not come");
}

/* ---- before it ---- */

static HANDLE limited_token(void)
{
	HANDLE own, primary;
	TOKEN_LINKED_TOKEN linked;
	DWORD size;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own) ||
	    !GetTokenInformation(own, TokenLinkedToken, &linked, sizeof linked, &size) ||
	    !DuplicateTokenEx(linked.LinkedToken, TOKEN_ALL_ACCESS, NULL, SecurityImpersonation,
			      TokenPrimary, &primary))
		fail("there is no limited token");
	return primary;
}

static void start_another(void)
{
	wchar_t line[] = L"C:\\tools\\sysprep.exe stay";
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION made;
	if (!CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &start, &made))
		fail("another one can not be started");
	beside = made.hProcess;
}

/* ---- behind it ---- */

/* By its number in a file, for its parent is not us. */
static HANDLE grandchild(void)
{
	HANDLE process = process_numbered(NUMBER);
	if (!process)
		fail("the program is not there");
	return process;
}

static void leave(PROCESS_INFORMATION *made)
{
	FILE *file = _wfopen(NUMBER, L"wb");
	if (!file)
		fail("the number can not be written");
	fprintf(file, "%lu", made->dwProcessId);
	fclose(file);
	wait_until(CALLED, true);
	ExitProcess(0);
}

static void await(PROCESS_INFORMATION *made)
{
	made->hProcess = grandchild();
}

static void end_it(PROCESS_INFORMATION *made)
{
	wait_until(CALLED, true);
	TerminateProcess(made->hProcess, 1);
	wait_until(TAG, true);
}

static void ask_for_restart(PROCESS_INFORMATION *made)
{
	HKEY key;
	(void)made;
	wait_until(LOG, false);
	if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, PENDING, 0, NULL, 0, KEY_WRITE, NULL, &key,
			    NULL) != ERROR_SUCCESS)
		fail("the key can not be made");
	RegCloseKey(key);
}

static void complete(PROCESS_INFORMATION *made)
{
	static const wchar_t state[] = L"IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";
	(void)made;
	wait_until(TAG, true);
	Sleep(1000);
	RegSetKeyValueW(HKEY_LOCAL_MACHINE, STATE, L"ImageState", REG_SZ, state, sizeof state);
}

static const struct way {
	const wchar_t *name;
	void (*then)(PROCESS_INFORMATION *made);
} ways[] = {
	{L"limited", NULL},  {L"running", NULL}, {L"gone", await},
	{L"leave", leave},   {L"kill", end_it},	 {L"change", ask_for_restart},
	{L"late", complete},
};

static const struct way *way_of(const wchar_t *name)
{
	for (size_t i = 0; i < COUNT(ways); i++)
		if (!wcscmp(name, ways[i].name))
			return &ways[i];
	fail("wrong usage");
}

static void make_line(int argc, wchar_t **argv, wchar_t *line)
{
	wcscpy(line, wcscmp(argv[1], L"gone") ? L"" : L"C:\\tools\\starter.exe leave ");
	for (int i = 2; i < argc; i++) {
		if (wcslen(line) + wcslen(argv[i]) + 4 > LINE_MOST)
			fail("too long a line");
		wcscat(line, i > 2 ? L" \"" : L"\"");
		wcscat(line, argv[i]);
		wcscat(line, L"\"");
	}
}

int wmain(int argc, wchar_t **argv); /* no header has it */

int wmain(int argc, wchar_t **argv)
{
	wchar_t line[LINE_MOST];
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION made;
	HANDLE token = NULL;
	DWORD code = FAULT;
	if (argc < 3)
		fail("wrong usage");
	const struct way *way = way_of(argv[1]);
	make_line(argc, argv, line);
	if (!wcscmp(way->name, L"limited"))
		token = limited_token();
	if (!wcscmp(way->name, L"running"))
		start_another();
	if (!CreateProcessAsUserW(token, NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start,
				  &made))
		fail("it can not be started");
	if (way->then)
		way->then(&made);
	if (WaitForSingleObject(made.hProcess, PATIENCE_MS) != WAIT_OBJECT_0)
		fail("it does not end");
	GetExitCodeProcess(made.hProcess, &code);
	if (beside)
		TerminateProcess(beside, 0);
	return (int)code;
}
