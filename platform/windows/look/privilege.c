/* SPDX-License-Identifier: MIT */
/* AdjustTokenPrivileges tells which privileges it has changed and what they were: the very
 * list that puts them back. One that was on before stays on. */
#include "privilege.h"

_Static_assert(sizeof(((struct privileges *)0)->before) ==
		       sizeof(TOKEN_PRIVILEGES) +
			       (PRIVILEGES_MOST - 1) * sizeof(LUID_AND_ATTRIBUTES),
	       "laid out like TOKEN_PRIVILEGES");

bool privileges_enable(struct privileges *held, const enum privilege *which, size_t count)
{
	*held = (struct privileges){0};
	if (count > PRIVILEGES_MOST ||
	    !OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY,
			      &held->token))
		return false;
	struct privileges wanted = {.before.count = (DWORD)count};
	for (size_t i = 0; i < count; i++)
		wanted.before.each[i] = (LUID_AND_ATTRIBUTES){
			.Luid.LowPart = (DWORD)which[i],
			.Attributes = SE_PRIVILEGE_ENABLED,
		};
	DWORD size = sizeof held->before;
	return AdjustTokenPrivileges(held->token, FALSE, (TOKEN_PRIVILEGES *)&wanted.before,
				     size, (TOKEN_PRIVILEGES *)&held->before, &size) &&
	       GetLastError() == ERROR_SUCCESS; /* or ERROR_NOT_ALL_ASSIGNED */
}

void privileges_restore(struct privileges *held)
{
	DWORD error = GetLastError();
	if (held->before.count)
		AdjustTokenPrivileges(held->token, FALSE, (TOKEN_PRIVILEGES *)&held->before, 0,
				      NULL, NULL);
	if (held->token)
		CloseHandle(held->token);
	*held = (struct privileges){0};
	SetLastError(error);
}
