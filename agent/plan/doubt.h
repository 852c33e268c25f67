/* SPDX-License-Identifier: MIT */
/* Places where what looks like a password is nearly always an example: program
 * libraries, installed documentation, tests, generated files. */
#ifndef PLAN_DOUBT_H
#define PLAN_DOUBT_H

#include <stdbool.h>

bool doubt_place(const char *path);

#endif
