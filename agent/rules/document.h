/* SPDX-License-Identifier: MIT */
/* A YAML document, plain data only. Every fault is one line "file:line: what",
 * and only the first is kept. */
#ifndef RULES_DOCUMENT_H
#define RULES_DOCUMENT_H

#include <yaml.h>

#include "base/buf.h"

struct document {
	yaml_document_t yaml;
	const char *file;
	struct buf *fault;
};

/* -EINVAL with the fault; aliases, tags and further documents are refused. */
int document_parse(struct document *doc, const char *text, size_t len, const char *file,
		   struct buf *fault);
/* Of a text that is known to pass document_parse: half the work. */
int document_parse_proven(struct document *doc, const char *text, size_t len, const char *file,
			  struct buf *fault);
void document_free(struct document *doc);
yaml_node_t *document_top(struct document *doc);

/* Sets the fault and gives -EINVAL. */
int document_fault(const struct document *doc, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
