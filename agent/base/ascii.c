/* SPDX-License-Identifier: MIT */
#include "base/ascii.h"

#include <string.h>

void ascii_lower_all(char *text)
{
	for (; *text; text++)
		*text = (char)ascii_lower((uint8_t)*text);
}

int ascii_compare(const char *a, const char *b)
{
	for (;; a++, b++) {
		int order = ascii_lower((uint8_t)*a) - ascii_lower((uint8_t)*b);
		if (order || !*a)
			return order;
	}
}

bool ascii_holds(const void *text, size_t len, const char *word)
{
	const uint8_t *at = text;
	size_t n = strlen(word);
	for (size_t i = 0; n && i + n <= len; i++) {
		size_t same = 0;
		while (same < n && ascii_lower(at[i + same]) == (uint8_t)word[same])
			same++;
		if (same == n)
			return true;
	}
	return false;
}
