/* SPDX-License-Identifier: MIT */
#include "change.h"

#include "../look/native.h"
#include "fault.h"

int handle_again(HANDLE handle, ACCESS_MASK access, HANDLE *ret)
{
	struct handle_how how = {
		.access = access, .share = SHARE_ALL, .disposition = FILE_OPEN};
	return handle_open_at(handle, "", &how, ret);
}

HANDLE change_begin(HANDLE handle)
{
	HANDLE again;
	return handle_again(handle, FILE_WRITE_ATTRIBUTES, &again) < 0 ? handle : again;
}

void change_end(HANDLE handle, HANDLE begun)
{
	if (begun != handle)
		CloseHandle(begun);
}

bool change_is_unknown(NTSTATUS status)
{
	return status == OURS_INVALID_INFO_CLASS || status == OURS_INVALID_PARAMETER ||
	       status == OURS_NOT_SUPPORTED || status == OURS_INVALID_DEVICE_REQUEST ||
	       status == (NTSTATUS)0xc0000002; /* STATUS_NOT_IMPLEMENTED */
}

NTSTATUS change_set(const char *name, HANDLE handle, int what, void *order, size_t len)
{
	IO_STATUS_BLOCK io;
	fault_point(name);
	return NtSetInformationFile(handle, &io, order, (ULONG)len,
				    (FILE_INFORMATION_CLASS)what);
}
