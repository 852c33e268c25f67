/* SPDX-License-Identifier: MIT */
/* A text that an expression matches, or nearly: the first of alternatives, of a class one
 * character, what may be repeated once. Conditions on what stands round it are not kept. */
#ifndef DETECT_EXAMPLE_H
#define DETECT_EXAMPLE_H

#include "base/buf.h"

void example_add(const char *regex, struct buf *out);

#endif
