/* SPDX-License-Identifier: MIT */
/* The lock round a worker. Each guard stands alone: where the system or the caller's rights
 * do not allow one, the others still hold. Calls that say "done" are not believed: what is
 * reported was looked at afterwards, where it can be by trying what must not work.
 *
 * Code may still be made in a worker: patterns that are seldom needed are compiled when they
 * are, by PCRE2's JIT, and without it a scan takes several times as long. */
#define PSAPI_VERSION 2 /* K32GetProcessMemoryInfo, which is kernel32's */
#include "sandbox.h"

#include <psapi.h>
#include <sddl.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"

static void handle_close(const HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
}

/* ---- the token ---- */

/* Untrusted: lower than anything that is made for others to use. */
static void integrity_drop(HANDLE token)
{
	TOKEN_MANDATORY_LABEL label = {{NULL, SE_GROUP_INTEGRITY}};
	if (!ConvertStringSidToSidW(L"S-1-16-0", &label.Label.Sid))
		return;
	(void)SetTokenInformation(token, TokenIntegrityLevel, &label,
				  (DWORD)sizeof label + GetLengthSid(label.Label.Sid));
	LocalFree(label.Label.Sid);
}

static DWORD integrity_of(HANDLE token)
{
	union {
		TOKEN_MANDATORY_LABEL label;
		uint8_t room[sizeof(TOKEN_MANDATORY_LABEL) + SECURITY_MAX_SID_SIZE];
	} got;
	DWORD size = sizeof got;
	if (!GetTokenInformation(token, TokenIntegrityLevel, &got, size, &size))
		return SECURITY_MANDATORY_SYSTEM_RID;
	DWORD count = *GetSidSubAuthorityCount(got.label.Label.Sid);
	return count ? *GetSidSubAuthority(got.label.Label.Sid, count - 1)
		     : SECURITY_MANDATORY_SYSTEM_RID;
}

static TOKEN_PRIVILEGES *privileges_of(HANDLE token)
{
	DWORD size = 0;
	GetTokenInformation(token, TokenPrivileges, NULL, 0, &size);
	TOKEN_PRIVILEGES *out = mem_alloc(size + sizeof *out);
	if (GetTokenInformation(token, TokenPrivileges, out, size, &size))
		return out;
	free(out);
	return NULL;
}

/* That of passing through directories, which everybody has and which opens nothing. */
static bool is_harmless(const LUID *privilege)
{
	return privilege->HighPart == 0 && privilege->LowPart == 23; /* SeChangeNotify */
}

/* Gone, not just switched off: nobody can switch them on again. */
static void privileges_drop(HANDLE token)
{
	_cleanup_free_ TOKEN_PRIVILEGES *all = privileges_of(token);
	for (DWORD i = 0; all && i < all->PrivilegeCount; i++)
		all->Privileges[i].Attributes = is_harmless(&all->Privileges[i].Luid)
							? SE_PRIVILEGE_ENABLED
							: SE_PRIVILEGE_REMOVED;
	if (all)
		(void)AdjustTokenPrivileges(token, FALSE, all, 0, NULL, NULL);
}

static bool has_privileges(HANDLE token)
{
	_cleanup_free_ TOKEN_PRIVILEGES *all = privileges_of(token);
	for (DWORD i = 0; all && i < all->PrivilegeCount; i++)
		if (!is_harmless(&all->Privileges[i].Luid))
			return true;
	return !all;
}

/* ---- what the process may still ask for ---- */

/* SetProcessMitigationPolicy: each is a word of flags; systems that do not know one refuse
 * it. The names of the bits are those of the structures' fields. */
static const struct {
	PROCESS_MITIGATION_POLICY policy;
	DWORD flags;
} mitigations[] = {
	{ProcessSystemCallDisablePolicy, 1},	 /* DisallowWin32kSystemCalls */
	{ProcessExtensionPointDisablePolicy, 1}, /* DisableExtensionPoints */
	{ProcessFontDisablePolicy, 1},		 /* DisableNonSystemFonts */
	{ProcessImageLoadPolicy, 1 | 2},	 /* NoRemoteImages, NoLowMandatoryLabelImages */
	{ProcessChildProcessPolicy, 1},		 /* NoChildProcessCreation */
	/* RaiseExceptionOnInvalidHandleReference, HandleExceptionsPermanentlyEnabled */
	{ProcessStrictHandleCheckPolicy, 1 | 2},
};

static void mitigations_set(void)
{
	for (size_t i = 0; i < sizeof mitigations / sizeof *mitigations; i++) {
		DWORD flags = mitigations[i].flags;
		(void)SetProcessMitigationPolicy(mitigations[i].policy, &flags, sizeof flags);
	}
}

static bool desktop_calls_closed(void)
{
	DWORD flags = 0;
	return GetProcessMitigationPolicy(GetCurrentProcess(), ProcessSystemCallDisablePolicy,
					  &flags, sizeof flags) &&
	       (flags & 1);
}

/* ---- what was reached ---- */

static bool opens(const wchar_t *path, DWORD access, DWORD disposition)
{
	HANDLE handle = CreateFileW(path, access,
				    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
				    NULL, disposition, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	if (handle == INVALID_HANDLE_VALUE)
		return false;
	CloseHandle(handle);
	return true;
}

/* Everybody may read these: who can not can read nothing. */
static bool opens_anything(void)
{
	wchar_t system[MAX_PATH];
	UINT units = GetSystemDirectoryW(system, MAX_PATH);
	HKEY key;
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE", 0, KEY_READ, &key) == 0) {
		RegCloseKey(key);
		return true;
	}
	return !units || units >= MAX_PATH || opens(system, GENERIC_READ, OPEN_EXISTING) ||
	       opens(L"\\", GENERIC_READ, OPEN_EXISTING);
}

