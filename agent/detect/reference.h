/* SPDX-License-Identifier: MIT */
/* What stands for a value that is elsewhere: a variable, a call, a file. */
#ifndef DETECT_REFERENCE_H
#define DETECT_REFERENCE_H

#include "detect/judge.h"

/* A call, a member, strings that are put together. `quoted`: it stands in quotes.
 * `drawn`: it looks random, so that a bracket within is no call. */
bool reference_is_expression(struct span value, bool quoted, bool drawn);

bool reference_is_path(struct span value);

/* A variable, a macro, the name of a key. */
bool reference_is(struct span value, bool quoted);

#endif
