/* SPDX-License-Identifier: MIT */
#include "detect/shape.h"

#include <string.h>

#include "base/ascii.h"
#include "model/redaction.h"

static void count(struct shape *shape, uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		shape->lower++;
	else if (c >= 'A' && c <= 'Z')
		shape->upper++;
	else if (c >= '0' && c <= '9')
		shape->digit++;
	else if (c == ' ' || (c >= 9 && c <= 13))
		shape->space++;
	else if (c >= 0x80)
		shape->high++;
	else
		shape->symbol++;
}

/* Of 0 < x <= 1, to 12 binary digits: not worth a mathematical library. */
static double log2_of(double x)
{
	double sum = 0, bit = 1;
	while (x < 1) {
		x *= 2;
		sum--;
	}
	for (int digit = 0; digit < 12; digit++) {
		bit /= 2;
		x *= x;
		if (x >= 2) {
			x /= 2;
			sum += bit;
		}
	}
	return sum;
}

struct shape shape_of(struct span span)
{
	struct shape shape = {0};
	size_t times[256] = {0}, run = 0;
	for (size_t i = 0; i < span.len; i++) {
		uint8_t c = span.at[i];
		count(&shape, c);
		times[c]++;
		run = i && span.at[i - 1] == c ? run + 1 : 1;
		if (run > shape.longest_run)
			shape.longest_run = run;
	}
	for (size_t c = 0; c < 256; c++) {
		if (!times[c])
			continue;
		double share = (double)times[c] / (double)span.len;
		shape.distinct++;
		shape.entropy -= share * log2_of(share);
	}
	return shape;
}

unsigned shape_classes(const struct shape *shape)
{
	bool has[] = {shape->lower > 0, shape->upper > 0, shape->digit > 0,
		      shape->symbol > 0 || shape->high > 0};
	unsigned classes = 0;
	for (size_t i = 0; i < 4; i++)
		classes += has[i];
	return classes;
}

/* Nearly always the first byte is another. */
static bool is_text(const uint8_t *at, const char *text, size_t len)
{
	for (; len; at++, text++, len--)
		if (ascii_lower(*at) != ascii_lower((uint8_t)*text))
			return false;
	return true;
}

bool shape_equals(struct span span, const char *text)
{
	return strlen(text) == span.len && is_text(span.at, text, span.len);
}

bool shape_starts(struct span span, const char *text)
{
	size_t len = strlen(text);
	return len <= span.len && is_text(span.at, text, len);
}

bool shape_ends(struct span span, const char *text)
{
	size_t len = strlen(text);
	return len <= span.len && is_text(span.at + span.len - len, text, len);
}

bool shape_has(struct span span, const char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0; i + len <= span.len; i++)
		if (is_text(span.at + i, text, len))
			return true;
	return false;
}

bool shape_equals_any(struct span span, const char *const *texts)
{
	for (; *texts; texts++)
		if (shape_equals(span, *texts))
			return true;
	return false;
}

/* A bit for each of 32 kinds, which have no case. */
static uint32_t kinds_in(const uint8_t *at, size_t len)
{
	uint32_t kinds = 0;
	for (size_t i = 0; i < len; i++)
		kinds |= (uint32_t)1 << at[i] % 32;
	return kinds;
}

bool shape_has_any(struct span span, const char *const *texts)
{
	uint32_t kinds = kinds_in(span.at, span.len);
	for (; *texts; texts++)
		if (!(kinds_in((const uint8_t *)*texts, strlen(*texts)) & ~kinds) &&
		    shape_has(span, *texts))
			return true;
	return false;
}

bool shape_sequence(struct span span)
{
	size_t steps = 0;
	for (size_t i = 1; i < span.len; i++) {
		int step = span.at[i] - span.at[i - 1];
		steps += step == 1 || step == -1 ||
			 (span.at[i - 1] == '9' && span.at[i] == '0');
	}
	return span.len >= 6 && steps * 4 >= (span.len - 1) * 3;
}

/* Words that a value holds only where nobody filled it in. */
static const char *const filler[] = {
	"example",   "changeme",   "change-me",	 "change_me",	"changethis", "change_this",
	"replaceme", "replace-me", "replace_me", "placeholder", "dummy",      "your-",
	"your_",     "yourpass",   "yourtoken",	 "yoursecret",	"yourkey",    "my-secret",
	"insert-",   "insert_",	   "enter-your", "fixme",	"not-a-real", "notreal",
	"redacted",  "<redact",	   "removed",	 "hidden",	"xxxxx",      "****",
	"...",	     "____",	   "----",	 "1234567890",	"abcdefgh",   NULL};

