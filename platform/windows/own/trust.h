/* SPDX-License-Identifier: MIT */
/* Who may change an object of Windows. */
#ifndef WINDOWS_TRUST_H
#define WINDOWS_TRUST_H

#include <windows.h>

/* What lets somebody put another thing in the place of a member or of the directory itself.
 * To add names (FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY) is not among it: such a directory is
 * what a sticky one is elsewhere. C:\Windows\Temp and C:\ProgramData are, C:\ is. */
#define TRUST_FOLDER (FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER)
#define TRUST_CONTENT (FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | WRITE_DAC | WRITE_OWNER)

/* 0 when the owner is one of those below and the access list gives none of `rights` to
 * anybody else, else -EPERM. The handle needs READ_CONTROL.
 *
 * Trusted are the system, the group of administrators, the built-in Administrator,
 * TrustedInstaller and whoever we run as. Entries that deny are passed over, and what is not
 * understood counts as given. No list at all (FAT) gives everything to everybody. */
int trust_check(HANDLE handle, ACCESS_MASK rights);
int trust_of(PSECURITY_DESCRIPTOR descriptor, ACCESS_MASK rights); /* likewise */

#endif
