/* SPDX-License-Identifier: MIT */
/* What a run stands on is known however an interpreter names its script: this program is
 * started with such command lines, starts itself once more and asks there. */
#include <windows.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "../../../platform/windows/look/handles.h"
#include "platform.h"

enum answer { ANSWER_NO = 3, ANSWER_YES };
#define EXPECTED L"OWN_FILES_EXPECTED"

static wchar_t folder[MAX_PATH], program[MAX_PATH];

static HANDLE file_open(const wchar_t *path, DWORD disposition)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	return CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
			   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inherited,
			   disposition, 0, NULL);
}

static DWORD run(const wchar_t *line, HANDLE out)
{
	wchar_t room[2048];
	STARTUPINFOW start = {
		.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES, .hStdOutput = out};
	PROCESS_INFORMATION made;
	DWORD code = 0;
	wcscpy(room, line);
	if (!CreateProcessW(program, room, NULL, NULL, TRUE, 0, NULL, folder[0] ? folder : NULL,
			    &start, &made))
		return 0;
	WaitForSingleObject(made.hProcess, 60000);
	GetExitCodeProcess(made.hProcess, &code);
	CloseHandle(made.hProcess);
	CloseHandle(made.hThread);
	return code;
}

static enum answer is_own(HANDLE file)
{
	struct plat_id *own = NULL;
	struct plat_info info;
	size_t count = 0;
	bool found = false;
	if (handle_info(file, &info) < 0 || plat_own_files(&own, &count) < 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		found |= plat_same(own[i], info.id);
	free(own);
	return found ? ANSWER_YES : ANSWER_NO;
}

/* The one that is asked; it knows by a variable of which file. */
static int asked_main(void)
{
	wchar_t path[MAX_PATH];
	GetEnvironmentVariableW(EXPECTED, path, MAX_PATH);
	HANDLE file = file_open(path, OPEN_EXISTING);
	return file == INVALID_HANDLE_VALUE ? 0 : (int)is_own(file);
}

static void test_scripts(void **state)
{
	(void)state;
	static const struct {
		const wchar_t *line; /* behind the program's name */
		enum answer answer;
	} cases[] = {
		{L"/c \"\"run me.bat\" a b\"", ANSWER_YES},
		{L"/c \"run me\" a b", ANSWER_YES},
		{L"-File '.\\run me.bat'", ANSWER_YES},
		{L"-Command \"& './run me.bat' -x 1\"", ANSWER_YES},
		{L"-File \"RUN ME.BAT\"", ANSWER_YES},
		{L"-File \"%ls\\run me.bat\"", ANSWER_YES},
		{L"-File '%ls/../%ls/run me.bat'", ANSWER_NO}, /* no such folder */
		{L"run.bat", ANSWER_NO},
		{L"\\\\server\\share\\x.bat \\\\.\\pipe\\x CON NUL : \\ / \"\"", ANSWER_NO},
		{L"", ANSWER_NO},
	};
	wchar_t path[MAX_PATH], line[2048], with_folder[1024];
	swprintf(path, MAX_PATH, L"%ls\\run me.bat", folder);
	HANDLE file = file_open(path, CREATE_ALWAYS);
	assert_true(file != INVALID_HANDLE_VALUE);
	SetEnvironmentVariableW(EXPECTED, path);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		wcscpy(with_folder, cases[i].line);
		if (wcsstr(cases[i].line, L"%ls"))
			swprintf(with_folder, 1024, cases[i].line, folder, L"none");
		swprintf(line, 2048, L"%ls --ask-below %ls", L"test", with_folder);
		if (run(line, NULL) != (DWORD)cases[i].answer)
			fail_msg("case %u: %ls", (unsigned)i, cases[i].line);
	}
	CloseHandle(file);
	DeleteFileW(path);
}

static void test_outputs_and_program(void **state)
{
	(void)state;
	wchar_t path[MAX_PATH];
	swprintf(path, MAX_PATH, L"%ls\\out.txt", folder);
	HANDLE file = file_open(path, CREATE_ALWAYS);
	SetEnvironmentVariableW(EXPECTED, path);
	assert_int_equal(run(L"test --ask", file), ANSWER_YES);
	assert_int_equal(run(L"test --ask", NULL), ANSWER_NO);
	CloseHandle(file);
	DeleteFileW(path);
	file = CreateFileW(program, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
			   OPEN_EXISTING, 0, NULL);
	assert_int_equal(is_own(file), ANSWER_YES);
	CloseHandle(file);
}

static int folder_make(void **state)
{
	wchar_t here[MAX_PATH];
	(void)state;
	GetTempPathW(MAX_PATH, here);
	swprintf(folder, MAX_PATH, L"%lsown-%lu", here, GetCurrentProcessId());
	return CreateDirectoryW(folder, NULL) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	return RemoveDirectoryW(folder) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_outputs_and_program),
	};
	GetModuleFileNameW(NULL, program, MAX_PATH);
	if (wcsstr(GetCommandLineW(), L"--ask-below"))
		return (int)run(L"test --ask", NULL);
	if (wcsstr(GetCommandLineW(), L"--ask"))
		return asked_main();
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
