/* SPDX-License-Identifier: MIT */
/* A value that somebody chose, by itself. */
#ifndef DETECT_VALUE_H
#define DETECT_VALUE_H

#include "detect/judge.h"

/* What can not be a value at all: a reference, a call, a path, a type's name. *ret says
 * which. `quoted`: it stands in quotes. */
bool value_is_none(struct span value, bool quoted, enum reason *ret);

/* REASON_BITs of its shape. */
uint64_t value_reasons(struct span value);

bool value_is_uuid(struct span value);

/* A digit before a letter: no word and hardly an identifier has that. */
bool value_is_mixed(struct span value);

#endif
