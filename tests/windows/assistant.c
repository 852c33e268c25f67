/* SPDX-License-Identifier: MIT */
/* What stands between a cloud's agent and imgsan.exe, played as the agent does it: its
 * service starts powershell with a script, that starts the program. Not real here: the
 * account (SYSTEM) and PowerShell itself, in whose place this program reads the script.
 *
 *     assistant agent HOW RESULT SCRIPT      the service: no console, no home, System32
 *     assistant -File SCRIPT                 PowerShell: a script is lines, each an argument
 *
 * HOW: run; timeout (only PowerShell is killed, as older agents do).
 * RESULT gets the exit code as Windows has it, in 32 bits, a line feed, and all output. */
#include <windows.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "numbered.h"

enum { OUTPUT_MOST = 1 << 20, LINE_MOST = 32768, PATIENCE_MS = 240000, FAULT = 99 };
#define NUMBER_FILE L"C:\\assistant.pid"

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "assistant: %s: error %lu\n", what, GetLastError());
	ExitProcess(FAULT);
}

static DWORD exit_of(HANDLE process)
{
	DWORD code = FAULT;
	if (WaitForSingleObject(process, PATIENCE_MS) != WAIT_OBJECT_0)
		fail("it did not end");
	GetExitCodeProcess(process, &code);
	return code;
}

/* ---- PowerShell ---- */

/* So that the service finds the program also when PowerShell is gone. */
static void write_number(DWORD number)
{
	FILE *file = _wfopen(NUMBER_FILE, L"wb");
	if (!file)
		fail("the number can not be written");
	fprintf(file, "%lu", number);
	fclose(file);
}

static void read_script(const wchar_t *script, wchar_t *line)
{
	static char text[LINE_MOST];
	static wchar_t wide[LINE_MOST];
	FILE *file = _wfopen(script, L"rb");
	if (!file)
		fail("the script can not be read");
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	for (char *at = strtok(text, "\r\n"); at; at = strtok(NULL, "\r\n")) {
		if (*at == '#')
			continue;
		if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, at, -1, wide,
					 LINE_MOST))
			fail("the script is no UTF-8");
		wcscat(line, *line ? L" \"" : L"\"");
		wcscat(line, wide);
		wcscat(line, L"\"");
	}
}

static int powershell(const wchar_t *script)
{
	static wchar_t line[LINE_MOST];
	STARTUPINFOW start = {.cb = sizeof start,
			      .dwFlags = STARTF_USESTDHANDLES,
			      .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
			      .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
			      .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
	PROCESS_INFORMATION program;
	read_script(script, line);
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &program))
		fail("the program can not be started");
	write_number(program.dwProcessId);
	return (int)exit_of(program.hProcess);
}

/* ---- the service ---- */

/* The environment of a service, without what only a user has. */
static void forget_home(void)
{
	static const wchar_t *const names[] = {L"HOME",	   L"HOMEDRIVE",    L"HOMEPATH",
					       L"APPDATA", L"LOCALAPPDATA", L"USERPROFILE"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		SetEnvironmentVariableW(names[i], NULL);
}

static HANDLE start_powershell(const wchar_t *script, HANDLE *ret_output)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	wchar_t self[MAX_PATH], line[1024];
	STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
	PROCESS_INFORMATION started;
	HANDLE write;
	if (!CreatePipe(ret_output, &write, &inherited, 0) ||
	    !SetHandleInformation(*ret_output, HANDLE_FLAG_INHERIT, 0))
		fail("no pipe");
	start.hStdInput = CreateFileW(L"NUL", GENERIC_READ, 0, &inherited, OPEN_EXISTING, 0,
				      NULL);
	start.hStdOutput = start.hStdError = write;
	GetModuleFileNameW(NULL, self, MAX_PATH);
	swprintf(line, 1024, L"\"%ls\" -File %ls", self, script);
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, DETACHED_PROCESS, NULL,
			    L"C:\\windows\\system32", &start, &started))
		fail("powershell can not be started");
	CloseHandle(write);
	return started.hProcess;
}

/* Waits until PowerShell has told which process the program is. */
static HANDLE program_find(void)
{
	HANDLE process = process_numbered(NUMBER_FILE);
	if (!process)
		fail("the program is not there");
	return process;
}

static size_t read_all(HANDLE output, char *text)
{
	size_t len = 0;
	DWORD got;
	while (len < OUTPUT_MOST &&
	       ReadFile(output, text + len, (DWORD)(OUTPUT_MOST - len), &got, NULL) && got)
		len += got;
	return len;
}

static int agent(const wchar_t *how, const wchar_t *result, const wchar_t *script)
{
	static char text[OUTPUT_MOST];
	HANDLE output;
	bool timeout = !wcscmp(how, L"timeout");
	DeleteFileW(NUMBER_FILE);
	forget_home();
	HANDLE process = start_powershell(script, &output);
	HANDLE program = program_find();
	if (timeout)
		TerminateProcess(process, 1);
	size_t len = read_all(output, text);
	DWORD code = exit_of(timeout ? program : process);
	FILE *file = _wfopen(result, L"wb");
	if (!file)
		fail("the result can not be written");
	fprintf(file, "%lu\n", code);
	fwrite(text, 1, len, file);
	fclose(file);
	return 0;
}

int wmain(int argc, wchar_t **argv); /* the C library's own, for which no header has one */

int wmain(int argc, wchar_t **argv)
{
	if (argc == 3 && !wcscmp(argv[1], L"-File"))
		return powershell(argv[2]);
	if (argc == 5 && !wcscmp(argv[1], L"agent"))
		return agent(argv[2], argv[3], argv[4]);
	fputs("assistant: wrong usage\n", stderr);
	return FAULT;
}
