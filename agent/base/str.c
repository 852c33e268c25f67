/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text), want = strlen(suffix);
	return len >= want && memcmp(text + len - want, suffix, want) == 0;
}

const void *str_find(const void *bytes, size_t len, const char *word)
{
	const char *at = bytes, *end = at + len;
	size_t n = strlen(word);
	while (n && n <= (size_t)(end - at) &&
	       (at = memchr(at, word[0], (size_t)(end - at) - n + 1))) {
		if (memcmp(at, word, n) == 0)
			return at;
		at++;
	}
	return NULL;
}

const char *str_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void str_quote(struct buf *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '\\')
			buf_puts(out, "\\\\");
		else if (*c < 0x20 || *c > 0x7e)
			buf_printf(out, "\\x%02x", *c);
		else
			buf_add(out, c, 1);
	}
}

const char *str_bytes(uint64_t bytes, char out[16])
{
	static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	size_t step = 0;
	while (value >= 999.5 && step < 6) {
		value /= 1000;
		step++;
	}
	snprintf(out, 16, step && value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit[step]);
	return out;
}

const char *str_count(uint64_t count, char out[28])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, count);
	size_t at = 0;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = 0;
	return out;
}

bool str_number(const char *text, uint64_t *ret)
{
	uint64_t value = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		uint64_t digit = (uint64_t)(*text - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return true;
}
