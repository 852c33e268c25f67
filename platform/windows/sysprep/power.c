/* SPDX-License-Identifier: MIT */
/* InitiateShutdownW, which needs SeShutdownPrivilege; programs that do not end are ended.
 * Without SHUTDOWN_HYBRID the system is not put to sleep on the disk: the volume is left. */
#include <windows.h>

#include "../look/errors.h"
#include "../look/privilege.h"
#include "base/cleanup.h"
#include "mutate.h"

int plat_power_off(unsigned seconds)
{
	_cleanup_(privileges_restore) struct privileges held = {0};
	privileges_enable(&held, (const enum privilege[]){PRIVILEGE_SHUTDOWN}, 1);
	DWORD error = InitiateShutdownW(
		NULL, NULL, seconds,
		SHUTDOWN_POWEROFF | SHUTDOWN_FORCE_SELF | SHUTDOWN_FORCE_OTHERS,
		SHTDN_REASON_MAJOR_OPERATINGSYSTEM | SHTDN_REASON_MINOR_RECONFIG |
			SHTDN_REASON_FLAG_PLANNED);
	return error_of_win32(error);
}
