/* SPDX-License-Identifier: MIT */
/* A growable run of bytes, always followed by a NUL that is not counted. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/format.h"

struct buf {
	char *data; /* NULL while empty */
	size_t len, cap;
};

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_vprintf(struct buf *buf, const char *format, va_list args) FORMAT(2, 0);
void buf_printf(struct buf *buf, const char *format, ...) FORMAT(2, 3);

/* Makes room for `more` bytes behind the end and returns that place; the
 * caller then adds what it wrote to buf->len. */
char *buf_reserve(struct buf *buf, size_t more);

void buf_cut(struct buf *buf, size_t len);   /* shortens to len bytes */
const char *buf_text(const struct buf *buf); /* never NULL */
void buf_free(struct buf *buf);
void buf_wipe(struct buf *buf); /* overwrites, then frees */

#endif
