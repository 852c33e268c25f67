/* SPDX-License-Identifier: MIT */
/* Scope-bound release: `_cleanup_(buf_free) struct buf b = {0};` */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>

#define _cleanup_(release) __attribute__((cleanup(release)))

static inline void cleanup_free_(void *slot)
{
	free(*(void **)slot);
}
#define _cleanup_free_ _cleanup_(cleanup_free_)

/* Defines `type_ptr`, which releases the object a pointer variable holds:
 * CLEANUP_POINTER(struct plan, plan_free) then `_cleanup_(plan_free_ptr)`. */
#define CLEANUP_POINTER(type, release)                \
	static inline void release##_ptr(type **slot) \
	{                                             \
		release(*slot);                       \
	}                                             \
	struct cleanup_needs_a_semicolon_

#endif
