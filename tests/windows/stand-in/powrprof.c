/* SPDX-License-Identifier: MIT */
/* Stands in for powrprof.dll, by C:\stand-in\powrprof.txt:
 *
 *     power|RESERVED|ASK|SET
 *
 * ASK and SET are the NTSTATUS with which CallNtPowerInformation fails; else what is
 * reserved is the file C:\hiberfil.sys, which goes. */
#include <windows.h>

#include <powrprof.h>

#include "script.h"

static struct script script = {.name = "powrprof"};

static LONG ask(const struct row *row, const void *in, ULONG in_len, void *out, ULONG out_len)
{
	SYSTEM_POWER_CAPABILITIES can = {0};
	if (in || in_len || !out || out_len != sizeof can)
		return script_wrong("SystemPowerCapabilities"), (LONG)0xc000000d;
	if (script_number(row, 2))
		return (LONG)script_number(row, 2);
	can.HiberFilePresent = script_number(row, 1) != 0;
	*(SYSTEM_POWER_CAPABILITIES *)out = can;
	return 0;
}

static LONG set(struct row *row, const BOOLEAN *in, ULONG in_len, const void *out,
		ULONG out_len)
{
	if (!in || in_len != sizeof *in || *in || out || out_len)
		return script_wrong("SystemReserveHiberFile"), (LONG)0xc000000d;
	if (script_number(row, 3))
		return (LONG)script_number(row, 3);
	script_say("hibernation off");
	DeleteFileW(L"C:\\hiberfil.sys");
	script_set(row, 1, 0);
	script_write(&script);
	return 0;
}

LONG WINAPI CallNtPowerInformation(POWER_INFORMATION_LEVEL level, PVOID in, ULONG in_len,
				   PVOID out, ULONG out_len)
{
	script_read(&script);
	struct row *row = script_row(&script, "power", NULL);
	if (level == SystemPowerCapabilities)
		return ask(row, in, in_len, out, out_len);
	if (level == SystemReserveHiberFile && row)
		return set(row, in, in_len, out, out_len);
	return script_wrong("CallNtPowerInformation: nobody asks for that"), (LONG)0xc0000003;
}
