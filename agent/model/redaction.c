/* SPDX-License-Identifier: MIT */
#include "model/redaction.h"

static const char word[] = "REDACTED";

static bool stays(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static char letter(size_t at)
{
	return at < sizeof word - 1 ? word[at] : 'x';
}

void redaction_fill(char *bytes, size_t n)
{
	for (size_t i = 0, at = 0; i < n; i++)
		if (!stays(bytes[i]))
			bytes[i] = letter(at++);
}

bool redaction_is(const char *bytes, size_t n)
{
	for (size_t i = 0, at = 0; i < n; i++)
		if (!stays(bytes[i]) && bytes[i] != letter(at++))
			return false;
	return n > 0;
}
