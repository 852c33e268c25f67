/* SPDX-License-Identifier: MIT */
/* [MS-FSCC] 2.4.7: a time of -1 tells the file system not to change that time for what is
 * done through this open. Most machines keep no times of access (fsutil behavior query
 * disablelastaccess): there nothing is asked for. */
#include "quiet.h"

#include <errno.h>

#include "native.h"

/* The lowest bit of NtfsDisableLastAccessUpdate says off, whoever decided so. It was the
 * default before Windows 10 1803, which always writes the value. */
static bool times_are_kept(void)
{
	static enum { UNKNOWN, KEPT, NOT_KEPT } answer;
	DWORD value = 1, size = sizeof value;
	if (answer == UNKNOWN) {
		RegGetValueW(
			HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Control\\FileSystem",
			L"NtfsDisableLastAccessUpdate", RRF_RT_REG_DWORD, NULL, &value, &size);
		answer = value & 1 ? NOT_KEPT : KEPT;
	}
	return answer == KEPT;
}

static int open_any(HANDLE parent, const char *name, const struct handle_how *how, HANDLE *ret)
{
	return name ? handle_open_at(parent, name, how, ret)
		    : handle_open_content(parent, how, ret);
}

static void keep_times(HANDLE handle)
{
	IO_STATUS_BLOCK io;
	FILE_BASIC_INFORMATION times = {
		.LastAccessTime.QuadPart = -1,
		.LastWriteTime.QuadPart = -1,
		.ChangeTime.QuadPart = -1,
	};
	(void)NtSetInformationFile(handle, &io, &times, sizeof times, FileBasicInformation);
}

/* Takes the right away again: what reads, or is sent to a worker, can not write. */
static bool give_up_right(const struct handle_how *how, HANDLE *handle)
{
	HANDLE self = GetCurrentProcess(), less;
	if (!DuplicateHandle(self, *handle, self, &less,
			     how->access | FILE_READ_ATTRIBUTES | SYNCHRONIZE, FALSE,
			     DUPLICATE_CLOSE_SOURCE))
		return false; /* the source is closed all the same */
	*handle = less;
	return true;
}

int quiet_open(HANDLE parent, const char *name, const struct handle_how *how, HANDLE *ret)
{
	struct handle_how quiet = *how;
	HANDLE handle;
	quiet.access |= FILE_WRITE_ATTRIBUTES;
	int r = times_are_kept() ? open_any(parent, name, &quiet, &handle) : -EACCES;
	if (r == -EACCES || r == -EPERM || r == -EROFS)
		return open_any(parent, name, how, ret);
	if (r < 0)
		return r;
	keep_times(handle);
	if (!give_up_right(how, &handle))
		return -EMFILE;
	*ret = handle;
	return 0;
}
