/* SPDX-License-Identifier: MIT */
/* libmagic's database, put into the program by embed.cmake: nothing has to be
 * installed beside it. */
#ifndef DETECT_MAGIC_INSIDE_H
#define DETECT_MAGIC_INSIDE_H

#include <stddef.h>

extern const struct magic_inside {
	const unsigned char *bytes; /* compressed */
	size_t len;
	size_t full; /* bytes when unpacked */
} magic_inside;

/* The unpacked database, magic_inside.full bytes that the caller frees; NULL when
 * this libarchive can not unpack it. */
void *magic_unpack(void);

#endif
