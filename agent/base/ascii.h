/* SPDX-License-Identifier: MIT */
/* Letters as ASCII has them, whatever the locale. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

void ascii_lower_all(char *text);
/* As strcmp, letters in either case. */
int ascii_compare(const char *a, const char *b);
/* Whether the text holds the word, letters in either case. `word` is in lower case and not
 * empty. */
bool ascii_holds(const void *text, size_t len, const char *word);

#endif
