/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../look/errors.h"
#include "base/cleanup.h"
#include "base/mem.h"

/* ---- who ---- */

static bool is_us(PSID sid)
{
	union {
		TOKEN_USER user;
		char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} of;
	HANDLE token;
	DWORD size = sizeof of;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	bool known = GetTokenInformation(token, TokenUser, &of, size, &size);
	CloseHandle(token);
	return known && EqualSid(sid, of.user.User.Sid);
}

/* "Well-known SIDs", learn.microsoft.com. */
enum { LOCAL_ACCOUNTS = 21, ADMINISTRATOR = 500, SERVICES = 80 };

/* S-1-5-21-...-500, of this machine or of its domain. */
static bool is_administrator(PSID sid)
{
	DWORD count = *GetSidSubAuthorityCount(sid);
	return count == 5 && *GetSidSubAuthority(sid, 0) == LOCAL_ACCOUNTS &&
	       *GetSidSubAuthority(sid, 4) == ADMINISTRATOR;
}

static bool is_trusted_installer(PSID sid)
{
	static const DWORD parts[] = {SERVICES,	  956008885,  3418522649,
				      1831038044, 1853292631, 2271478464};
	enum { COUNT = sizeof parts / sizeof *parts };
	if (*GetSidSubAuthorityCount(sid) != COUNT)
		return false;
	for (DWORD i = 0; i < COUNT; i++)
		if (*GetSidSubAuthority(sid, i) != parts[i])
			return false;
	return true;
}

static bool is_of_windows(PSID sid)
{
	static const SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};
	const SID_IDENTIFIER_AUTHORITY *authority = GetSidIdentifierAuthority(sid);
	for (size_t i = 0; i < sizeof nt.Value; i++)
		if (authority->Value[i] != nt.Value[i])
			return false;
	return true;
}

static bool is_trusted(PSID sid)
{
	if (!IsValidSid(sid))
		return false;
	return IsWellKnownSid(sid, WinLocalSystemSid) ||
	       IsWellKnownSid(sid, WinBuiltinAdministratorsSid) || is_us(sid) ||
	       (is_of_windows(sid) && (is_administrator(sid) || is_trusted_installer(sid)));
}

/* Nobody is the creator; the owner was looked at by itself. */
static bool stands_for_owner(PSID sid)
{
	return IsValidSid(sid) && (IsWellKnownSid(sid, WinCreatorOwnerSid) ||
				   IsWellKnownSid(sid, WinCreatorOwnerRightsSid));
}

/* ---- what ---- */

static bool denies(BYTE type)
{
	return type == ACCESS_DENIED_ACE_TYPE || type == ACCESS_DENIED_OBJECT_ACE_TYPE ||
	       type == ACCESS_DENIED_CALLBACK_ACE_TYPE ||
	       type == ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE;
}

/* All entries begin with a header and a mask; those two go on with the SID. */
static bool entry_is_fine(const ACE_HEADER *entry, ACCESS_MASK rights)
{
	static const GENERIC_MAPPING files = {FILE_GENERIC_READ, FILE_GENERIC_WRITE,
					      FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};
	const ACCESS_ALLOWED_ACE *plain = (const void *)entry;
	if (denies(entry->AceType) || entry->AceFlags & INHERIT_ONLY_ACE)
		return true;
	DWORD given = plain->Mask;
	MapGenericMask(&given, (GENERIC_MAPPING *)&files);
	if (!(given & rights))
		return true;
	if (entry->AceType != ACCESS_ALLOWED_ACE_TYPE &&
	    entry->AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)
		return false;
	PSID sid = (PSID)&plain->SidStart;
	return is_trusted(sid) || stands_for_owner(sid);
}

static bool list_is_fine(PACL list, ACCESS_MASK rights)
{
	for (DWORD i = 0; i < list->AceCount; i++) {
		void *entry;
		if (!GetAce(list, i, &entry) || !entry_is_fine(entry, rights))
			return false;
	}
	return true;
}

int trust_of(PSECURITY_DESCRIPTOR descriptor, ACCESS_MASK rights)
{
	PSID owner = NULL;
	PACL list = NULL;
	BOOL present, defaulted;
	if (!GetSecurityDescriptorOwner(descriptor, &owner, &defaulted) || !owner ||
	    !GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted) || !present ||
	    !list)
		return -EPERM;
	return is_trusted(owner) && list_is_fine(list, rights) ? 0 : -EPERM;
}

int trust_check(HANDLE handle, ACCESS_MASK rights)
{
	const SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION |
					  DACL_SECURITY_INFORMATION;
	DWORD size = 0;
	GetKernelObjectSecurity(handle, what, NULL, 0, &size);
	if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
		return -EPERM;
	_cleanup_free_ void *descriptor = mem_alloc(size);
	if (!GetKernelObjectSecurity(handle, what, descriptor, size, &size))
		return error_last();
	return trust_of(descriptor, rights);
}
