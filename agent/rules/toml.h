/* SPDX-License-Identifier: MIT */
/* A TOML 1.0.0 document (toml.io/en/v1.0.0) as a tree in one array, for configurations
 * that others' programs have. Every fault is one line "file:line: what", and only the
 * first is kept.
 *
 *     struct toml doc;
 *     if (toml_parse(&doc, text, len, "x.toml", fault) < 0) ...
 *     unsigned title = toml_get(&doc, TOML_TOP, "title");
 *     if (title) puts(toml_text(&doc, title));
 *     toml_free(&doc);
 *
 * Nodes are known by their index; 0 is none, which has nothing below it. Tables in
 * tables are limited to TOML_DEPTH, the keys of one table to TOML_KEYS. */
#ifndef RULES_TOML_H
#define RULES_TOML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

enum toml_kind {
	TOML_NONE,
	TOML_TEXT,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOL,
	TOML_DATE, /* its text as it stands; its parts were checked */
	TOML_ARRAY,
	TOML_TABLE,
};

enum { TOML_TOP = 1, TOML_DEPTH = 32, TOML_KEYS = 4096 };

struct toml_node {
	enum toml_kind kind;
	unsigned line;
	unsigned next;	      /* in what holds it */
	unsigned first, last; /* of ARRAY and TABLE */
	unsigned count;
	size_t key, text; /* where in the texts */
	size_t key_len, text_len;
	int64_t integer; /* of BOOL: 0 or 1 */
	double number;	 /* of FLOAT */
	unsigned made;	 /* inside of the parser: what may still be added */
};

struct toml {
	VEC(struct toml_node) nodes;
	struct buf texts;
	const char *file;
	struct buf *fault;
};

/* -EINVAL with the fault. Free the document either way. */
int toml_parse(struct toml *doc, const char *text, size_t len, const char *file,
	       struct buf *fault);
void toml_free(struct toml *doc);

static inline const struct toml_node *toml_at(const struct toml *doc, unsigned node)
{
	return &doc->nodes.v[node];
}

/* The member of a table, letters of the key in either case; 0: it has none. */
unsigned toml_get(const struct toml *doc, unsigned table, const char *key);
/* Of TEXT and DATE; it may hold NULs when it is longer than it looks. */
const char *toml_text(const struct toml *doc, unsigned node);
const char *toml_key(const struct toml *doc, unsigned node);

/* Whether the word is a number; then its kind and value are set in *ret. */
bool toml_number(const char *word, struct toml_node *ret);

/* The members of a table or array, as they stand. */
#define toml_each(doc, above, it) \
	for (unsigned it = toml_at(doc, above)->first; it; it = toml_at(doc, it)->next)

/* Sets the fault and gives -EINVAL. */
int toml_fault(const struct toml *doc, unsigned line, const char *format, ...) FORMAT(3, 4);

#endif
