/* SPDX-License-Identifier: MIT */
/* qsort of the C libraries differ: some keep the order of what compares equal, others
 * change it about, and of some a hostile disk can choose the order that costs the square
 * of the number. This one keeps the order, everywhere, in count * log(count). */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/* As qsort, but count may be 0 with items NULL. */
void sort_stable(void *items, size_t count, size_t size,
		 int (*compare)(const void *, const void *));

#endif
