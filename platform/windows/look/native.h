/* SPDX-License-Identifier: MIT */
/* What of the native interface not every SDK's winternl.h has: numbers and calls as their
 * pages at learn.microsoft.com (ntifs.h, wdm.h) and [MS-FSCC] give them. */
#ifndef WINDOWS_NATIVE_H
#define WINDOWS_NATIVE_H

#include <windows.h>

#include <winternl.h>

/* [MS-ERREF]; ntstatus.h and windows.h can not both be included in the same file. */
#define OURS_BUFFER_OVERFLOW ((NTSTATUS)0x80000005)
#define OURS_NO_MORE_FILES ((NTSTATUS)0x80000006)
#define OURS_INVALID_INFO_CLASS ((NTSTATUS)0xc0000003)
#define OURS_INVALID_PARAMETER ((NTSTATUS)0xc000000d)
#define OURS_NO_SUCH_FILE ((NTSTATUS)0xc000000f)
#define OURS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xc0000010)
#define OURS_NOT_A_REPARSE_POINT ((NTSTATUS)0xc0000275)
#define OURS_END_OF_FILE ((NTSTATUS)0xc0000011)
#define OURS_ACCESS_DENIED ((NTSTATUS)0xc0000022)
#define OURS_PREDEFINED_HANDLE ((NTSTATUS)0x40000016) /* a success */
#define OURS_OBJECT_NAME_NOT_FOUND ((NTSTATUS)0xc0000034)
#define OURS_SHARING_VIOLATION ((NTSTATUS)0xc0000043)
#define OURS_PRIVILEGE_NOT_HELD ((NTSTATUS)0xc0000061)
#define OURS_MEDIA_WRITE_PROTECTED ((NTSTATUS)0xc00000a2)
#define OURS_NOT_SUPPORTED ((NTSTATUS)0xc00000bb)
#define OURS_NOT_IMPLEMENTED ((NTSTATUS)0xc0000002)
#define OURS_BUFFER_TOO_SMALL ((NTSTATUS)0xc0000023)

/* Of FILE_INFORMATION_CLASS and FS_INFORMATION_CLASS. */
#define OURS_FILE_ID_INFORMATION ((FILE_INFORMATION_CLASS)59) /* Windows 8 */
#define OURS_FS_VOLUME_INFORMATION ((FS_INFORMATION_CLASS)1)
#define OURS_FS_ATTRIBUTE_INFORMATION ((FS_INFORMATION_CLASS)5)
#define OURS_FS_FULL_SIZE_INFORMATION ((FS_INFORMATION_CLASS)7)

#define OURS_FSCTL_GET_EXTERNAL_BACKING 0x90310 /* wofapi; 8.1 */

struct native_file_id {
	ULONGLONG volume;
	ULONGLONG id[2]; /* the low half first */
};

NTSTATUS NTAPI NtReadFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
			  PIO_STATUS_BLOCK io, PVOID buffer, ULONG len, PLARGE_INTEGER offset,
			  PULONG key);
NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine,
				    PVOID context, PIO_STATUS_BLOCK io, PVOID buffer, ULONG len,
				    FILE_INFORMATION_CLASS what, BOOLEAN single,
				    PUNICODE_STRING pattern, BOOLEAN restart);

#endif
