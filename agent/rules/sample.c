/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "rules/rules.h"

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define CRC "{crc32b62}"

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

/* Asked of the system by the pageful: every load of the packs makes all samples. */
static unsigned char random_byte(void)
{
	static unsigned char some[4096];
	static size_t left;
	if (!left) {
		plat_random(some, sizeof some);
		left = sizeof some;
	}
	return some[--left];
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

/* Splits "{name:12}"; its length, or 0 when the text is no template. */
static size_t template_at(const char *text, char name[16], uint64_t *ret_count)
{
	char digits[8];
	size_t letters = strspn(text + 1, UPPER LOWER DIGITS);
	const char *colon = text + 1 + letters;
	size_t count = *colon == ':' ? strspn(colon + 1, DIGITS) : 0;
	if (!letters || letters > 15 || !count || count > 7 || colon[1 + count] != '}')
		return 0;
	memcpy(name, text + 1, letters);
	name[letters] = 0;
	memcpy(digits, colon + 1, count);
	digits[count] = 0;
	return str_number(digits, ret_count) ? letters + count + 3 : 0;
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

int sample_expand(const char *sample_template, struct buf *ret)
{
	for (const char *at = sample_template; *at;) {
		char name[16];
		uint64_t count;
		size_t len = *at == '{' ? template_at(at, name, &count) : 0;
		if (str_starts(at, CRC)) {
			add_checksum(ret);
			at += strlen(CRC);
		} else if (!len) {
			buf_add(ret, at++, 1);
		} else {
			int r = expand_one(name, count, ret);
			if (r < 0)
				return r;
			at += len;
		}
	}
	return 0;
}
