/* SPDX-License-Identifier: MIT */
/* Our own process, and what the system tells about the others. */
#include "sandbox.h"

#include <bcrypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

#include "base/stop.h"
#include "base/str.h"

const char *plat_system(void)
{
	return "windows";
}

bool plat_is_admin(void)
{
	HANDLE token;
	TOKEN_ELEVATION elevation = {0};
	DWORD size = sizeof elevation;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	BOOL known = GetTokenInformation(token, TokenElevation, &elevation, size, &size);
	CloseHandle(token);
	return known && elevation.TokenIsElevated;
}

unsigned plat_cpus(void)
{
	DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
	return count ? count : 1;
}

void plat_random(void *out, size_t len)
{
	UCHAR *at = out;
	while (len) {
		ULONG part = len > 1u << 20 ? 1u << 20 : (ULONG)len;
		NTSTATUS status = BCryptGenRandom(NULL, at, part,
						  BCRYPT_USE_SYSTEM_PREFERRED_RNG);
		if (!BCRYPT_SUCCESS(status)) {
			fputs("imgsan: fatal: the system gives no random bytes\n", stderr);
			_Exit(4);
		}
		at += part;
		len -= part;
	}
}

/* Registered blocks stay out of error reports (WerRegisterExcludedMemoryBlock, Windows 10
 * 1703); locked pages out of the page file. Nothing of it outlives the process. */
void plat_memory_secret(void *at, size_t len)
{
	static HRESULT(WINAPI * exclude)(const void *, DWORD);
	static bool looked;
	if (!looked) {
		FARPROC found = GetProcAddress(GetModuleHandleW(L"kernel32"),
					       "WerRegisterExcludedMemoryBlock");
		memcpy(&exclude, &found, sizeof exclude);
		looked = true;
	}
	if (exclude && len && len <= UINT32_MAX)
		(void)exclude(at, (DWORD)len);
	(void)VirtualLock(at, len);
}

/* Who writes to a file can not be asked of all files at once: the system's list of handles
 * has no names, and asking each for its file waits for ever at the first pipe that somebody
 * reads. It need not be known either: what others hold open without letting it be deleted
 * can not be, and act/ is told so (-EBUSY) instead of pulling it away from under them. */
int plat_writers(struct plat_id **ret, size_t *ret_count)
{
	(void)ret;
	(void)ret_count;
	return -ENOSYS;
}

/* 0 when there is none to be found. */
static DWORD parent_id(void)
{
	DWORD parent = 0, self = GetCurrentProcessId();
	PROCESSENTRY32W entry = {.dwSize = sizeof entry};
	HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	if (list == INVALID_HANDLE_VALUE)
		return 0;
	for (BOOL more = Process32FirstW(list, &entry); more && !parent;
	     more = Process32NextW(list, &entry))
		if (entry.th32ProcessID == self)
			parent = entry.th32ParentProcessID;
	CloseHandle(list);
	return parent;
}

static bool created(HANDLE process, ULONGLONG *ret)
{
	FILETIME start, end, kernel, user;
	if (!GetProcessTimes(process, &start, &end, &kernel, &user))
		return false;
	*ret = (ULONGLONG)start.dwHighDateTime << 32 | start.dwLowDateTime;
	return true;
}

/* The process number of a parent that has ended is given to others: whoever
 * is younger than we are did not start us. */
static bool is_younger(HANDLE process)
{
	ULONGLONG theirs, ours;
	return created(process, &theirs) && created(GetCurrentProcess(), &ours) &&
	       theirs > ours;
}

static HANDLE parent; /* held open, so that its number can not be given away */
static bool parent_was_gone;

static void find_parent(void)
{
	DWORD id = parent_id();
	if (!id)
		return;
	parent = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
	parent_was_gone = parent ? is_younger(parent)
				 : GetLastError() == ERROR_INVALID_PARAMETER;
}

bool plat_parent_gone(void)
{
	return parent_was_gone || (parent && WaitForSingleObject(parent, 0) == WAIT_OBJECT_0);
}

static BOOL WINAPI on_console_event(DWORD event)
{
	stop_request(STOP_SIGNAL);
	/* Behind these Windows ends the process as soon as we return; it waits
	 * a few seconds for us, in which the step at hand can be finished. */
	if (event == CTRL_CLOSE_EVENT || event == CTRL_LOGOFF_EVENT ||
	    event == CTRL_SHUTDOWN_EVENT)
		Sleep(INFINITE);
	return TRUE;
}

/* VirtualLock takes no more than the least size of the working set allows. */
static void locked_room_make(void)
{
	const SIZE_T least = 24 << 20, most = 1 << 30;
	(void)SetProcessWorkingSetSizeEx(GetCurrentProcess(), least, most,
					 QUOTA_LIMITS_HARDWS_MIN_DISABLE |
						 QUOTA_LIMITS_HARDWS_MAX_DISABLE);
}

/* A worker has no console, and its parent's end is told by its pipe. */
void plat_process_setup(void)
{
	/* No dialogue and no crash dump when something goes wrong. */
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
	locked_room_make();
	if (errand_here())
		return;
	SetConsoleCtrlHandler(on_console_event, TRUE);
	find_parent();
}

uint64_t plat_caller_deadline(void)
{
	/* As on Linux: no agent says one by itself, but a wrapper can. */
	const char *text = getenv("IMGSAN_DEADLINE");
	uint64_t seconds;
	return text && str_number(text, &seconds) ? seconds : 0;
}

/* PowerShell writes its history with every command, not when it ends, and
 * cmd.exe keeps none. */
unsigned plat_live_shells(void)
{
	return 0;
}
