/* SPDX-License-Identifier: MIT */
#include "model/redaction.h"

#include <string.h>

static const char word[] = "REDACTED";

static bool is_line_end(char byte)
{
	return byte == '\r' || byte == '\n';
}

/* Blanks, line ends, and the backslash that joins the next line to this one. */
static bool stays(const char *bytes, size_t n, size_t i)
{
	return bytes[i] == ' ' || bytes[i] == '\t' || is_line_end(bytes[i]) ||
	       (bytes[i] == '\\' && i + 1 < n && is_line_end(bytes[i + 1]));
}

static char letter(size_t at)
{
	return at < sizeof word - 1 ? word[at] : 'x';
}

void redaction_fill(char *bytes, size_t n)
{
	for (size_t i = 0, at = 0; i < n; i++)
		if (!stays(bytes, n, i))
			bytes[i] = letter(at++);
}

bool redaction_is(const char *bytes, size_t n)
{
	for (size_t i = 0, at = 0; i < n; i++)
		if (!stays(bytes, n, i) && bytes[i] != letter(at++))
			return false;
	return n > 0;
}

/* ---- base64 ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1 for what is no digit: blanks, line ends, padding. */
static int digit_of(char c)
{
	const char *at = c ? strchr(digits, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* The next digit from i on. A line end that stands escaped, as in JSON, is none. */
static size_t next_digit(const char *bytes, size_t n, size_t i)
{
	while (i < n && digit_of(bytes[i]) < 0)
		i += bytes[i] == '\\' ? 2 : 1;
	return i < n ? i : n;
}

/* The bits behind `lead` as bytes; what is left over belongs to others. */
static void decode(const char *bytes, size_t n, unsigned lead, struct buf *out)
{
	unsigned bits = 0, have = 0, drop = lead;
	for (size_t i = 0; (i = next_digit(bytes, n, i)) < n; i++) {
		bits = bits << 6 | (unsigned)digit_of(bytes[i]);
		have += 6 - drop;
		drop = 0;
		if (have >= 8) {
			have -= 8;
			char byte = (char)(bits >> have);
			buf_add(out, &byte, 1);
		}
	}
}

/* Bit number `bit` of the digits is written, most significant first. */
static void put_bits(char *at, unsigned first, unsigned count, unsigned value, bool url)
{
	unsigned shift = 6 - first - count, mask = ((1u << count) - 1) << shift;
	unsigned digit = ((unsigned)digit_of(*at) & ~mask) | (value << shift & mask);
	*at = digits[digit];
	if (url && digit > 61)
		*at = digit == 62 ? '-' : '_';
}

static void encode(char *bytes, size_t n, unsigned lead, const struct buf *from)
{
	bool url = memchr(bytes, '-', n) || memchr(bytes, '_', n);
	size_t i = next_digit(bytes, n, 0), left = from->len * 8;
	for (unsigned first = lead; left; first = 0, i = next_digit(bytes, n, i + 1)) {
		size_t bit = from->len * 8 - left;
		unsigned count = 6 - first < left ? 6 - first : (unsigned)left, value = 0;
		for (unsigned k = 0; k < count; k++, bit++)
			value = value << 1 |
				((unsigned char)from->data[bit / 8] >> (7 - bit % 8) & 1);
		put_bits(bytes + i, first, count, value, url);
		left -= count;
	}
}

/* ---- UTF-16 ---- */

/* The low byte of each unit; one beyond ASCII is no blank. */
static void narrow(const char *bytes, size_t n, bool big, struct buf *out)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		char low = bytes[big ? i + 1 : i], high = bytes[big ? i : i + 1];
		buf_add(out, high ? "\xff" : &low, 1);
	}
}

static void widen(char *bytes, bool big, const struct buf *from)
{
	for (size_t i = 0; i < from->len; i++) {
		bytes[2 * i] = big ? 0 : from->data[i];
		bytes[2 * i + 1] = big ? from->data[i] : 0;
	}
}

/* ---- any ---- */

/* Letters stand for themselves, so the escapes of a secret just go. */
static bool is_literal(enum coding coding)
{
	return coding == CODING_NONE || coding == CODING_PERCENT || coding == CODING_ESCAPES;
}

bool redaction_knows(enum coding coding)
{
	return is_literal(coding) || coding == CODING_BASE64 || coding == CODING_UTF16LE ||
	       coding == CODING_UTF16BE;
}

static void take_out(const char *bytes, size_t n, struct coded how, struct buf *out)
{
	if (how.coding == CODING_BASE64)
		decode(bytes, n, how.lead, out);
	else if (is_literal(how.coding))
		buf_add(out, bytes, n);
	else
		narrow(bytes, n, how.coding == CODING_UTF16BE, out);
}

void redaction_fill_coded(char *bytes, size_t n, struct coded how)
{
	struct buf plain = {0};
	if (is_literal(how.coding)) {
		redaction_fill(bytes, n);
		return;
	}
	take_out(bytes, n, how, &plain);
	redaction_fill(plain.data, plain.len);
	if (how.coding == CODING_BASE64)
		encode(bytes, n, how.lead, &plain);
	else
		widen(bytes, how.coding == CODING_UTF16BE, &plain);
	buf_wipe(&plain);
}

bool redaction_is_coded(const char *bytes, size_t n, struct coded how)
{
	struct buf plain = {0};
	take_out(bytes, n, how, &plain);
	bool is = redaction_is(plain.data, plain.len);
	buf_wipe(&plain);
	return is;
}
