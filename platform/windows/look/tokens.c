/* SPDX-License-Identifier: MIT */
/* The tokens of workers. A process that can open nothing can not even start: the loader has
 * its libraries to find. So the process has a token for which every access check fails, and
 * its first thread begins with another one that may do what we may, without privileges; it
 * is given back (RevertToSelf) when everything is loaded. The system lets a process with a
 * restricted token take on only a restricted one of the same user and of no higher integrity,
 * which is why the second has its own groups as restricting SIDs
 * (learn.microsoft.com: "Restricted Tokens", CreateRestrictedToken, SetThreadToken). */
#include "sandbox.h"

#include <sddl.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"

static void handle_close(const HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
}

/* What GetTokenInformation gives; the caller frees it. */
static void *token_query(HANDLE token, TOKEN_INFORMATION_CLASS what)
{
	DWORD size = 0;
	GetTokenInformation(token, what, NULL, 0, &size);
	void *out = mem_alloc(size + 1);
	if (GetTokenInformation(token, what, out, size, &size))
		return out;
	free(out);
	return NULL;
}

static bool is_label(const SID_AND_ATTRIBUTES *group)
{
	return (group->Attributes & SE_GROUP_INTEGRITY) != 0;
}

/* The user and the groups, as far as `wanted` takes them, without attributes. */
static DWORD sids_take(const TOKEN_USER *user, const TOKEN_GROUPS *groups, DWORD without,
		       SID_AND_ATTRIBUTES *out)
{
	DWORD count = 0;
	out[count++] = (SID_AND_ATTRIBUTES){.Sid = user->User.Sid};
	for (DWORD i = 0; i < groups->GroupCount; i++)
		if (!is_label(&groups->Groups[i]) && !(groups->Groups[i].Attributes & without))
			out[count++] = (SID_AND_ATTRIBUTES){.Sid = groups->Groups[i].Sid};
	return count;
}

/* Denies all there is, and wants a SID that nothing grants anything to. */
static BOOL restrict_all(HANDLE from, SID_AND_ATTRIBUTES *sids, DWORD count, HANDLE *ret)
{
	SID nobody = {.Revision = SID_REVISION,
		      .SubAuthorityCount = 1,
		      .IdentifierAuthority = {SECURITY_NULL_SID_AUTHORITY}};
	SID_AND_ATTRIBUTES only = {.Sid = &nobody};
	return CreateRestrictedToken(from, DISABLE_MAX_PRIVILEGE, count, sids, 0, NULL, 1,
				     &only, ret);
}

/* May do what we may, but is a restricted one. */
static BOOL restrict_nothing(HANDLE from, SID_AND_ATTRIBUTES *sids, DWORD count, HANDLE *ret)
{
	return CreateRestrictedToken(from, DISABLE_MAX_PRIVILEGE, 0, NULL, 0, NULL, count, sids,
				     ret);
}

static BOOL restrict_administrators(HANDLE from, HANDLE *ret)
{
	SID_AND_ATTRIBUTES deny = {0};
	DWORD size = SECURITY_MAX_SID_SIZE;
	uint8_t room[SECURITY_MAX_SID_SIZE];
	deny.Sid = room;
	return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, room, &size) &&
	       CreateRestrictedToken(from, DISABLE_MAX_PRIVILEGE, 1, &deny, 0, NULL, 0, NULL,
				     ret);
}

/* Low integrity: nothing that is not made for it can be written, no other process be touched.
 */
static bool make_low(HANDLE token)
{
	TOKEN_MANDATORY_LABEL label = {{NULL, SE_GROUP_INTEGRITY}};
	if (!ConvertStringSidToSidW(L"S-1-16-4096", &label.Label.Sid))
		return false;
	BOOL done = SetTokenInformation(token, TokenIntegrityLevel, &label,
					(DWORD)sizeof label + GetLengthSid(label.Label.Sid));
	LocalFree(label.Label.Sid);
	return done;
}

static int error_of(bool good)
{
	return good ? 0 : error_last();
}

static int token_restricted(HANDLE own, HANDLE *ret)
{
	_cleanup_(handle_close) HANDLE token = NULL;
	int error = error_of(restrict_administrators(own, &token) && make_low(token));
	if (!error) {
		*ret = token;
		token = NULL;
	}
	return error;
}

static int token_locked(HANDLE own, HANDLE *ret_primary, HANDLE *ret_first)
{
	_cleanup_free_ TOKEN_USER *user = token_query(own, TokenUser);
	_cleanup_free_ TOKEN_GROUPS *groups = token_query(own, TokenGroups);
	if (!user || !groups)
		return -EACCES;
	_cleanup_free_ SID_AND_ATTRIBUTES *sids = mem_alloc((groups->GroupCount + 1) *
							    sizeof *sids);
	_cleanup_(handle_close) HANDLE all = NULL, nothing = NULL, first = NULL;
	DWORD count = sids_take(user, groups, SE_GROUP_LOGON_ID, sids);
	int error = error_of(restrict_all(own, sids, count, &all) && make_low(all));
	count = sids_take(user, groups, SE_GROUP_USE_FOR_DENY_ONLY, sids);
	if (!error)
		error = error_of(
			restrict_nothing(own, sids, count, &nothing) && make_low(nothing) &&
			DuplicateTokenEx(nothing, TOKEN_IMPERSONATE | TOKEN_QUERY, NULL,
					 SecurityImpersonation, TokenImpersonation, &first));
	if (!error) {
		*ret_primary = all;
		*ret_first = first;
		all = first = NULL;
	}
	return error;
}

int tokens_for(enum token_level level, HANDLE *ret_primary, HANDLE *ret_first)
{
	_cleanup_(handle_close) HANDLE own = NULL;
	*ret_primary = *ret_first = NULL;
	if (level == TOKEN_PLAIN)
		return 0;
	if (!OpenProcessToken(GetCurrentProcess(),
			      TOKEN_DUPLICATE | TOKEN_ASSIGN_PRIMARY | TOKEN_QUERY |
				      TOKEN_ADJUST_DEFAULT,
			      &own))
		return error_last();
	return level == TOKEN_LOCKED ? token_locked(own, ret_primary, ret_first)
				     : token_restricted(own, ret_primary);
}