static bool is_word(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_letter(c) || c == '_';
}

/* "{0}", "{12}", "{0.name!r}" */
static bool is_numbered_field(struct span v, size_t at)
{
	size_t digits = 0;
	while (at + 1 + digits < v.len && v.at[at + 1 + digits] >= '0' &&
	       v.at[at + 1 + digits] <= '9')
		digits++;
	return digits && digits < 3 && at + 1 + digits < v.len && v.at[at + 1 + digits] &&
	       strchr("}.!:[", v.at[at + 1 + digits]) && memchr(v.at + at, '}', v.len - at);
}

/* "[PROJECT_ID]" */
static bool has_capitals_inside(struct span v)
{
	for (size_t i = 0; i < v.len; i++) {
		size_t end = i + 1;
		while (v.at[i] == '[' && end < v.len &&
		       ((v.at[end] >= 'A' && v.at[end] <= 'Z') || v.at[end] == '_'))
			end++;
		if (end >= i + 5 && end < v.len && v.at[end] == ']')
			return true;
	}
	return false;
}

/* "{name}", "{alnum:36}", "<name>": filled in later, wherever in the value it stands. */
static bool has_field(struct span v, uint8_t open, uint8_t close)
{
	for (size_t i = 0; i < v.len; i++) {
		size_t at = i + 1;
		if (v.at[i] != open)
			continue;
		if (open == '{' && is_numbered_field(v, i))
			return true;
		while (at < v.len && (is_word(v.at[at]) || v.at[at] == '.' || v.at[at] == ':' ||
				      v.at[at] == '-'))
			at++;
		if (at > i + 1 && at < v.len && v.at[at] == close && v.at[i + 1] > '9')
			return true;
	}
	return false;
}

static bool is_template(struct span v)
{
	char first = (char)v.at[0], last = (char)v.at[v.len - 1];
	return (first == '<' && shape_has(v, ">")) || has_field(v, '{', '}') ||
	       has_field(v, '<', '>') || has_capitals_inside(v) || shape_has(v, "${") ||
	       shape_has(v, "#{") || shape_has(v, "{{") || shape_has(v, "}}") ||
	       shape_has(v, "$(") || shape_has(v, "<%") || shape_has(v, "{%") ||
	       shape_has(v, "%(") || (first == '{' && last == '}') ||
	       (first == '[' && last == ']') || (first == '%' && last == '%') ||
	       (first == '@' && last == '@') || (first == '_' && last == '_' && v.len > 4);
}

static bool begins_name(struct span v, size_t at, size_t least)
{
	size_t n = 0;
	while (n < least && at + n < v.len && is_word(v.at[at + n]))
		n++;
	return n == least && v.at[at] > '9';
}

bool shape_field(struct span v)
{
	static const char *const marks[] = {"${", "$(", "#{", "{{", "%(", "{%", "<%", NULL};
	enum { NAME = 3 };
	if (has_field(v, '{', '}') || has_field(v, '<', '>') || has_capitals_inside(v))
		return true;
	for (size_t i = 0; i + 2 + NAME <= v.len; i++) {
		struct span rest = {v.at + i, v.len - i};
		for (const char *const *mark = marks; *mark; mark++)
			if (rest.at[0] == (uint8_t)(*mark)[0] && shape_starts(rest, *mark) &&
			    begins_name(rest, 2, NAME))
				return true;
	}
	return false;
}

bool shape_filler(struct span v)
{
	if (!v.len || redaction_is((const char *)v.at, v.len))
		return true;
	struct shape shape = shape_of(v);
	return shape.distinct <= 2 || shape.longest_run * 2 > v.len ||
	       shape_has_any(v, filler) || shape_ends(v, "_here") || shape_ends(v, "-here");
}

bool shape_placeholder(struct span v)
{
	return shape_filler(v) || is_template(v);
}

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

size_t shape_base64(struct span span, uint8_t *out, size_t cap)
{
	size_t n = 0;
	unsigned bits = 0;
	uint32_t word = 0;
	for (size_t i = 0; i < span.len && n < cap; i++) {
		uint8_t c = span.at[i];
		if (c == '\\' && i + 1 < span.len &&
		    (span.at[i + 1] == 'n' || span.at[i + 1] == 'r')) {
			i++;
			continue;
		}
		if (c == ' ' || (c >= 9 && c <= 13))
			continue;
		int value = base64_value(c);
		if (value < 0)
			break;
		word = word << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(word >> bits);
		}
	}
	return n;
}
