/* SPDX-License-Identifier: MIT */
/* A stand-in for sysprep.exe, for C:\windows\System32\Sysprep of a test bed. It writes down
 * how it was called, refuses what "Sysprep Command-Line Options" does not allow, and plays
 * what HKLM\SOFTWARE\imgsan-stand-in, Play, says: success, or a failure with the lines that
 * the real one writes then. It generalizes nothing. */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>

#include <shellapi.h>

#define FOLDER L"C:\\windows\\System32\\Sysprep\\"
#define STATE L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void append(const wchar_t *path, const char *text)
{
	HANDLE file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0,
				  NULL);
	DWORD n;
	WriteFile(file, text, (DWORD)strlen(text), &n, NULL);
	CloseHandle(file);
}

/* Errors stand in both logs. */
static void say(const char *level, const char *text)
{
	char line[1024];
	snprintf(line, sizeof line, "2026-01-02 03:04:05, %-22s SYSPRP %s\r\n", level, text);
	append(FOLDER L"Panther\\setupact.log", line);
	if (!strcmp(level, "Error"))
		append(FOLDER L"Panther\\setuperr.log", line);
}

static void set_state(const wchar_t *state)
{
	RegSetKeyValueW(HKEY_LOCAL_MACHINE, STATE, L"ImageState", REG_SZ, state,
			(DWORD)((wcslen(state) + 1) * sizeof *state));
}

/* ---- the command line ---- */

struct asked {
	int generalize, mode, first, end, quiet;
	const wchar_t *answers;
};

static int take(const wchar_t *word, struct asked *asked)
{
	if (!_wcsicmp(word, L"/generalize"))
		return asked->generalize++;
	if (!_wcsicmp(word, L"/oobe") || !_wcsicmp(word, L"/audit"))
		return asked->first++;
	if (!_wcsicmp(word, L"/quit") || !_wcsicmp(word, L"/shutdown") ||
	    !_wcsicmp(word, L"/reboot"))
		return asked->end++;
	if (!_wcsicmp(word, L"/quiet"))
		return asked->quiet++;
	if (!_wcsicmp(word, L"/mode:vm"))
		return asked->mode++;
	if (_wcsnicmp(word, L"/unattend:", 10) || asked->answers)
		return 1;
	asked->answers = word + 10;
	return 0;
}

/* NULL, or what is wrong with the arguments. */
static const char *fault_of(int argc, wchar_t **argv, struct asked *asked)
{
	wchar_t self[MAX_PATH], here[MAX_PATH];
	for (int i = 1; i < argc; i++)
		if (take(argv[i], asked))
			return "an option that there is not, or one twice";
	GetModuleFileNameW(NULL, self, MAX_PATH);
	GetCurrentDirectoryW(MAX_PATH, here);
	if (_wcsicmp(self, FOLDER L"sysprep.exe") || _wcsnicmp(here, FOLDER, wcslen(here)))
		return "not run from its own folder";
	if (asked->first != 1 || asked->end != 1 || !asked->generalize)
		return "exactly one of each kind is needed";
	if (asked->mode && (asked->quiet || asked->answers))
		return "/mode:vm only goes with /reboot, /shutdown and /quit";
	if (asked->answers && GetFileAttributesW(asked->answers) == INVALID_FILE_ATTRIBUTES)
		return "the answer file is not there";
	return NULL;
}

static void note_call(const struct asked *asked)
{
	char line[2048];
	snprintf(line, sizeof line, "%ls\r\n", GetCommandLineW());
	append(L"C:\\stand-in\\calls.txt", line);
	if (asked->answers)
		CopyFileW(asked->answers, L"C:\\stand-in\\answers.xml", FALSE);
}

/* ---- what is played ---- */

