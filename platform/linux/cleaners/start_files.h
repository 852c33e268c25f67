/* SPDX-License-Identifier: MIT */
/* The start files of the system's shells and of one home, and what they set.
 *
 *     struct start_reader reader = {.guest = guest, .home = home, .set = ...,
 *                                   .context = ...};
 *     start_files_read(&reader);
 */
#ifndef CLEANERS_START_FILES_H
#define CLEANERS_START_FILES_H

#include "peek.h"
#include "words.h"

struct start_reader {
	const struct guest *guest;
	const char *home;
	const char *user; /* or NULL: not known */
	/* For each setting, in the order in which shells meet them; a value with
	 * WORDS_UNKNOWN differs from start to start. */
	void (*set)(const struct start_reader *reader, const char *name, const char *value);
	void *context;

	/* the setting at hand */
	const char *file;
	unsigned line;
	uint32_t writer; /* who owns the file */
	bool of_system;
	struct scope scope;
	peek_list read; /* files, once each */
};

void start_files_read(struct start_reader *reader);

#endif
