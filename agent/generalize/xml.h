/* SPDX-License-Identifier: MIT */
/* Strict and small: whether a text is well-formed XML 1.0 (W3C, fifth edition) without a
 * document type, and where its elements are. There is no library for it among those that
 * the program has, and an answer file needs no more. What a document type could bring
 * (entities of its own, files of others) is refused, and so is more than 64 levels.
 *
 * The text is UTF-8; see xml_text for what files hold. */
#ifndef GENERALIZE_XML_H
#define GENERALIZE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define XML_DEPTH 64
#define XML_ATTRIBUTES 32

struct xml_span {
	const char *at;
	size_t len;
};

struct xml_attribute {
	struct xml_span name, value; /* as written: references are not resolved */
};

enum xml_kind { XML_DECLARATION, XML_OPEN, XML_TEXT, XML_CLOSE };

struct xml_event {
	enum xml_kind kind;
	struct xml_span name; /* OPEN, CLOSE: with its prefix */
	struct xml_span text; /* TEXT: as written, also the content of CDATA */
	const struct xml_attribute *attributes;
	size_t attribute_count;
	unsigned depth;	   /* of the element, the outermost is 1; of text its element's */
	size_t start, end; /* bytes of the tag or text */
};

/* Negative ends the walk with that. */
typedef int xml_handler(const struct xml_event *event, void *context);

/* An element without content is told as OPEN and CLOSE of the same bytes. -EINVAL with the
 * reason and line in `fault` where it is not well-formed. */
int xml_walk(const char *text, size_t len, xml_handler *handler, void *context,
	     struct buf *fault);

/* The line of a byte, from 1. */
unsigned xml_line(const char *text, size_t at);

bool xml_is(struct xml_span span, const char *word);
/* Without its prefix. */
struct xml_span xml_local(struct xml_span name);
/* The value of an attribute, or NULL. */
const struct xml_span *xml_attribute(const struct xml_event *event, const char *name);

/* The UTF-8 of a file, whose first bytes may say that it is UTF-16; its mark is left out.
 * -EILSEQ: neither, or a character that XML does not have. */
int xml_text(const void *bytes, size_t len, struct buf *ret);

#endif
