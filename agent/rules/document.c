/* SPDX-License-Identifier: MIT */
#include "rules/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

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

struct build {
	struct document *doc;
	unsigned documents;
	VEC(size_t) open; /* nodes whose end did not come yet */
};

static void open_node(struct build *build, enum node_kind kind, unsigned line)
{
	*vec_add(&build->open) = build->doc->made.n;
	*vec_add(&build->doc->made) = (struct node){.kind = kind, .line = line};
}

/* libyaml ends nothing that did not begin. */
static void close_node(struct build *build)
{
	if (!build->open.n || !build->open.v)
		return;
	size_t at = build->open.v[--build->open.n];
	build->doc->made.v[at].size = (unsigned)(build->doc->made.n - at);
}

static void add_text(struct document *doc, const char *text, unsigned line)
{
	*vec_add(&doc->made) = (struct node){.kind = NODE_TEXT,
					     .line = line,
					     .size = 1,
					     .text = (unsigned)doc->texts_made.len};
	buf_add(&doc->texts_made, text, strlen(text) + 1);
}

static void take(struct build *build, const yaml_event_t *event)
{
	unsigned line = line_of(event->start_mark);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		add_text(build->doc, (const char *)event->data.scalar.value, line);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(build, NODE_LIST, line);
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(build, NODE_MAP, line);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(build);
		break;
	default:
		break;
	}
}

static int read_events(struct build *build, yaml_parser_t *parser)
{
	for (bool more = true; more;) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event))
			return syntax_fault(build->doc, parser);
		const char *wrong = too_clever(&event, &build->documents);
		unsigned line = line_of(event.start_mark);
		more = event.type != YAML_STREAM_END_EVENT;
		if (!wrong)
			take(build, &event);
		yaml_event_delete(&event);
		if (wrong)
			return document_fault(build->doc, line, "%s", wrong);
	}
	return build->documents ? 0 : document_fault(build->doc, 1, "is empty");
}

int document_parse(struct document *doc, const char *text, size_t len, const char *file,
		   struct buf *fault)
{
	yaml_parser_t parser;
	struct build build = {.doc = doc};
	*doc = (struct document){.file = file, .fault = fault};
	if (!yaml_parser_initialize(&parser))
		return document_fault(doc, 1, "no memory for the YAML parser");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	int r = read_events(&build, &parser);
	yaml_parser_delete(&parser);
	vec_free(&build.open);
	doc->nodes = doc->made.v;
	doc->texts = doc->texts_made.data;
	return r;
}

void document_free(struct document *doc)
{
	vec_free(&doc->made);
	buf_free(&doc->texts_made);
}
