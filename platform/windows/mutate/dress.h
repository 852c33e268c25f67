/* SPDX-License-Identifier: MIT */
/* The parts of plat_file_dress(). Each gives a file what another has, and an error when that
 * can not be. Both are files, not streams, and open for reading; `to` for writing as well. */
#ifndef WINDOWS_DRESS_H
#define WINDOWS_DRESS_H

#include <windows.h>

/* Owner, group, both access lists with what is inherited and what is protected, and the
 * label. Without the privilege for it nobody can see whether there is an audit list: then it
 * is left out. */
int dress_security(HANDLE from, HANDLE to);

int dress_streams(HANDLE from, HANDLE to);    /* the content of all but the unnamed one */
int dress_extended(HANDLE from, HANDLE to);   /* extended attributes (EA) */
int dress_attributes(HANDLE from, HANDLE to); /* and times: the last of all */

#endif