/* Those who started us could be made to do anything. */
static bool opens_processes(DWORD parent)
{
	HANDLE process = OpenProcess(PROCESS_VM_READ, FALSE, parent);
	if (process)
		CloseHandle(process);
	return process != NULL;
}

static bool impersonates(void)
{
	HANDLE token;
	if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
		return GetLastError() != ERROR_NO_TOKEN;
	CloseHandle(token);
	return true;
}

static unsigned guards_of(HANDLE token, DWORD parent)
{
	unsigned holds = 0;
	bool own = !impersonates();
	if (own && IsTokenRestricted(token) && !opens_processes(parent))
		holds |= PLAT_GUARD_UID;
	if (own && integrity_of(token) <= SECURITY_MANDATORY_LOW_RID && !opens_anything())
		holds |= PLAT_GUARD_ROOT;
	if (own && !has_privileges(token))
		holds |= PLAT_GUARD_NNP;
	if (desktop_calls_closed())
		holds |= PLAT_GUARD_CALLS;
	return holds;
}

/* The token is opened while the first thread still has the one of the start: the process
 * itself could not any more. */
unsigned sandbox_lock(void)
{
	const struct errand *errand = errand_here();
	ULONG parent = 0;
	_cleanup_(handle_close) HANDLE token = NULL;
	if (!OpenProcessToken(GetCurrentProcess(),
			      TOKEN_QUERY | TOKEN_ADJUST_DEFAULT | TOKEN_ADJUST_PRIVILEGES,
			      &token))
		(void)OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
	if (errand)
		GetNamedPipeServerProcessId(errand->pipe, &parent);
	integrity_drop(token);
	privileges_drop(token);
	RevertToSelf();
	mitigations_set();
	return token ? guards_of(token, parent) : 0;
}

/* ---- limits, by the parent ---- */

static uint64_t user_time(HANDLE process)
{
	FILETIME start, end, kernel, user = {0};
	(void)GetProcessTimes(process, &start, &end, &kernel, &user);
	return (uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime;
}

/* What every worker's job has from the start. A system that tells back less than was set
 * must not have it set to less, so nothing is asked first. */
void sandbox_limits_begin(JOBOBJECT_EXTENDED_LIMIT_INFORMATION *ret)
{
	*ret = (JOBOBJECT_EXTENDED_LIMIT_INFORMATION){0};
	/* However we end it ends, a fault ends it without anybody being asked, and it
	 * starts no others. */
	ret->BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
						JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION |
						JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
	ret->BasicLimitInformation.ActiveProcessLimit = 1;
}

static bool limits_make(HANDLE process, const struct plat_worker_limits *limits,
			JOBOBJECT_EXTENDED_LIMIT_INFORMATION *ret)
{
	JOBOBJECT_BASIC_LIMIT_INFORMATION *basic = &ret->BasicLimitInformation;
	PROCESS_MEMORY_COUNTERS used = {.cb = sizeof used};
	sandbox_limits_begin(ret);
	if (limits->memory) {
		if (!GetProcessMemoryInfo(process, &used, sizeof used))
			return false;
		basic->LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
		ret->ProcessMemoryLimit = used.PagefileUsage + (SIZE_T)limits->memory;
	}
	if (limits->cpu_seconds) {
		basic->LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_TIME;
		basic->PerProcessUserTimeLimit.QuadPart =
			(LONGLONG)(user_time(process) + limits->cpu_seconds * 10000000);
	}
	return true;
}

static bool limits_same(const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *a,
			const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *b)
{
	const JOBOBJECT_BASIC_LIMIT_INFORMATION *x = &a->BasicLimitInformation,
						*y = &b->BasicLimitInformation;
	return x->LimitFlags == y->LimitFlags &&
	       x->ActiveProcessLimit == y->ActiveProcessLimit &&
	       a->ProcessMemoryLimit == b->ProcessMemoryLimit &&
	       x->PerProcessUserTimeLimit.QuadPart == y->PerProcessUserTimeLimit.QuadPart;
}

bool sandbox_limit(const struct plat_channel *channel, const struct plat_worker_limits *limits)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION set, is;
	return channel->job && limits_make(channel->process, limits, &set) &&
	       SetInformationJobObject(channel->job, JobObjectExtendedLimitInformation, &set,
				       sizeof set) &&
	       QueryInformationJobObject(channel->job, JobObjectExtendedLimitInformation, &is,
					 sizeof is, NULL) &&
	       limits_same(&set, &is);
}

const char *plat_guard_text(unsigned guard)
{
	switch (guard) {
	case PLAT_GUARD_UID:
		return "a token with which no other process can be opened";
	case PLAT_GUARD_ROOT:
		return "a token with which no file can be opened";
	case PLAT_GUARD_NNP:
		return "no way to gain privileges";
	case PLAT_GUARD_LIMITS:
		return "limits on memory and processor time";
	case PLAT_GUARD_CALLS:
		return "the desktop's system calls closed";
	default:
		return NULL;
	}
}
