/* SPDX-License-Identifier: MIT */
/* RegLoadKeyW and RegUnLoadKeyW (winreg.h): both below HKEY_USERS or HKEY_LOCAL_MACHINE
 * only, both want SE_RESTORE_NAME and SE_BACKUP_NAME. A hive with an open key is not
 * unloaded: ERROR_ACCESS_DENIED. One that is loaded stays so until it is unloaded or the
 * system starts again. */
#include <errno.h>

#include <windows.h>

#include "../look/errors.h"
#include "../look/privilege.h"
#include "base/cleanup.h"
#include "fault.h"
#include "hives.h"

static const enum privilege needed[] = {PRIVILEGE_BACKUP, PRIVILEGE_RESTORE};

int hive_load(const wchar_t *name, const wchar_t *file)
{
	_cleanup_(privileges_restore) struct privileges held = {0};
	if (!privileges_enable(&held, needed, 2))
		return -EPERM;
	fault_point("RegLoadKey");
	return error_of_win32((DWORD)RegLoadKeyW(HKEY_USERS, name, file));
}

int hive_unload(const wchar_t *name)
{
	_cleanup_(privileges_restore) struct privileges held = {0};
	if (!privileges_enable(&held, needed, 2))
		return -EPERM;
	fault_point("RegUnLoadKey");
	return error_of_win32((DWORD)RegUnLoadKeyW(HKEY_USERS, name));
}
