/* SPDX-License-Identifier: MIT */
/* What Windows says in numbers, in words that are the same in every language. */
#include <errno.h>

#include <windows.h>

#include <lmerr.h>
#include <vss.h>
#include <winevt.h>

#include "../look/errors.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "system.h"

static const struct {
	uint32_t error;
	int ours; /* 0: as error_of_win32() has it */
	const char *words;
} known[] = {
	{ERROR_ACCESS_DENIED, 0, "access is denied"},
	{ERROR_PRIVILEGE_NOT_HELD, 0, "the program lacks a privilege for it"},
	{ERROR_INVALID_PARAMETER, 0, "Windows takes it for a wrong call"},
	{ERROR_NOT_ENOUGH_MEMORY, 0, "there is not enough memory"},
	{ERROR_OUTOFMEMORY, 0, "there is not enough memory"},
	{ERROR_SHARING_VIOLATION, 0, "a program holds it open"},
	{ERROR_BUSY, EBUSY, "it is in use"},
	{ERROR_FILE_NOT_FOUND, 0, "something of it is not there"},
	{ERROR_PATH_NOT_FOUND, 0, "something of it is not there"},
	{ERROR_DISK_FULL, 0, "the disk is full"},
	{ERROR_FILE_CORRUPT, 0, "its file is damaged"},
	{ERROR_MOD_NOT_FOUND, ENOSYS, "this Windows does not have the DLL for it"},
	{ERROR_PROC_NOT_FOUND, ENOSYS, "this Windows does not have the call for it"},
	{ERROR_CALL_NOT_IMPLEMENTED, 0, "this Windows does not have the call for it"},
	{ERROR_NOT_SUPPORTED, 0, "it is not supported here"},
	{ERROR_INVALID_FUNCTION, 0, "it is not supported here"},
	{ERROR_SERVICE_DISABLED, ENOSYS, "the service for it is disabled"},
	{ERROR_SERVICE_NOT_ACTIVE, ENXIO, "the service for it is not running"},
	{RPC_S_SERVER_UNAVAILABLE, ENXIO, "the service for it does not answer"},
	{RPC_S_CALL_FAILED, EIO, "the service for it broke off the call"},
	{RPC_S_UNKNOWN_IF, ENXIO, "the service for it does not answer"},
	/* winerror.h, "Windows Event Log Error Constants" */
	{ERROR_EVT_CHANNEL_NOT_FOUND, ENOENT, "there is no such channel"},
	{ERROR_EVT_INVALID_CHANNEL_PATH, EINVAL, "Windows takes its name for a wrong one"},
	{ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL, EBUSY,
	 "the channel has to be disabled for that"},
	{ERROR_EVT_CHANNEL_CANNOT_ACTIVATE, EIO, "the channel can not be made active"},
	/* lmerr.h, "Network Management Error Codes" */
	{NERR_UserNotFound, ENOENT, "there is no such account"},
	{NERR_NotPrimary, EACCES, "only the domain's own controller may do that"},
	{NERR_InvalidComputer, EINVAL, "Windows does not know this computer by its name"},
	{NERR_LastAdmin, EBUSY, "it is the last account of an administrator"},
	{NERR_SpeGroupOp, EACCES, "Windows keeps its own accounts"},
	/* "FSCTL_DELETE_USN_JOURNAL" */
	{ERROR_JOURNAL_NOT_ACTIVE, ENOENT, "there is no change journal"},
	{ERROR_JOURNAL_DELETE_IN_PROGRESS, EBUSY, "it is being removed already"},
	/* "IVssBackupComponents::DeleteSnapshots", and what COM gives */
	{(uint32_t)E_NOTIMPL, ENOSYS, "this Windows does not have the call for it"},
	{(uint32_t)E_FAIL, EIO, "Windows failed and does not say why"},
	{(uint32_t)VSS_E_BAD_STATE, EINVAL, "Windows takes it for a wrong call"},
	{(uint32_t)VSS_E_OBJECT_NOT_FOUND, ENOENT, "there is no such shadow copy"},
	{(uint32_t)VSS_E_PROVIDER_VETO, EBUSY,
	 "what keeps the shadow copies refused; its reason is in the event log"},
	{(uint32_t)VSS_E_UNEXPECTED, EIO,
	 "the service for shadow copies failed; its reason is in the event log"},
	{(uint32_t)VSS_E_UNEXPECTED_PROVIDER_ERROR, EIO,
	 "what keeps the shadow copies failed; its reason is in the event log"},
};

/* HRESULT_FROM_WIN32 undone: access is denied, whoever says so. */
static uint32_t plain(uint32_t error)
{
	return (error & 0xffff0000u) == 0x80070000u ? error & 0xffffu : error;
}

char *system_words(uint32_t error)
{
	const char *words = NULL;
	for (size_t i = 0; i < sizeof known / sizeof *known && !words; i++)
		if (known[i].error == plain(error))
			words = known[i].words;
	bool result = error & 0x80000000u; /* an HRESULT, which is known by its digits */
	_cleanup_free_ char *number = result ? mem_printf("HRESULT 0x%08x", error)
					     : mem_printf("Windows error %u", error);
	return words ? mem_printf("%s (%s)", words, number) : mem_strdup(number);
}

/* That a file or a path is not there may be said of a part of an object, or of what a call
 * needs for it: only what is said of the object itself is -ENOENT, which is no failure. */
int system_errno(uint32_t error)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].error == plain(error) && known[i].ours)
			return -known[i].ours;
	int ours = error_of_win32(plain(error));
	return ours == -ENOENT ? -EIO : ours;
}
