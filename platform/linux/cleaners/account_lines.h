/* SPDX-License-Identifier: MIT */
/* The account files (passwd, shadow, group, ...): lines of fields divided by
 * colons, taken apart without a copy and whatever bytes they hold. */
#ifndef CLEANERS_ACCOUNT_LINES_H
#define CLEANERS_ACCOUNT_LINES_H

#include "plan/cleaner.h"

struct span {
	const char *at;
	size_t len;
};

bool span_is(struct span span, const char *text);
bool span_among(struct span span, const strings *names);

/* The next line, its newline included; false behind the last. */
bool lines_next(const struct buf *text, size_t *at, struct span *ret);

/* A field of a line, numbered from 0; false when there are fewer. */
bool line_field(struct span line, unsigned number, struct span *ret);

/* Whether the second field of a line can be cracked. */
bool line_has_hash(struct span line);
bool lines_have_hash(const struct buf *text);

/* A whole account file as the cleaners before left it; 0, or a negative errno
 * value. To be freed with buf_wipe. */
int lines_read(const struct cleaning *cleaning, const char *path, struct buf *ret);

#endif
