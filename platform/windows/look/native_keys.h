/* SPDX-License-Identifier: MIT */
/* The native calls of the registry: their pages at learn.microsoft.com (wdm.h, Zw...), which
 * hold for the Nt names in a program ("Using Nt and Zw Versions of the Native System
 * Services Routines"). They take names of counted length, so also one with a NUL in it, that
 * no Reg... call reaches. */
#ifndef WINDOWS_NATIVE_KEYS_H
#define WINDOWS_NATIVE_KEYS_H

#include "native.h"

#define OURS_NO_MORE_ENTRIES ((NTSTATUS)0x8000001a)

/* Of KEY_INFORMATION_CLASS and KEY_VALUE_INFORMATION_CLASS. */
enum {
	OURS_KEY_BASIC = 0,
	OURS_KEY_NAME = 3,
	OURS_VALUE_FULL = 1,
	OURS_VALUE_PARTIAL = 2,
};

/* KEY_BASIC_INFORMATION */
struct native_key {
	LARGE_INTEGER written;
	ULONG title, name_bytes;
	WCHAR name[1];
};

/* KEY_VALUE_FULL_INFORMATION */
struct native_value {
	ULONG title, type, data_at, data_bytes, name_bytes;
	WCHAR name[1];
};

/* KEY_VALUE_PARTIAL_INFORMATION */
struct native_data {
	ULONG title, type, bytes;
	UCHAR data[1];
};

NTSTATUS NTAPI NtOpenKeyEx(PHANDLE key, ACCESS_MASK access, POBJECT_ATTRIBUTES at,
			   ULONG options);
NTSTATUS NTAPI NtEnumerateKey(HANDLE key, ULONG index, int what, PVOID out, ULONG len,
			      PULONG ret_len);
NTSTATUS NTAPI NtEnumerateValueKey(HANDLE key, ULONG index, int what, PVOID out, ULONG len,
				   PULONG ret_len);
NTSTATUS NTAPI NtQueryKey(HANDLE key, int what, PVOID out, ULONG len, PULONG ret_len);
NTSTATUS NTAPI NtQueryValueKey(HANDLE key, PUNICODE_STRING name, int what, PVOID out, ULONG len,
			       PULONG ret_len);
NTSTATUS NTAPI NtSetValueKey(HANDLE key, PUNICODE_STRING name, ULONG title, ULONG type,
			     PVOID data, ULONG len);
NTSTATUS NTAPI NtDeleteValueKey(HANDLE key, PUNICODE_STRING name);
NTSTATUS NTAPI NtDeleteKey(HANDLE key);
NTSTATUS NTAPI NtFlushKey(HANDLE key);

#endif
