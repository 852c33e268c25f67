/* SPDX-License-Identifier: MIT */
/* Stands in for powrprof.dll, by C:\stand-in\powrprof.txt:
 *
 *     power|RESERVED
 *
 * What is reserved is the file C:\hiberfil.sys, which goes. The one call is about "ask" or
 * "set", and fails with an NTSTATUS. */
#include <windows.h>

#include <powrprof.h>

#include "script.h"

static struct script script = {.name = "powrprof"};

static LONG ask(const void *in, ULONG in_len, void *out, ULONG out_len)
{
	SYSTEM_POWER_CAPABILITIES can = {0};
	if (in || in_len || !out || out_len != sizeof can)
		return script_wrong("SystemPowerCapabilities"), (LONG)0xc000000d;
	LONG error = (LONG)script_fails(&script, "CallNtPowerInformation", "ask");
	if (error)
		return error;
	can.HiberFilePresent = script_number(script_row(&script, "power", NULL), 1) != 0;
	*(SYSTEM_POWER_CAPABILITIES *)out = can;
	return 0;
}

static LONG set(const BOOLEAN *in, ULONG in_len, const void *out, ULONG out_len)
{
	if (!in || in_len != sizeof *in || *in || out || out_len)
		return script_wrong("SystemReserveHiberFile"), (LONG)0xc000000d;
	LONG error = (LONG)script_fails(&script, "CallNtPowerInformation", "set");
	struct row *row = script_row(&script, "power", NULL);
	if (error || !row)
		return error;
	script_say("hibernation off");
	DeleteFileW(L"C:\\hiberfil.sys");
	script_set(row, 1, 0);
	script_write(&script);
	return 0;
}

LONG WINAPI CallNtPowerInformation(POWER_INFORMATION_LEVEL level, PVOID in, ULONG in_len,
				   PVOID out, ULONG out_len)
{
	if (level == SystemPowerCapabilities)
		return ask(in, in_len, out, out_len);
	if (level == SystemReserveHiberFile)
		return set(in, in_len, out, out_len);
	return script_wrong("CallNtPowerInformation: nobody asks for that"), (LONG)0xc0000003;
}
