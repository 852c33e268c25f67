/* SPDX-License-Identifier: MIT */
/* Inside of the TOML reader: where it stands, and its values of one word. */
#ifndef RULES_TOML_INSIDE_H
#define RULES_TOML_INSIDE_H

#include "rules/toml.h"

struct toml_reader {
	struct toml *doc;
	const char *at, *end; /* a NUL stands at `end` */
	unsigned line;
};

/* A string in quotes of any kind, from its first quote on; appended to the texts with a
 * NUL behind it. `lines`: three quotes are allowed. */
int toml_read_string(struct toml_reader *reader, bool lines, size_t *ret_text, size_t *ret_len);

/* A number, truth value, date or time; `at` stands behind it. */
int toml_read_word(struct toml_reader *reader, struct toml_node *ret);

#endif
