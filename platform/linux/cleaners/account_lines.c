/* SPDX-License-Identifier: MIT */
#include "account_lines.h"

#include <string.h>

#include "after.h"

enum { MOST_BYTES = 64 << 20, SHORTEST_HASH = 13 /* traditional DES */ };

bool span_is(struct span span, const char *text)
{
	return strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}

bool span_among(struct span span, const strings *names)
{
	vec_each(names, name)
		if (span_is(span, *name))
			return true;
	return false;
}

bool lines_next(const struct buf *text, size_t *at, struct span *ret)
{
	if (*at >= text->len)
		return false;
	const char *line = text->data + *at;
	const char *end = memchr(line, '\n', text->len - *at);
	*ret = (struct span){line, end ? (size_t)(end + 1 - line) : text->len - *at};
	*at += ret->len;
	return true;
}

bool line_field(struct span line, unsigned number, struct span *ret)
{
	const char *at = line.at, *end = line.at + line.len;
	if (line.len && end[-1] == '\n')
		end--;
	for (;; number--) {
		const char *colon = memchr(at, ':', (size_t)(end - at));
		if (!number) {
			*ret = (struct span){at, (size_t)((colon ? colon : end) - at)};
			return true;
		}
		if (!colon)
			return false;
		at = colon + 1;
	}
}

/* A locked hash ("!$6$...") can be cracked like any other. Marks such as "*",
 * "!!", "*LK*" and the "x" that points to the shadow file are none. */
bool line_has_hash(struct span line)
{
	struct span password;
	if (!line_field(line, 1, &password))
		return false;
	const char *at = password.at;
	size_t len = password.len;
	bool locked = len && (*at == '!' || *at == '*');
	while (len && (*at == '!' || *at == '*'))
		at++, len--;
	if (locked || *line.at == '#')
		return memchr(at, '$', len) || len >= SHORTEST_HASH;
	return len && !(len == 1 && *at == 'x');
}

bool lines_have_hash(const struct buf *text)
{
	struct span line;
	for (size_t at = 0; lines_next(text, &at, &line);)
		if (line_has_hash(line))
			return true;
	return false;
}

int lines_read(const struct cleaning *cleaning, const char *path, struct buf *ret)
{
	struct plat_info info;
	/* Room enough at once: growing would leave a copy behind, unwiped. */
	if (guest_look(cleaning->guest, path, &info) == 0 && info.size < MOST_BYTES)
		buf_reserve(ret, (size_t)info.size * 2 + 65536);
	return after_read(cleaning->guest, cleaning->plan, path, MOST_BYTES, ret);
}
