/* SPDX-License-Identifier: MIT */
#include "rules/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

int document_fault(const struct document *doc, unsigned line, const char *format, ...)
{
	char what[512];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (!doc->fault->len) {
		buf_printf(doc->fault, "%s:%u: ", doc->file, line);
		str_quote(doc->fault, what);
	}
	return -EINVAL;
}

static unsigned line_of(yaml_mark_t mark)
{
	return (unsigned)mark.line + 1;
}

static int syntax_fault(const struct document *doc, const yaml_parser_t *parser)
{
	return document_fault(doc, line_of(parser->problem_mark), "%s",
			      str_or(parser->problem, "can not be read as YAML"));
}

/* What YAML can do beyond plain data. A pack has no need for it, and two ways to
 * say one thing would make it harder to review. */
static const char *too_clever(const yaml_event_t *event, unsigned *documents)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases are not allowed";
	case YAML_DOCUMENT_START_EVENT:
		return ++*documents > 1 ? "only one document in a file" : NULL;
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
			return "a text holds a NUL byte";
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default:
		break;
	}
	return anchor ? "anchors are not allowed" : tag ? "tags are not allowed" : NULL;
}

/* A pass of its own over the events, as a loaded document no longer shows which
 * nodes came from an alias. */
static int check_plain(struct document *doc, yaml_parser_t *parser)
{
	unsigned documents = 0;
	for (bool more = true; more;) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event))
			return syntax_fault(doc, parser);
		const char *wrong = too_clever(&event, &documents);
		unsigned line = line_of(event.start_mark);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (wrong)
			return document_fault(doc, line, "%s", wrong);
	}
	return documents ? 0 : document_fault(doc, 1, "is empty");
}

static int load(struct document *doc, yaml_parser_t *parser)
{
	return yaml_parser_load(parser, &doc->yaml) ? 0 : syntax_fault(doc, parser);
}

static int with_parser(struct document *doc, const char *text, size_t len,
		       int (*use)(struct document *, yaml_parser_t *))
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return document_fault(doc, 1, "no memory for the YAML parser");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	int r = use(doc, &parser);
	yaml_parser_delete(&parser);
	return r;
}

int document_parse(struct document *doc, const char *text, size_t len, const char *file,
		   struct buf *fault)
{
	*doc = (struct document){.file = file, .fault = fault};
	int r = with_parser(doc, text, len, check_plain);
	return r < 0 ? r : with_parser(doc, text, len, load);
}

int document_parse_proven(struct document *doc, const char *text, size_t len, const char *file,
			  struct buf *fault)
{
	*doc = (struct document){.file = file, .fault = fault};
	return with_parser(doc, text, len, load);
}

void document_free(struct document *doc)
{
	yaml_document_delete(&doc->yaml);
}

yaml_node_t *document_top(struct document *doc)
{
	return yaml_document_get_root_node(&doc->yaml);
}
