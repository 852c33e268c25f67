/* SPDX-License-Identifier: MIT */
/* Owner and access lists for a file that takes another's place. */
#include <errno.h>
#include <string.h>

#include <windows.h>

#include <sddl.h>

#include "../look/errors.h"
#include "../look/privilege.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "change.h"
#include "dress.h"
#include "fault.h"

#define SIMPLE                                                                            \
	((SECURITY_INFORMATION)(OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | \
				DACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION))
/* With the last one nothing that a later Windows has is forgotten (learn.microsoft.com,
 * SECURITY_INFORMATION); Windows 8. */
#define COMPLETE                                                                              \
	((SECURITY_INFORMATION)(SIMPLE | SACL_SECURITY_INFORMATION |                          \
				ATTRIBUTE_SECURITY_INFORMATION | SCOPE_SECURITY_INFORMATION | \
				BACKUP_SECURITY_INFORMATION))

static int get(HANDLE handle, SECURITY_INFORMATION what, struct buf *ret)
{
	DWORD size = 0;
	GetKernelObjectSecurity(handle, what, NULL, 0, &size);
	if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
		return error_last();
	void *room = buf_reserve(ret, size);
	if (!GetKernelObjectSecurity(handle, what, room, size, &size))
		return error_last();
	ret->len = size;
	return 0;
}

/* Whether a list was handed down is kept only when it is asked for (learn.microsoft.com,
 * SECURITY_DESCRIPTOR_CONTROL). */
static void ask_to_keep(struct buf *descriptor)
{
	SECURITY_DESCRIPTOR_RELATIVE *head = (void *)descriptor->data;
	if (head->Control & SE_DACL_AUTO_INHERITED)
		head->Control |= SE_DACL_AUTO_INHERIT_REQ;
	if (head->Control & SE_SACL_AUTO_INHERITED)
		head->Control |= SE_SACL_AUTO_INHERIT_REQ;
}

static void ask_no_more(struct buf *descriptor)
{
	SECURITY_DESCRIPTOR_RELATIVE *head = (void *)descriptor->data;
	head->Control &= (SECURITY_DESCRIPTOR_CONTROL) ~(SE_DACL_AUTO_INHERIT_REQ |
							 SE_SACL_AUTO_INHERIT_REQ);
}

/* The caller frees it with LocalFree. NULL: it is no descriptor. */
static wchar_t *as_text(struct buf *descriptor, SECURITY_INFORMATION what)
{
	wchar_t *text = NULL;
	ask_no_more(descriptor);
	what &= ~(SECURITY_INFORMATION)BACKUP_SECURITY_INFORMATION; /* all parts have a flag */
	if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(
		    descriptor->data, SDDL_REVISION_1, what, &text, NULL))
		return NULL;
	return text;
}

/* As text both are the same however they lie in memory. */
static int compare(struct buf *a, struct buf *b, SECURITY_INFORMATION what)
{
	wchar_t *x = as_text(a, what), *y = as_text(b, what);
	int r = x && y && wcscmp(x, y) == 0 ? 0 : -EPERM;
	LocalFree(x);
	LocalFree(y);
	return r;
}

static int copy(HANDLE from, HANDLE to, SECURITY_INFORMATION what)
{
	_cleanup_(buf_free) struct buf old = {0}, now = {0};
	int r = get(from, what, &old);
	if (r < 0)
		return r;
	ask_to_keep(&old);
	fault_point("security");
	if (!SetKernelObjectSecurity(to, what, old.data))
		return error_last();
	r = get(to, what, &now);
	return r ? r : compare(&old, &now, what);
}

static int copy_with(HANDLE from, HANDLE to, SECURITY_INFORMATION what, ACCESS_MASK more)
{
	HANDLE source, target;
	int r = handle_again(from, READ_CONTROL | more, &source);
	if (r < 0)
		return r;
	r = handle_again(to, READ_CONTROL | WRITE_DAC | WRITE_OWNER | more, &target);
	if (!r) {
		r = copy(source, target, what);
		CloseHandle(target);
	}
	CloseHandle(source);
	return r;
}

/* Restore: any owner may be given, not only ourselves. */
int dress_security(HANDLE from, HANDLE to)
{
	static const enum privilege which[] = {PRIVILEGE_SECURITY, PRIVILEGE_BACKUP,
					       PRIVILEGE_RESTORE};
	_cleanup_(privileges_restore) struct privileges held = {0};
	if (privileges_enable(&held, which, 3))
		return copy_with(from, to, COMPLETE, ACCESS_SYSTEM_SECURITY);
	return copy_with(from, to, SIMPLE, 0);
}
