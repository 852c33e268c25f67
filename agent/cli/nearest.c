/* SPDX-License-Identifier: MIT */
#include "cli/nearest.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

#define LONGEST 64 /* longer words are not typing mistakes */

/* Levenshtein's distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1], width = strlen(b);
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[width];
}

const char *nearest_find(const char *word, const char *const *names)
{
	size_t len = strlen(word), best = len / 3 + 2;
	const char *found = NULL;
	if (!len || len > LONGEST)
		return NULL;
	for (; *names; names++) {
		if (strlen(*names) > LONGEST)
			continue;
		size_t far = distance(word, *names);
		/* The start of a name is what people type of it. */
		if (len >= 3 && str_starts(*names, word) && far > 1)
			far = 1;
		if (far < best) {
			best = far;
			found = *names;
		}
	}
	return found;
}
