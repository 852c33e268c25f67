/* SPDX-License-Identifier: MIT */
/* The Credential Manager keeps a set for each logon session and hands it to whoever has the
 * session's token: CredEnumerateW and CredDeleteW (wincred.h) work on the set of "the logon
 * session of the current token". WTSQueryUserToken gives the token of a session's user, to
 * LocalSystem with SE_TCB_NAME only. */
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <sddl.h>
#include <wincred.h>
#include <wtsapi32.h>

#include "../look/names.h"
#include "../look/privilege.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "call.h"
#include "system.h"

#ifndef CRED_ENUMERATE_ALL_CREDENTIALS
#define CRED_ENUMERATE_ALL_CREDENTIALS 1
#endif
#define TCB ((enum privilege)7) /* SE_TCB_PRIVILEGE: "wdm.h" and [MS-LSAD] 3.1.1.2.1 */

/* ---- who is logged on ---- */

/* The SID of a token's user, allocated, or NULL. */
static char *sid_of(HANDLE token)
{
	_Alignas(TOKEN_USER) BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	DWORD size = sizeof room;
	struct buf text = {0};
	wchar_t *wide;
	if (!GetTokenInformation(token, TokenUser, room, size, &size) ||
	    !ConvertSidToStringSidW(((TOKEN_USER *)(void *)room)->User.Sid, &wide))
		return NULL;
	name_from_wide(wide, wcslen(wide), &text);
	LocalFree(wide);
	return text.data;
}

static char *own_sid(void)
{
	HANDLE token;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return NULL;
	char *sid = sid_of(token);
	CloseHandle(token);
	return sid;
}

/* Who a session belongs to; NULL: nobody is logged on in it. */
static char *name_of(DWORD session)
{
	wchar_t *wide;
	DWORD bytes;
	struct buf name = {0};
	if (!WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, session, WTSUserName, &wide,
					 &bytes))
		return NULL;
	name_from_wide(wide, wcslen(wide), &name);
	WTSFreeMemory(wide);
	if (!name.len)
		buf_free(&name);
	return name.data;
}

struct telling {
	sys_user_tell *tell;
	void *context;
	VEC(char *) told; /* SIDs */
	DWORD own;	  /* session of this process */
};

static bool is_told(struct telling *telling, const char *sid)
{
	vec_each(&telling->told, known)
		if (strcmp(*known, sid) == 0)
			return true;
	*vec_add(&telling->told) = mem_strdup(sid);
	return false;
}

static void tell_session(struct telling *telling, DWORD session)
{
	static const enum privilege tcb[] = {TCB};
	_cleanup_(privileges_restore) struct privileges held = {0};
	_cleanup_free_ char *name = name_of(session);
	_cleanup_free_ char *sid = NULL;
	HANDLE token = NULL;
	uint32_t error = 0;
	if (!name)
		return;
	(void)privileges_enable(&held, tcb, 1); /* the call says what is missing */
	if (!WTSQueryUserToken(session, &token))
		error = call_error();
	else if (!(sid = sid_of(token)))
		error = call_error();
	/* Nobody is logged on there any more; or it is the caller's, who was told already. */
	if (error && (error == ERROR_NO_TOKEN || session == telling->own))
		return;
	struct sys_user user = {str_or(sid, ""), name, error ? NULL : token, error};
	if (!sid || !is_told(telling, sid))
		telling->tell(&user, telling->context);
	if (token)
		CloseHandle(token);
}

static uint32_t tell_sessions(struct telling *telling)
{
	WTS_SESSION_INFOW *sessions = NULL;
	DWORD count = 0;
	if (!WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &sessions, &count))
		return call_error();
	(void)ProcessIdToSessionId(GetCurrentProcessId(), &telling->own);
	for (DWORD i = 0; i < count; i++)
		if (sessions[i].SessionId) /* 0 is that of services: nobody logs on to it */
			tell_session(telling, sessions[i].SessionId);
	if (sessions)
		WTSFreeMemory(sessions);
	return 0;
}

uint32_t sys_users(sys_user_tell *tell, void *context)
{
	struct telling telling = {.tell = tell, .context = context};
	_cleanup_free_ char *sid = own_sid();
	struct sys_user caller = {str_or(sid, ""), "the caller", NULL, 0};
	(void)is_told(&telling, caller.sid);
	tell(&caller, context);
	uint32_t error = tell_sessions(&telling);
	vec_each(&telling.told, known)
		free(*known);
	vec_free(&telling.told);
	return error;
}

/* ---- acting as a user ---- */

static uint32_t become(const struct sys_user *user)
{
	if (user->error)
		return user->error;
	return !user->token || ImpersonateLoggedOnUser(user->token) ? 0 : call_error();
}

/* RevertToSelf: who can not go back must not go on. */
static void be_oneself(const struct sys_user *user)
{
	if (user->token && !RevertToSelf())
		abort();
}

/* ---- their credentials ---- */

static void tell_one(const CREDENTIALW *found, sys_credential_tell *tell, void *context)
{
	_cleanup_(buf_free) struct buf target = {0};
	name_from_wide(found->TargetName, wcslen(found->TargetName), &target);
	struct sys_credential credential = {
		.target = buf_text(&target),
		.type = found->Type,
		.session = found->Persist == CRED_PERSIST_SESSION,
	};
	tell(&credential, context);
}

/* All of them, by names that say what they are; a filter would be ERROR_INVALID_FLAGS. Where
 * the flag is not known (Wine) the plain names come, and not all. */
static uint32_t enumerate(DWORD *ret_count, CREDENTIALW ***ret)
{
	if (CredEnumerateW(NULL, CRED_ENUMERATE_ALL_CREDENTIALS, ret_count, ret))
		return 0;
	uint32_t error = call_error();
	if (error != ERROR_INVALID_FLAGS)
		return error;
	return CredEnumerateW(NULL, 0, ret_count, ret) ? 0 : call_error();
}

uint32_t sys_credentials(const struct sys_user *user, sys_credential_tell *tell, void *context)
{
	CREDENTIALW **found;
	DWORD count = 0;
	uint32_t error = become(user);
	if (error)
		return error;
	error = enumerate(&count, &found);
	be_oneself(user);
	/* There is none; or the session is one that can not have any, as of the network. */
	if (error == ERROR_NOT_FOUND || error == ERROR_NO_SUCH_LOGON_SESSION)
		return 0;
	if (error)
		return error;
	for (DWORD i = 0; i < count; i++)
		tell_one(found[i], tell, context);
	CredFree(found);
	return 0;
}

/* The name without what CRED_ENUMERATE_ALL_CREDENTIALS puts in front. */
static const wchar_t *plain_name(const wchar_t *target)
{
	const wchar_t *colon = wcschr(target, L':'), *equals = wcschr(target, L'=');
	return colon && equals && colon < equals ? equals + 1 : NULL;
}

uint32_t sys_act_credential_delete(const struct sys_user *user, const char *target,
				   uint32_t type)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(target, &units);
	uint32_t error = wide ? become(user) : ERROR_INVALID_PARAMETER;
	if (error)
		return error;
	error = CredDeleteW(wide, type, 0) ? 0 : call_error(); /* no flags: reserved */
	const wchar_t *plain = plain_name(wide);
	if (error == ERROR_NOT_FOUND && plain)
		error = CredDeleteW(plain, type, 0) ? 0 : call_error();
	be_oneself(user);
	return error;
}
