/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(void)
{
	fputs("imgsan: fatal: out of memory\n", stderr);
	_Exit(4);
}

void *mem_alloc(size_t size)
{
	void *fresh = calloc(1, size ? size : 1);
	if (!fresh)
		out_of_memory();
	return fresh;
}

void *mem_grow(void *old, size_t count, size_t item_size)
{
	if (item_size && count > SIZE_MAX / item_size)
		out_of_memory();
	size_t size = count * item_size;
	void *grown = realloc(old, size ? size : 1);
	if (!grown)
		out_of_memory();
	return grown;
}

char *mem_strndup(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);
	memcpy(copy, text, len);
	return copy;
}

char *mem_strdup(const char *text)
{
	return mem_strndup(text, strlen(text));
}

char *mem_printf(const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		out_of_memory();
	char *text = mem_alloc((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

void mem_wipe(void *where, size_t size)
{
	if (!size)
		return;
	memset(where, 0, size);
	__asm__ __volatile__("" : : "r"(where) : "memory");
}