/* The last line is that by which the run is given up. */
static const struct failure {
	const wchar_t *play;
	const char *lines[3];
} failures[] = {
	{L"app-packages",
	 {"Package Contoso.Notes_1.2.3.4_x64__0123456789abc was installed for a user, but not "
	  "provisioned for all users. This package will not function properly in the sysprep "
	  "image.",
	  "SysprepGeneralizeValidate: Failed to remove apps for the current user: 0x80073cf2.",
	  "WinMain:Hit failure while pre-validate sysprep generalize internal providers; hr = "
	  "0x80073cf2"}},
	{L"encryption",
	 {"BitLocker-Sysprep: BitLocker is on for the OS volume. Turn BitLocker off to run "
	  "Sysprep. (0x80310039)",
	  "RunDlls:An error occurred while running registry sysprep DLLs, halting sysprep "
	  "execution. dwRet = 0x80310039"}},
	{L"updates",
	 {"Sysprep_Clean_Validate_Opk: Audit mode can't be turned on if there is an active "
	  "scenario.; hr = 0x800F0975",
	  "WinMain:Hit failure while pre-validate sysprep cleanup internal providers; hr = "
	  "0x800f0975"}},
	{L"rearm",
	 {"RunExternalDlls:An error occurred while running registry sysprep DLLs, halting "
	  "sysprep execution. dwRet = -1073425657"}},
	{L"answer-file",
	 {"Windows could not parse or process the unattend answer file for pass [generalize].",
	  "WinMain:Hit failure while processing sysprep generalize unattend actions; hr = "
	  "0x80220005"}},
	{L"interrupted",
	 {"RunExternalDlls:Not running DLLs; either the machine is in an invalid state or we "
	  "couldn't update the recorded state, dwRet = 31",
	  "WinMain:Hit failure while processing sysprep cleanup external providers; hr = "
	  "0x8007001f"}},
	{L"upgraded",
	 {"Sysprep will not run on an upgraded OS. You can only run Sysprep on a custom (clean) "
	  "install version of Windows."}},
	{L"running", {"WinMain:Another instance of Sysprep is already running."}},
	{L"disk-space",
	 {"WinMain:Hit failure while processing sysprep generalize internal providers; hr = "
	  "0x80070070"}},
	{L"privileges",
	 {"ValidatePrivileges:User does not have required privileges to sysprep machine"}},
	{L"access",
	 {"ActionPlatform::DeleteValue: Error from RegDeleteValueW for value senseGuid; dwRet = "
	  "0x5"}},
};

static void copy_answers(const struct asked *asked)
{
	CreateDirectoryW(L"C:\\windows\\Panther", NULL);
	CopyFileW(asked->answers, L"C:\\windows\\Panther\\unattend.xml", FALSE);
}

/* A phase has begun and not ended. */
static void begin_phase(void)
{
	set_state(L"IMAGE_STATE_UNDEPLOYABLE");
}

static int succeed(void)
{
	begin_phase();
	say("Error", "setupdigetclassdevs failed with error 0"); /* it does so, too */
	DeleteFileW(FOLDER L"Sysprep_succeeded.tag");
	append(FOLDER L"Sysprep_succeeded.tag", "");
	set_state(L"IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE");
	say("Info", "WinMain:Sysprep has ended.");
	return 0;
}

static int fail(const struct failure *failure)
{
	for (size_t i = 0; i < COUNT(failure->lines) && failure->lines[i]; i++)
		say("Error", failure->lines[i]);
	return 0;
}

/* The same program once more, which goes on after we have ended. */
static int go_on_elsewhere(void)
{
	wchar_t line[] = L"sysprep.exe go-on";
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION made;
	if (!CreateProcessW(FOLDER L"sysprep.exe", line, NULL, NULL, FALSE, 0, NULL, NULL,
			    &start, &made))
		return 1;
	return 0;
}

static int play(const wchar_t *what)
{
	for (size_t i = 0; i < COUNT(failures); i++)
		if (!wcscmp(what, failures[i].play))
			return fail(&failures[i]);
	if (!wcscmp(what, L"nothing"))
		return 0;
	if (!wcscmp(what, L"crash"))
		return (int)0xc0000005;
	if (!wcscmp(what, L"hang")) {
		begin_phase();
		Sleep(INFINITE);
	}
	if (!wcscmp(what, L"child"))
		return go_on_elsewhere();
	succeed();
	if (!wcscmp(what, L"unlike") || !wcscmp(what, L"late"))
		begin_phase(); /* in the second case starter.exe ends it */
	if (!wcscmp(what, L"given-up"))
		say("Error", "RunDlls:An error occurred while running registry sysprep DLLs, "
			     "halting sysprep execution. dwRet = 0x2");
	return wcscmp(what, L"late") ? 0 : 3010;
}

int wmain(int argc, wchar_t **argv); /* no header has it */

int wmain(int argc, wchar_t **argv)
{
	struct asked asked = {0};
	wchar_t what[64] = L"";
	DWORD bytes = sizeof what;
	if (argc == 2 && !wcscmp(argv[1], L"go-on")) {
		Sleep(1000);
		return succeed();
	}
	if (argc == 2 && !wcscmp(argv[1], L"stay"))
		Sleep(INFINITE);
	RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\imgsan-stand-in", L"Play", RRF_RT_REG_SZ,
		     NULL, what, &bytes);
	const char *fault = fault_of(argc, argv, &asked);
	note_call(&asked);
	CreateDirectoryW(FOLDER L"Panther", NULL);
	say("Info", "===          Beginning of a new sysprep run          ===");
	if (fault) {
		say("Error", fault);
		return 1;
	}
	if (asked.answers)
		copy_answers(&asked);
	return play(what);
}
