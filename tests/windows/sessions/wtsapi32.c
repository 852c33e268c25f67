/* SPDX-License-Identifier: MIT */
/* Stands in for wtsapi32.dll, which Wine has nothing of: five sessions. It keeps to what the
 * pages of WTSEnumerateSessionsW, WTSQuerySessionInformationW and WTSQueryUserToken promise,
 * and what they do not allow it writes down as WRONG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <wtsapi32.h>

#define TOLD __declspec(dllexport)

enum { SERVICES, CALLER, NOBODY, LEFT, EVE, ANN, COUNT };

static const wchar_t *const names[COUNT] = {L"", L"ann", L"", L"bob", L"eve", L"ann"};

/* What was called; "" is right at its end when nothing of it is wrong. */
TOLD char stand_in_calls[2048];
TOLD int stand_in_held; /* buffers that were given and not freed */
TOLD int stand_in_fails;

static void say(const char *text, unsigned long number)
{
	size_t len = strlen(stand_in_calls);
	snprintf(stand_in_calls + len, sizeof stand_in_calls - len, "%s %lu\n", text, number);
}

static BOOL fail(DWORD error)
{
	SetLastError(error);
	return FALSE;
}

TOLD BOOL WINAPI WTSEnumerateSessionsW(HANDLE server, DWORD reserved, DWORD version,
				       PWTS_SESSION_INFOW *ret, DWORD *ret_count)
{
	say("enumerate", version);
	if (server != WTS_CURRENT_SERVER_HANDLE || reserved != 0 || version != 1 || !ret ||
	    !ret_count) {
		say("WRONG enumerate", version);
		return fail(ERROR_INVALID_PARAMETER);
	}
	if (stand_in_fails)
		return fail(ERROR_ACCESS_DENIED);
	*ret = calloc(COUNT, sizeof **ret);
	for (DWORD i = 0; i < COUNT; i++)
		(*ret)[i] = (WTS_SESSION_INFOW){.SessionId = i};
	stand_in_held++;
	*ret_count = COUNT;
	return TRUE;
}

TOLD BOOL WINAPI WTSQuerySessionInformationW(HANDLE server, DWORD session, WTS_INFO_CLASS what,
					     wchar_t **ret, DWORD *ret_bytes)
{
	if (server != WTS_CURRENT_SERVER_HANDLE || session >= COUNT || what != WTSUserName ||
	    !ret || !ret_bytes) {
		say("WRONG name", session);
		return fail(ERROR_INVALID_PARAMETER);
	}
	*ret = _wcsdup(names[session]);
	*ret_bytes = (DWORD)(wcslen(*ret) + 1) * sizeof **ret;
	stand_in_held++;
	return TRUE;
}

TOLD void WINAPI WTSFreeMemory(void *memory)
{
	free(memory);
	stand_in_held--;
}

TOLD BOOL WINAPI WTSQueryUserToken(ULONG session, HANDLE *ret)
{
	say("token", session);
	if (!ret || session >= COUNT || session == SERVICES || !*names[session])
		say("WRONG token", session);
	if (session == LEFT)
		return fail(ERROR_NO_TOKEN); /* nobody is logged on any more */
	if (session == EVE || session == CALLER)
		return fail(ERROR_PRIVILEGE_NOT_HELD);
	return OpenProcessToken(GetCurrentProcess(),
				TOKEN_QUERY | TOKEN_DUPLICATE | TOKEN_IMPERSONATE, ret);
}
