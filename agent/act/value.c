/* SPDX-License-Identifier: MIT */
#include "act/value.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"

enum { /* winnt.h */
       SZ = 1,
       EXPAND_SZ = 2,
       DWORD = 4,
       LINK = 6,
       MULTI_SZ = 7,
       QWORD = 11,
};

static bool is_text(uint32_t type)
{
	return type == SZ || type == EXPAND_SZ || type == LINK || type == MULTI_SZ;
}

/* ---- redaction ---- */

static bool is_pair(const uint8_t *at, size_t left)
{
	return left >= 4 && le16(at) >> 10 == 0xd800 >> 10 &&
	       le16(at + 2) >> 10 == 0xdc00 >> 10;
}

/* A place in the text and the place in the value that it stands for. */
struct place {
	uint64_t text;
	size_t at;
};

/* Goes on to the place `text` bytes from the beginning; false: none is there. */
static bool reach(const uint8_t *data, size_t len, uint64_t text, struct place *place)
{
	while (place->text < text && len - place->at >= 2) {
		bool pair = is_pair(data + place->at, len - place->at);
		uint32_t c = le16(data + place->at);
		place->text += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
		place->at += pair ? 4 : 2;
	}
	return place->text == text;
}

/* The low byte of each unit, and what is beyond ASCII as no character of it. A NUL parts
 * lines and stays. */
static void narrow(const uint8_t *from, size_t units, struct buf *out)
{
	for (size_t i = 0; i < units; i++) {
		uint32_t c = le16(from + 2 * i);
		buf_add(out, c > 0x7f ? "\xff" : !c ? "\n" : (const char *)from + 2 * i, 1);
	}
}

static void widen(uint8_t *to, const struct buf *from)
{
	for (size_t i = 0; i < from->len; i++) {
		if (!le16(to + 2 * i))
			continue;
		to[2 * i] = (uint8_t)from->data[i];
		to[2 * i + 1] = 0;
	}
}

static int go_over_text(uint8_t *from, size_t units, struct coded how)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	if (how.coding == CODING_UTF16LE || how.coding == CODING_UTF16BE)
		return -EINVAL;
	narrow(from, units, &text);
	redaction_fill_coded(text.data, text.len, how);
	widen(from, &text);
	return 0;
}

/* Where the characters of a range lie in the value. */
static int find(const struct range *range, bool text, const uint8_t *data, size_t len,
		struct place *place, size_t *ret_from)
{
	if (!text) {
		if (range->offset > len || range->length > len - range->offset)
			return -ECANCELED;
		*ret_from = (size_t)range->offset;
		place->at = *ret_from + (size_t)range->length;
		return 0;
	}
	if (!reach(data, len, range->offset, place))
		return -ECANCELED;
	*ret_from = place->at;
	return reach(data, len, range->offset + range->length, place) ? 0 : -ECANCELED;
}

/* Without the NULs at the end: a plan that is done a second time, when the text is shorter,
 * must not find room in them. */
static size_t text_len(const uint8_t *data, size_t len)
{
	size_t units = len / 2;
	while (units && !le16(data + 2 * (units - 1)))
		units--;
	return 2 * units;
}

int value_redact(const struct step *step, uint32_t type, uint8_t *data, size_t len)
{
	struct place place = {0};
	uint64_t end = 0;
	int r = step->ranges.n ? 0 : -EINVAL;
	if (is_text(type))
		len = text_len(data, len);
	/* What stands there afterwards may be shorter as text: ranges count in the old. */
	_cleanup_(buf_wipe) struct buf old = {0};
	buf_add(&old, data, len);
	for (size_t i = 0; !r && i < step->ranges.n; i++) {
		const struct range *range = &step->ranges.v[i];
		size_t from;
		if (range->offset < end || !range->length || range->length > UINT32_MAX ||
		    range->offset > UINT32_MAX || !redaction_knows(range->coded.coding))
			return -EINVAL;
		end = range->offset + range->length;
		r = find(range, is_text(type), (const uint8_t *)old.data, len, &place, &from);
		if (r < 0)
			return r;
		if (is_text(type))
			r = go_over_text(data + from, (place.at - from) / 2, range->coded);
		else
			redaction_fill_coded((char *)data + from, place.at - from,
					     range->coded);
	}
	return r;
}

/* ---- new content ---- */

static void add_unit(uint32_t c, struct buf *out)
{
	uint8_t unit[2] = {(uint8_t)c, (uint8_t)(c >> 8)};
	buf_add(out, unit, sizeof unit);
}

/* The character that begins here, whose length is known to be right. */
static uint32_t character(const uint8_t *at, size_t len)
{
	uint32_t c = len == 1 ? *at : *at & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (at[i] & 0x3fu);
	return c;
}

static int add_text(const uint8_t *from, size_t len, bool lines, struct buf *out)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(from + i, len - i);
		if (!n || n > len - i)
			return -EINVAL;
		uint32_t c = character(from + i, n);
		if (c >= 0x10000) {
			add_unit(0xd800 | (c - 0x10000) >> 10, out);
			c = 0xdc00 | (c & 0x3ff);
		}
		add_unit(lines && c == '\n' ? 0 : c, out);
	}
	if (lines && len && from[len - 1] != '\n')
		add_unit(0, out);
	add_unit(0, out);
	return 0;
}

static int add_number(const char *text, size_t size, struct buf *out)
{
	uint64_t number;
	if (!str_number(text, &number) || (size == 4 && number > UINT32_MAX))
		return -EINVAL;
	for (size_t i = 0; i < size; i++, number >>= 8) {
		uint8_t byte = (uint8_t)number;
		buf_add(out, &byte, 1);
	}
	return 0;
}

int value_encode(uint32_t type, const char *content, size_t len, struct buf *ret)
{
	_cleanup_free_ char *text = mem_strndup(content, len);
	if (is_text(type))
		return add_text((const uint8_t *)content, len, type == MULTI_SZ, ret);
	if (type == DWORD || type == QWORD)
		return add_number(text, type == DWORD ? 4 : 8, ret);
	buf_add(ret, content, len);
	return 0;
}
