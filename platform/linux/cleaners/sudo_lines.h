/* SPDX-License-Identifier: MIT */
/* The lines of sudoers files, as far as it takes to tell whose a rule is. */
#ifndef CLEANERS_SUDO_LINES_H
#define CLEANERS_SUDO_LINES_H

#include "peek.h"

enum sudo_kind {
	SUDO_NOTHING,  /* blank, or a comment */
	SUDO_RULE,     /* users hosts = commands */
	SUDO_DEFAULTS, /* for everybody, or behind ':' for those in `users` */
	SUDO_ALIAS,
	SUDO_OTHER, /* @include and the like */
};

struct sudo_line {
	const char *raw; /* in the text that is read */
	size_t raw_len;	 /* all the lines that it goes over, newline included */
	enum sudo_kind kind;
	peek_list users;
	struct buf rest; /* behind the users */
};

/* The next line of a text; false behind the last. To be freed each time. */
bool sudo_next(const char **at, struct sudo_line *ret);
void sudo_line_free(struct sudo_line *line);

/* The files in /etc/sudoers.d that sudo reads: paths, sorted. */
void sudo_files(const struct guest *guest, peek_list *ret);

#endif
