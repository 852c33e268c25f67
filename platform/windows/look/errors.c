/* SPDX-License-Identifier: MIT */
/* What the calls document for the cases that the agent tells apart; [MS-ERREF] has the
 * numbers. */
#include "errors.h"

#include <errno.h>
#include <stddef.h>

/* Not in every SDK; their numbers are those of [MS-ERREF]. */
#ifndef ERROR_STOPPED_ON_SYMLINK
#define ERROR_STOPPED_ON_SYMLINK 681L
#endif
#ifndef ERROR_CLOUD_FILE_PROVIDER_NOT_RUNNING
#define ERROR_CLOUD_FILE_PROVIDER_NOT_RUNNING 362L
#endif
#define OURS_DELETE_PENDING ((NTSTATUS)0xc0000056)
#define OURS_FILE_DELETED ((NTSTATUS)0xc0000123)
#define OURS_IS_A_DIRECTORY ((NTSTATUS)0xc00000ba)
#define OURS_NOT_A_DIRECTORY ((NTSTATUS)0xc0000103)

static const struct {
	DWORD windows;
	int ours;
} known[] = {
	{ERROR_SUCCESS, 0},
	{ERROR_FILE_NOT_FOUND, ENOENT},
	{ERROR_PATH_NOT_FOUND, ENOENT},
	{ERROR_DELETE_PENDING, ENOENT}, /* it goes as soon as the last handle does */
	{ERROR_KEY_DELETED, ENOENT},
	{ERROR_INVALID_DRIVE, ENOENT},
	{ERROR_BAD_PATHNAME, EINVAL},
	{ERROR_INVALID_NAME, EINVAL},
	{ERROR_INVALID_PARAMETER, EINVAL},
	{ERROR_INVALID_HANDLE, EBADF},
	{ERROR_ACCESS_DENIED, EACCES},
	{ERROR_PRIVILEGE_NOT_HELD, EPERM},
	{ERROR_SHARING_VIOLATION, EBUSY},
	{ERROR_LOCK_VIOLATION, EBUSY},
	{ERROR_USER_MAPPED_FILE, EBUSY},
	{ERROR_WRITE_PROTECT, EROFS},
	{ERROR_NOT_READY, ENXIO},
	{ERROR_FILE_EXISTS, EEXIST},
	{ERROR_ALREADY_EXISTS, EEXIST},
	{ERROR_DIRECTORY, ENOTDIR},
	{ERROR_DIR_NOT_EMPTY, ENOTEMPTY},
	{ERROR_KEY_HAS_CHILDREN, ENOTEMPTY},
	{ERROR_STOPPED_ON_SYMLINK, ELOOP},
	{ERROR_CANT_ACCESS_FILE, ELOOP}, /* a reparse point that nobody resolves */
	{ERROR_CANT_RESOLVE_FILENAME, ELOOP},
	{ERROR_DISK_FULL, ENOSPC},
	{ERROR_HANDLE_DISK_FULL, ENOSPC},
	{ERROR_CLOUD_FILE_PROVIDER_NOT_RUNNING, EIO},
	{ERROR_CRC, EIO},
	{ERROR_BROKEN_PIPE, EPIPE},
	{ERROR_NO_DATA, EPIPE},
	{ERROR_PIPE_NOT_CONNECTED, EPIPE},
	{ERROR_MORE_DATA, EMSGSIZE},
	{ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
	{ERROR_OUTOFMEMORY, ENOMEM},
	{ERROR_NO_SYSTEM_RESOURCES, ENOMEM},
	{ERROR_TOO_MANY_OPEN_FILES, EMFILE},
	{ERROR_NOT_SUPPORTED, ENOSYS},
	{ERROR_INVALID_FUNCTION, ENOSYS},
	{ERROR_CALL_NOT_IMPLEMENTED, ENOSYS},
	{WAIT_TIMEOUT, ETIMEDOUT},
	{ERROR_SEM_TIMEOUT, ETIMEDOUT},
	{ERROR_OPERATION_ABORTED, EINTR},
};

int error_of_win32(DWORD error)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].windows == error)
			return -known[i].ours;
	return -EIO;
}

int error_of_status(NTSTATUS status)
{
	switch (status) { /* Win32 has but one word for several of these */
	case OURS_DELETE_PENDING:
	case OURS_FILE_DELETED:
		return -ENOENT;
	case OURS_IS_A_DIRECTORY:
		return -EISDIR;
	case OURS_NOT_A_DIRECTORY:
		return -ENOTDIR;
	}
	return status >= 0 ? 0 : error_of_win32(RtlNtStatusToDosError(status));
}

int error_last(void)
{
	int error = error_of_win32(GetLastError());
	return error ? error : -EIO;
}
