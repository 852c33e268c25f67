/* SPDX-License-Identifier: MIT */
/* A text in the registry is UTF-16, and what is said of it (plan, finding) counts bytes of
 * the same text as WTF-8: every character for itself, a NUL between texts as a line's end,
 * those at the end left out. A secret is overwritten character by character, so that the
 * value keeps its length. */
#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/utf8.h"
#include "registry/registry.h"

enum { MULTI_SZ = 7 }; /* winnt.h */

struct character {
	uint8_t text[4]; /* WTF-8 */
	size_t bytes, units;
};

static struct character character_at(const uint8_t *units, size_t left)
{
	struct character ret = {.units = 1};
	uint32_t c = le16(units), low = left > 1 ? le16(units + 2) : 0;
	if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
		ret.units = 2;
	}
	ret.bytes = utf8_put(c ? c : '\n', ret.text);
	return ret;
}

static size_t units_of(const struct buf *data)
{
	size_t units = data->len / 2;
	while (units && !le16((const uint8_t *)data->data + 2 * (units - 1)))
		units--;
	return units;
}

static void text_of(const struct buf *data, struct buf *text)
{
	const uint8_t *at = (const uint8_t *)data->data;
	struct character c;
	for (size_t left = units_of(data); left; left -= c.units, at += 2 * c.units) {
		c = character_at(at, left);
		buf_add(text, c.text, c.bytes);
	}
}

static int fill(const struct step *step, struct buf *text)
{
	uint64_t end = 0;
	vec_each(&step->ranges, range) {
		if (range->offset < end || !range->length ||
		    !redaction_knows(range->coded.coding))
			return -EINVAL;
		if (range->offset > text->len || range->length > text->len - range->offset)
			return -ECANCELED;
		redaction_fill_coded(text->data + range->offset, (size_t)range->length,
				     range->coded);
		end = range->offset + range->length;
	}
	return step->ranges.n ? 0 : -EINVAL;
}

/* The letter that stands where a character of several bytes did, or 0. */
static uint8_t letter_for(const struct character *c, const char *filled)
{
	for (size_t i = 0; i < c->bytes; i++)
		if (c->text[i] != (uint8_t)filled[i])
			return (uint8_t)filled[i];
	return 0;
}

static void take_over(const struct buf *text, struct buf *data)
{
	uint8_t *at = (uint8_t *)data->data;
	const char *filled = text->data;
	struct character c;
	for (size_t left = units_of(data); left; left -= c.units, at += 2 * c.units) {
		c = character_at(at, left);
		uint8_t letter = letter_for(&c, filled);
		for (size_t i = 0; letter && i < 2 * c.units; i++)
			at[i] = i % 2 ? 0 : letter;
		filled += c.bytes;
	}
}

int hands_redact_value(const struct step *step, uint32_t type, struct buf *data)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	if (type != REGISTRY_SZ && type != REGISTRY_EXPAND_SZ && type != MULTI_SZ)
		return -EOPNOTSUPP;
	if (data->len != step->target.size)
		return -ECANCELED;
	text_of(data, &text);
	int r = fill(step, &text);
	if (!r)
		take_over(&text, data);
	return r;
}
