/* SPDX-License-Identifier: MIT */
/* What a file has beside its content, for a new one that takes its place. */
#include "dress.h"

#include <errno.h>
#include <winioctl.h>

#include "../look/errors.h"
#include "../look/handles.h"
#include "fault.h"
#include "mutate.h"

/* Those that can be set with the times. */
#define PLAIN                                                                      \
	(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | \
	 FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY |                       \
	 FILE_ATTRIBUTE_NOT_CONTENT_INDEXED)

static int control(HANDLE handle, DWORD code, void *order, DWORD len)
{
	DWORD n;
	fault_point("control");
	return DeviceIoControl(handle, code, order, len, NULL, 0, &n, NULL) ? 0 : error_last();
}

static int dress_compression(HANDLE from, HANDLE to)
{
	USHORT format;
	DWORD n;
	if (!DeviceIoControl(from, FSCTL_GET_COMPRESSION, NULL, 0, &format, sizeof format, &n,
			     NULL))
		return error_last();
	return control(to, FSCTL_SET_COMPRESSION, &format, sizeof format);
}

static int dress_sparse(HANDLE to, DWORD attributes)
{
	FILE_SET_SPARSE_BUFFER sparse = {attributes & FILE_ATTRIBUTE_SPARSE_FILE ? TRUE
										 : FALSE};
	return control(to, FSCTL_SET_SPARSE, &sparse, sizeof sparse);
}

static int attributes_get(HANDLE handle, FILE_BASIC_INFO *ret)
{
	return GetFileInformationByHandleEx(handle, FileBasicInfo, ret, sizeof *ret)
		       ? 0
		       : error_last();
}

/* Attributes and times, and sees that they are the same now. What is encrypted would be so
 * for us, and not for those who could read it: such a file can only be changed in place. */
int dress_attributes(HANDLE from, HANDLE to)
{
	FILE_BASIC_INFO has, gets;
	int r = attributes_get(from, &has);
	if (!r)
		r = attributes_get(to, &gets);
	DWORD differ = has.FileAttributes ^ gets.FileAttributes;
	if (!r && differ & FILE_ATTRIBUTE_COMPRESSED)
		r = dress_compression(from, to);
	if (!r && differ & FILE_ATTRIBUTE_SPARSE_FILE)
		r = dress_sparse(to, has.FileAttributes);
	if (r < 0)
		return r;
	gets = has;
	gets.FileAttributes &= PLAIN;
	if (!gets.FileAttributes)
		gets.FileAttributes = FILE_ATTRIBUTE_NORMAL;
	gets.ChangeTime.QuadPart = 0; /* when it was put here stays true */
	fault_point("attributes");
	if (!SetFileInformationByHandle(to, FileBasicInfo, &gets, sizeof gets))
		return error_last();
	r = attributes_get(to, &gets);
	if (r < 0)
		return r;
	differ = (has.FileAttributes ^ gets.FileAttributes) & ~(DWORD)FILE_ATTRIBUTE_NORMAL;
	return differ ? -EOPNOTSUPP : 0;
}

int plat_file_dress(struct plat_file *from, struct plat_file *to)
{
	static int (*const parts[])(HANDLE, HANDLE) = {dress_streams, dress_extended,
						       dress_security, dress_attributes};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		int r = parts[i](from->handle, to->handle);
		if (r < 0)
			return r;
	}
	return 0;
}
