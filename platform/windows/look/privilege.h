/* SPDX-License-Identifier: MIT */
/* Privileges that this process holds are off until something needs them:
 *
 *	_cleanup_(privileges_restore) struct privileges held = {0};
 *	privileges_enable(&held, (const enum privilege[]){PRIVILEGE_BACKUP}, 1);
 */
#ifndef WINDOWS_PRIVILEGE_H
#define WINDOWS_PRIVILEGE_H

#include <stdbool.h>
#include <windows.h>

/* The fixed low parts of their LUIDs: wdm.h, and the table in [MS-LSAD] 3.1.1.2.1. */
enum privilege {
	PRIVILEGE_SECURITY = 8,
	PRIVILEGE_TAKE_OWNERSHIP = 9,
	PRIVILEGE_CREATE_PAGEFILE = 15,
	PRIVILEGE_BACKUP = 17,
	PRIVILEGE_RESTORE = 18,
	PRIVILEGE_SHUTDOWN = 19,
};

enum { PRIVILEGES_MOST = 4 };

/* What has to be put back; all zero: nothing. */
struct privileges {
	HANDLE token;
	struct {
		DWORD count;
		LUID_AND_ATTRIBUTES each[PRIVILEGES_MOST];
	} before;
};

/* Enables those of `which` that the process holds, for all its threads. False: it does not
 * hold all of them, or nobody can tell. Restore in either case. */
bool privileges_enable(struct privileges *held, const enum privilege *which, size_t count);
void privileges_restore(struct privileges *held);

#endif
