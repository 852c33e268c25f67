/* SPDX-License-Identifier: MIT */
/* A YAML document, plain data only, as a flat tree. libyaml makes it of a file; that of
 * a pack inside was made while building. Every fault is one line "file:line: what", and
 * only the first is kept.
 *
 *     node_each(list, item)
 *             puts(node_text(&doc, item));
 */
#ifndef RULES_DOCUMENT_H
#define RULES_DOCUMENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/vec.h"

enum node_kind {
	NODE_TEXT,
	NODE_LIST,
	NODE_MAP, /* below it: key, value, key, value */
};

/* All that is below a node stands right behind it. */
struct node {
	enum node_kind kind;
	unsigned line;
	unsigned size; /* nodes: this one and all below */
	unsigned text; /* of NODE_TEXT: where in the texts */
};

struct document {
	const struct node *nodes; /* the first is the top */
	const char *texts;	  /* each ends in a NUL */
	const char *file;
	struct buf *fault;
	bool proven;	       /* its content was checked before: only its form is */
	VEC(struct node) made; /* what document_parse fills, to be freed */
	struct buf texts_made;
};

static inline const char *node_text(const struct document *doc, const struct node *node)
{
	return doc->texts + node->text;
}

/* What follows the node and all that is below it. */
static inline const struct node *node_next(const struct node *node)
{
	return node + node->size;
}

#define node_each(above, it) \
	for (const struct node *it = (above) + 1; it < node_next(above); it = node_next(it))

/* -EINVAL with the fault; aliases, tags and further documents are refused. Free the
 * document either way. */
int document_parse(struct document *doc, const char *text, size_t len, const char *file,
		   struct buf *fault);
void document_free(struct document *doc);

/* Sets the fault and gives -EINVAL. */
int document_fault(const struct document *doc, unsigned line, const char *format, ...)
	FORMAT(3, 4);

#endif
