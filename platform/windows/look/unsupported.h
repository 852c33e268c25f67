/* SPDX-License-Identifier: MIT */
/* The state of Windows since issue 2: every name of the contract is there and
 * links; processes, the terminal and random bytes are real, all else answers
 * -ENOSYS. Nothing ever opens, so whoever is asked to close or free gets NULL.
 * A function leaves this list when it is written, never before. */
#ifndef LOOK_UNSUPPORTED_H
#define LOOK_UNSUPPORTED_H

#include <errno.h>

/* Defines a function of the contract with its types but without a deed; the
 * compiler compares it with the header. */
#define UNSUPPORTED(type, name, ...) \
	type name(__VA_ARGS__)       \
	{                            \
		return -ENOSYS;      \
	}                            \
	struct unsupported_needs_a_semicolon_

#define NOTHING_TO_CLOSE(type, name, ...) \
	type *name(__VA_ARGS__)           \
	{                                 \
		return NULL;              \
	}                                 \
	struct unsupported_needs_a_semicolon_

#endif
