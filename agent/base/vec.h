/* SPDX-License-Identifier: MIT */
/* A growable array of any type:
 *
 *     VEC(char *) names = {0};
 *     *vec_add(&names) = mem_strdup("a");
 *     vec_each(&names, name) puts(*name);
 *     vec_free(&names);          frees the array, not what it points to
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define VEC(type)              \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

/* The address of a new zeroed last element, valid until the next vec_add. */
#define vec_add(vec)                                                             \
	((vec)->n == (vec)->cap                                                  \
		 ? ((vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8,                \
		    (vec)->v = mem_grow((vec)->v, (vec)->cap, sizeof *(vec)->v)) \
		 : (vec)->v,                                                     \
	 memset(&(vec)->v[(vec)->n], 0, sizeof *(vec)->v), &(vec)->v[(vec)->n++])

#define vec_each(vec, it) \
	for (__typeof__((vec)->v + 0) it = (vec)->v; it && it < (vec)->v + (vec)->n; it++)

#define vec_free(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0)

#endif
