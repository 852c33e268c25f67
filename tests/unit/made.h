/* SPDX-License-Identifier: MIT */
/* Databases of packages that other programs made while the tests were built
 * (tests/lib/packagedb.py): where a test runs under Wine they can not run. */
#pragma once

#include <stdbool.h>

/* Copies one, "sqlite/rpmdb.sqlite", into the scratch place; false: that program was not
 * there. */
bool made_copy(const char *name, const char *to);
