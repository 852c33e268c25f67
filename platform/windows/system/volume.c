/* SPDX-License-Identifier: MIT */
/* What of the memory and of the history of a volume lies on the disk. */
#include <string.h>

#include <windows.h>

#include <powrprof.h>
#include <winioctl.h>
#include <winternl.h>

#include "../look/paths.h"
#include "../look/privilege.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "call.h"
#include "system.h"

/* ---- the change journal ---- */

static void handle_close(const HANDLE *handle)
{
	if (*handle != INVALID_HANDLE_VALUE)
		CloseHandle(*handle);
}

/* "\\.\C:", without a slash behind, is the volume itself (CreateFileW). Nothing is read of
 * it or written to it here. */
static HANDLE volume_open(char drive, DWORD access)
{
	wchar_t name[] = L"\\\\.\\?:";
	name[4] = (wchar_t)drive;
	return CreateFileW(name, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
			   OPEN_EXISTING, 0, NULL);
}

/* FSCTL_QUERY_USN_JOURNAL. */
static DWORD journal_query(HANDLE volume, USN_JOURNAL_DATA *ret)
{
	DWORD bytes;
	if (DeviceIoControl(volume, FSCTL_QUERY_USN_JOURNAL, NULL, 0, ret, sizeof *ret, &bytes,
			    NULL))
		return bytes >= sizeof *ret ? ERROR_SUCCESS : ERROR_INVALID_DATA;
	return call_error();
}

/* None, one that goes already, or a file system that has none. */
static bool is_absent(DWORD error)
{
	return error == ERROR_JOURNAL_NOT_ACTIVE || error == ERROR_JOURNAL_DELETE_IN_PROGRESS ||
	       error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED;
}

uint32_t sys_journal(char drive, bool *ret)
{
	USN_JOURNAL_DATA journal;
	_cleanup_(handle_close) HANDLE volume = volume_open(drive, GENERIC_READ);
	DWORD error = volume == INVALID_HANDLE_VALUE ? call_error()
						     : journal_query(volume, &journal);
	*ret = !error;
	return is_absent(error) ? ERROR_SUCCESS : error;
}

/* FSCTL_DELETE_USN_JOURNAL takes the journal's id. It is not waited for: on a volume with
 * many files that takes long, and goes on over a restart. */
uint32_t sys_act_journal_remove(char drive)
{
	USN_JOURNAL_DATA journal;
	DWORD bytes;
	_cleanup_(handle_close)
		HANDLE volume = volume_open(drive, GENERIC_READ | GENERIC_WRITE);
	DWORD error = volume == INVALID_HANDLE_VALUE ? call_error()
						     : journal_query(volume, &journal);
	if (error)
		return error;
	DELETE_USN_JOURNAL_DATA order = {journal.UsnJournalID, USN_DELETE_FLAG_DELETE};
	return DeviceIoControl(volume, FSCTL_DELETE_USN_JOURNAL, &order, sizeof order, NULL, 0,
			       &bytes, NULL)
		       ? ERROR_SUCCESS
		       : call_error();
}

/* ---- hibernation ---- */

/* CallNtPowerInformation, which gives an NTSTATUS. */
static DWORD power(POWER_INFORMATION_LEVEL level, void *in, ULONG in_len, void *out,
		   ULONG out_len)
{
	static const char *const names[] = {"CallNtPowerInformation"};
	static struct {
		NTSTATUS(WINAPI *call)(POWER_INFORMATION_LEVEL, PVOID, ULONG, PVOID, ULONG);
	} api;
	DWORD error = api.call ? ERROR_SUCCESS : call_load(L"powrprof.dll", names, 1, &api);
	if (error)
		return error;
	NTSTATUS status = api.call(level, in, in_len, out, out_len);
	return status ? RtlNtStatusToDosError(status) : ERROR_SUCCESS;
}

uint32_t sys_hibernation(bool *ret)
{
	SYSTEM_POWER_CAPABILITIES can = {0};
	DWORD error = power(SystemPowerCapabilities, NULL, 0, &can, sizeof can);
	if (!error)
		*ret = can.HiberFilePresent;
	return error;
}

/* SystemReserveHiberFile: false removes the file and so turns hibernation off. It takes the
 * privilege to make page files. */
uint32_t sys_act_hibernation_off(void)
{
	_cleanup_(privileges_restore) struct privileges held = {0};
	BOOLEAN reserve = FALSE;
	privileges_enable(&held, (const enum privilege[]){PRIVILEGE_CREATE_PAGEFILE}, 1);
	return power(SystemReserveHiberFile, &reserve, sizeof reserve, NULL, 0);
}

/* ---- page files ---- */

#define MEMORY L"SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management"

static void files_tell(const wchar_t *list, DWORD units, sys_page_file_tell *tell,
		       void *context)
{
	for (DWORD at = 0; at < units && list[at]; at += (DWORD)wcslen(list + at) + 1) {
		_cleanup_(buf_free) struct buf path = {0};
		if (!path_to_guest(list + at, wcslen(list + at), path_system_drive(), &path))
			tell(buf_text(&path), context);
	}
}

/* ExistingPageFiles: those that the session manager has made, "\??\C:\pagefile.sys".
 * ClearPageFileAtShutdown: 1, when they are overwritten. */
uint32_t sys_page_files(sys_page_file_tell *tell, void *context, bool *ret_cleared)
{
	enum { ROOM = 8192 };
	_cleanup_free_ wchar_t *list = mem_alloc((ROOM + 2) * sizeof *list);
	DWORD bytes = ROOM * sizeof *list, clear = 0, size = sizeof clear;
	LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, MEMORY, L"ExistingPageFiles",
				     RRF_RT_REG_MULTI_SZ, NULL, list, &bytes);
	if (error && error != ERROR_FILE_NOT_FOUND)
		return (uint32_t)error;
	if (!error)
		files_tell(list, bytes / sizeof *list, tell, context);
	error = RegGetValueW(HKEY_LOCAL_MACHINE, MEMORY, L"ClearPageFileAtShutdown",
			     RRF_RT_REG_DWORD, NULL, &clear, &size);
	*ret_cleared = !error && clear == 1;
	return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : (uint32_t)error;
}

uint32_t sys_act_page_files_clear(void)
{
	DWORD clear = 1;
	return (uint32_t)RegSetKeyValueW(HKEY_LOCAL_MACHINE, MEMORY, L"ClearPageFileAtShutdown",
					 REG_DWORD, &clear, sizeof clear);
}
