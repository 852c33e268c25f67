/* SPDX-License-Identifier: MIT */
/* What is asked of the list of cleaners, whichever platform's it is. */
#include <string.h>

#include "plan/cleaner.h"

const struct cleaner *cleaner_find(const char *name)
{
	for (size_t i = 0; cleaners[i]; i++)
		if (strcmp(cleaners[i]->name, name) == 0)
			return cleaners[i];
	return NULL;
}

static bool blank(const char *text)
{
	return !text || !*text;
}

const char *cleaners_fault(void)
{
	for (size_t i = 0; cleaners[i]; i++) {
		const struct cleaner *cleaner = cleaners[i];
		if (blank(cleaner->name) || blank(cleaner->title) || blank(cleaner->why) ||
		    (!cleaner->plan && !cleaner->check) || !cleaner->os)
			return "a cleaner lacks its name, title, reason, system, plan or check";
		if (i && strcmp(cleaners[i - 1]->name, cleaner->name) >= 0)
			return "the cleaners are not sorted, or a name is there twice";
	}
	return NULL;
}
