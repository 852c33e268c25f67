/* SPDX-License-Identifier: MIT */
/* Told before each call of Windows that changes a guest. It does nothing; a test that wants
 * to be killed there links one of its own instead (tests/fault/fault_point.c), with the very
 * library that is shipped. */
#ifndef WINDOWS_FAULT_H
#define WINDOWS_FAULT_H

void fault_point(const char *change);

#endif
