/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <windows.h>

#include <sddl.h>
#include <wchar.h>

/* Our own SID as text, to be freed with LocalFree, or NULL. */
static wchar_t *own_sid(void)
{
	union {
		TOKEN_USER user;
		char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} of;
	HANDLE token;
	DWORD size = sizeof of;
	wchar_t *text = NULL;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return NULL;
	if (!GetTokenInformation(token, TokenUser, &of, size, &size) ||
	    !ConvertSidToStringSidW(of.user.User.Sid, &text))
		text = NULL;
	CloseHandle(token);
	return text;
}

void *private_descriptor(bool folder)
{
	static const wchar_t *const format[] = {
		L"O:%lsD:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;%ls)",
		L"O:%lsD:P(A;OICI;GA;;;SY)(A;OICI;GA;;;BA)(A;OICI;GA;;;%ls)",
	};
	wchar_t text[512];
	void *descriptor = NULL;
	wchar_t *sid = own_sid();
	if (!sid)
		return NULL;
	swprintf(text, sizeof text / sizeof *text, format[folder], sid, sid);
	LocalFree(sid);
	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1,
								  &descriptor, NULL))
		return NULL;
	return descriptor;
}
