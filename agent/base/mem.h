/* SPDX-License-Identifier: MIT */
/* Memory that can not fail: when it runs out the program says so and ends with
 * exit code 4. Every step on a disk is safe to be cut off, so ending is the
 * honest answer, and no caller has to invent one. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/format.h"

void *mem_alloc(size_t size); /* zeroed; the caller frees */
void *mem_grow(void *old, size_t count, size_t item_size);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *format, ...) FORMAT(1, 2);

/* Overwrites in a way the compiler may not drop. */
void mem_wipe(void *where, size_t size);

#endif
