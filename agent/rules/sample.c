/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "rules/rules.h"

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define CRC "{crc32b62}"
#define EDGE "{edge}"
#define MUST "{must:"

enum { LENGTH_MAX = 20000, CRC_DIGITS = 6 };

static const struct alphabet {
	const char *name, *odd, *even; /* bytes for odd and even places */
} alphabets[] = {
	{"alnum", DIGITS UPPER LOWER, DIGITS UPPER LOWER},
	{"hex", DIGITS "abcdef", DIGITS "abcdef"},
	{"HEX", DIGITS "ABCDEF", DIGITS "ABCDEF"},
	{"upper", UPPER, UPPER},
	{"lower", LOWER, LOWER},
	{"digit", DIGITS, DIGITS},
	{"b64", UPPER LOWER DIGITS "+/", UPPER LOWER DIGITS "+/"},
	{"b64url", UPPER LOWER DIGITS "-_", UPPER LOWER DIGITS "-_"},
	{"word", "bcdfghjklmnprstvz", "aeiou"}, /* can be spoken */
};

/* Alike in every run, so that a sample that fails can be looked at again: xorshift64*. */
static unsigned char random_byte(void)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned char)(state * UINT64_C(0x2545f4914f6cdd1d) >> 56);
}

static char pick(const char *from)
{
	size_t count = strlen(from);
	unsigned char byte;
	do
		byte = random_byte();
	while (byte >= 256 / count * count); /* no byte is likelier than others */
	return from[byte % count];
}

static void add_random(struct buf *out, const struct alphabet *alphabet, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		char c = pick(i % 2 ? alphabet->even : alphabet->odd);
		buf_add(out, &c, 1);
	}
}

static uint32_t crc32(const char *bytes, size_t len)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* Of what was written behind the last '_'. */
static void add_checksum(struct buf *out)
{
	static const char base62[] = DIGITS UPPER LOWER;
	char digits[CRC_DIGITS];
	const char *token = strrchr(buf_text(out), '_');
	token = token ? token + 1 : buf_text(out);
	uint32_t crc = crc32(token, strlen(token));
	for (int i = CRC_DIGITS; i-- > 0; crc /= 62)
		digits[i] = base62[crc % 62];
	buf_add(out, digits, sizeof digits);
}

/* What a mark says of a part: so many characters and no fewer, no more. */
enum { NO_FEWER = 1, NO_MORE = 2 };

struct part {
	char name[16];
	uint64_t count;
	unsigned mark;
	size_t len; /* of its text; 0: no template */
};

static unsigned mark_at(const char *text)
{
	return *text == '='		? NO_FEWER | NO_MORE
	       : str_starts(text, ">=") ? NO_FEWER
	       : str_starts(text, "<=") ? NO_MORE
					: 0;
}

/* "{name:12}", "{name:=12}" */
static struct part part_at(const char *text)
{
	struct part part = {0};
	char digits[8];
	size_t letters = strspn(text + 1, UPPER LOWER DIGITS);
	const char *number = text + 1 + letters;
	if (!letters || letters > 15 || *number++ != ':')
		return part;
	part.mark = mark_at(number);
	number += part.mark ? strcspn(number, "=") + 1 : 0;
	size_t count = strspn(number, DIGITS);
	if (!count || count > 7 || number[count] != '}')
		return part;
	memcpy(part.name, text + 1, letters);
	memcpy(digits, number, count);
	digits[count] = 0;
	if (str_number(digits, &part.count))
		part.len = (size_t)(number + count + 1 - text);
	return part;
}

static int expand_one(const char *name, uint64_t count, struct buf *out)
{
	for (size_t i = 0; i < sizeof alphabets / sizeof *alphabets; i++)
		if (strcmp(alphabets[i].name, name) == 0 && count <= LENGTH_MAX) {
			add_random(out, &alphabets[i], count);
			return 0;
		}
	return -EINVAL;
}

/* ---- texts that are nearly right ---- */

/* Which of them is made: that many are passed over first. */
struct near {
	size_t left;
	bool made;
};

/* Whether it is the turn of one of the next `count`; *ret says of which. */
static bool is_turn(struct near *near, size_t count, size_t *ret)
{
	if (!near || near->made)
		return false;
	near->made = near->left < count;
	*ret = near->left;
	near->left -= near->made ? 0 : count;
	return near->made;
}

/* One character fewer, one that is no letter, digit or usual sign, one more. */
static int expand_part(const struct part *part, struct near *near, struct buf *out)
{
	bool fewer = part->mark & NO_FEWER, more = part->mark & NO_MORE;
	size_t before = out->len, which;
	if (!is_turn(near, (fewer ? 2u : 0u) + more, &which))
		return expand_one(part->name, part->count, out);
	if (!fewer || which == 2)
		return expand_one(part->name, part->count + 1, out);
	int r = expand_one(part->name, part->count - (which == 0), out);
	if (r >= 0 && which == 1)
		out->data[before + (size_t)part->count / 2] = '~';
	return r;
}

/* "{must:text}": the text, or with its first or its last character another. */
static size_t expand_must(const char *text, struct near *near, struct buf *out)
{
	size_t len = strcspn(text + strlen(MUST), "}"), at = out->len, which;
	buf_add(out, text + strlen(MUST), len);
	if (len && is_turn(near, len > 1 ? 2 : 1, &which))
		out->data[which ? at + len - 1 : at] = '~';
	return strlen(MUST) + len + 1;
}

static int expand(const char *text, struct near *near, struct buf *ret)
{
	size_t which;
	for (const char *at = text; *at;) {
		struct part part = *at == '{' ? part_at(at) : (struct part){0};
		if (str_starts(at, CRC)) {
			add_checksum(ret);
			at += strlen(CRC);
		} else if (str_starts(at, EDGE)) {
			if (is_turn(near, 1, &which))
				buf_puts(ret, "x");
			at += strlen(EDGE);
		} else if (str_starts(at, MUST) && strchr(at, '}')) {
			at += expand_must(at, near, ret);
		} else if (!part.len) {
			buf_add(ret, at++, 1);
		} else {
			int r = expand_part(&part, near, ret);
			if (r < 0)
				return r;
			at += part.len;
		}
	}
	return 0;
}

int sample_expand(const char *sample_template, struct buf *ret)
{
	return expand(sample_template, NULL, ret);
}

int sample_near(const char *sample_template, size_t number, struct buf *ret)
{
	struct near near = {.left = number};
	int r = expand(sample_template, &near, ret);
	return r < 0 ? r : near.made;
}
