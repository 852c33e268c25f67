/* SPDX-License-Identifier: MIT */
#include "generalize/xml.h"

#include <errno.h>
#include <string.h>

#include "base/ascii.h"
#include "base/str.h"
#include "base/utf8.h"

struct parser {
	const char *text;
	size_t len, at;
	struct xml_span open[XML_DEPTH];
	unsigned depth;
	bool rooted; /* the outermost element has begun */
	struct xml_attribute attributes[XML_ATTRIBUTES];
	xml_handler *handler;
	void *context;
	struct buf *fault;
};

unsigned xml_line(const char *text, size_t at)
{
	unsigned line = 1;
	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

bool xml_is(struct xml_span span, const char *word)
{
	return span.len == strlen(word) && memcmp(span.at, word, span.len) == 0;
}

struct xml_span xml_local(struct xml_span name)
{
	const char *colon = memchr(name.at, ':', name.len);
	if (!colon)
		return name;
	size_t before = (size_t)(colon + 1 - name.at);
	return (struct xml_span){colon + 1, name.len - before};
}

const struct xml_span *xml_attribute(const struct xml_event *event, const char *name)
{
	for (size_t i = 0; i < event->attribute_count; i++)
		if (xml_is(event->attributes[i].name, name))
			return &event->attributes[i].value;
	return NULL;
}

static int wrong(const struct parser *parser, const char *what)
{
	buf_printf(parser->fault, "line %u: %s", xml_line(parser->text, parser->at), what);
	return -EINVAL;
}

static int tell(const struct parser *parser, struct xml_event event)
{
	return parser->handler(&event, parser->context);
}

/* ---- words ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool skip_space(struct parser *parser)
{
	size_t before = parser->at;
	while (parser->at < parser->len && is_space(parser->text[parser->at]))
		parser->at++;
	return parser->at > before;
}

static bool starts(const struct parser *parser, const char *word)
{
	size_t len = strlen(word);
	return parser->len - parser->at >= len &&
	       memcmp(parser->text + parser->at, word, len) == 0;
}

static bool skip(struct parser *parser, const char *word)
{
	if (!starts(parser, word))
		return false;
	parser->at += strlen(word);
	return true;
}

/* Moves behind the next `word`. */
static bool skip_past(struct parser *parser, const char *word)
{
	const char *found = str_find(parser->text + parser->at, parser->len - parser->at, word);
	if (!found)
		return false;
	parser->at = (size_t)(found - parser->text) + strlen(word);
	return true;
}

/* Letters of other scripts are all taken for letters of names. */
static bool is_name_start(char c)
{
	return ascii_is_letter((uint8_t)c) || c == '_' || c == ':' || (uint8_t)c >= 0x80;
}

static bool is_name(char c)
{
	return is_name_start(c) || ascii_is_digit((uint8_t)c) || c == '-' || c == '.';
}

static bool take_name(struct parser *parser, struct xml_span *ret)
{
	const char *from = parser->text + parser->at;
	if (parser->at == parser->len || !is_name_start(*from))
		return false;
	while (parser->at < parser->len && is_name(parser->text[parser->at]))
		parser->at++;
	*ret = (struct xml_span){from, (size_t)(parser->text + parser->at - from)};
	return true;
}

static bool is_character_number(struct xml_span number, unsigned base)
{
	uint32_t value = 0;
	if (!number.len)
		return false;
	for (size_t i = 0; i < number.len; i++) {
		uint8_t c = ascii_lower((uint8_t)number.at[i]);
		unsigned digit = ascii_is_digit(c) ? c - (unsigned)'0' : c - (unsigned)'a' + 10;
		if (!(ascii_is_digit(c) || (c >= 'a' && c <= 'f')) || digit >= base)
			return false;
		value = value * base + digit;
		if (value > 0x10ffff)
			return false;
	}
	return value == '\t' || value == '\n' || value == '\r' ||
	       (value >= 0x20 && value < 0xd800) || (value >= 0xe000 && value < 0xfffe) ||
	       value >= 0x10000;
}

/* Behind the &. */
static bool take_reference(struct parser *parser)
{
	const char *from = parser->text + parser->at;
	const char *end = memchr(from, ';', parser->len - parser->at);
	if (!end)
		return false;
	struct xml_span name = {from, (size_t)(end - from)};
	parser->at += name.len + 1;
	if (name.len > 2 && memcmp(from, "#x", 2) == 0)
		return is_character_number((struct xml_span){from + 2, name.len - 2}, 16);
	if (name.len > 1 && *from == '#')
		return is_character_number((struct xml_span){from + 1, name.len - 1}, 10);
	return xml_is(name, "lt") || xml_is(name, "gt") || xml_is(name, "amp") ||
	       xml_is(name, "quot") || xml_is(name, "apos");
}

/* ---- tags ---- */

static int take_value(struct parser *parser, struct xml_span *ret)
{
	char quote = parser->at < parser->len ? parser->text[parser->at] : 0;
	if (quote != '"' && quote != '\'')
		return wrong(parser, "the value of an attribute needs quotes");
	size_t from = ++parser->at;
	while (parser->at < parser->len && parser->text[parser->at] != quote) {
		char c = parser->text[parser->at++];
		if (c == '<' || (c == '&' && !take_reference(parser)))
			return wrong(parser, "a bad character in the value of an attribute");
	}
	if (parser->at == parser->len)
		return wrong(parser, "the value of an attribute has no end");
	*ret = (struct xml_span){parser->text + from, parser->at++ - from};
	return 0;
}

static int take_attribute(struct parser *parser, size_t *count)
{
	struct xml_attribute *attribute = &parser->attributes[*count];
	if (*count == XML_ATTRIBUTES)
		return wrong(parser, "too many attributes");
	if (!take_name(parser, &attribute->name))
		return wrong(parser, "a bad tag");
	for (size_t i = 0; i < *count; i++)
		if (parser->attributes[i].name.len == attribute->name.len &&
		    !memcmp(parser->attributes[i].name.at, attribute->name.at,
			    attribute->name.len))
			return wrong(parser, "an attribute stands twice");
	skip_space(parser);
	if (!skip(parser, "="))
		return wrong(parser, "an attribute without a value");
	skip_space(parser);
	++*count;
	return take_value(parser, &attribute->value);
}

static int close_element(struct parser *parser, struct xml_span name, size_t start)
{
	struct xml_event event = {.kind = XML_CLOSE,
				  .name = name,
				  .depth = parser->depth,
				  .start = start,
				  .end = parser->at};
	parser->depth--;
	return tell(parser, event);
}

static int take_open(struct parser *parser, size_t start)
{
	struct xml_event event = {
		.kind = XML_OPEN, .attributes = parser->attributes, .start = start};
	if (!take_name(parser, &event.name))
		return wrong(parser, "a bad tag");
	if (!parser->depth && parser->rooted)
		return wrong(parser, "a second outermost element");
	if (parser->depth == XML_DEPTH)
		return wrong(parser, "too many levels");
	for (;;) {
		bool space = skip_space(parser);
		if (starts(parser, ">") || starts(parser, "/>"))
			break;
		if (!space)
			return wrong(parser, "a bad tag");
		int r = take_attribute(parser, &event.attribute_count);
		if (r < 0)
			return r;
	}
	bool empty = skip(parser, "/");
	parser->at++;
	parser->rooted = true;
	parser->open[parser->depth++] = event.name;
	event.depth = parser->depth;
	event.end = parser->at;
	int r = tell(parser, event);
	return r < 0 || !empty ? r : close_element(parser, event.name, start);
}

static int take_close(struct parser *parser, size_t start)
{
	struct xml_span name, open;
	if (!take_name(parser, &name))
		return wrong(parser, "a bad tag");
	skip_space(parser);
	if (!skip(parser, ">"))
		return wrong(parser, "a bad tag");
	if (!parser->depth)
		return wrong(parser, "an end without its begin");
	open = parser->open[parser->depth - 1];
	if (open.len != name.len || memcmp(open.at, name.at, name.len) != 0)
		return wrong(parser, "an end that is another element's");
	return close_element(parser, name, start);
}

/* ---- what stands between tags ---- */

static int tell_text(struct parser *parser, struct xml_span text, size_t start)
{
	return tell(parser, (struct xml_event){.kind = XML_TEXT,
					       .text = text,
					       .depth = parser->depth,
					       .start = start,
					       .end = parser->at});
}

static int take_text(struct parser *parser)
{
	size_t start = parser->at;
	bool blank = true;
	while (parser->at < parser->len && parser->text[parser->at] != '<') {
		if (starts(parser, "]]>"))
			return wrong(parser, "]]> in a text");
		char c = parser->text[parser->at++];
		blank &= is_space(c);
		if (c == '&' && !take_reference(parser))
			return wrong(parser, "a bad reference");
	}
	if (!parser->depth && !blank)
		return wrong(parser, "text outside of the outermost element");
	if (!parser->depth)
		return 0;
	return tell_text(parser, (struct xml_span){parser->text + start, parser->at - start},
			 start);
}

static int take_cdata(struct parser *parser, size_t start)
{
	size_t from = parser->at;
	if (!parser->depth || !skip_past(parser, "]]>"))
		return wrong(parser, "a bad CDATA section");
	return tell_text(parser, (struct xml_span){parser->text + from, parser->at - 3 - from},
			 start);
}

static int take_comment(struct parser *parser)
{
	/* Two hyphens only stand at its end. */
	return skip_past(parser, "--") && skip(parser, ">") ? 0
							    : wrong(parser, "a bad comment");
}

static int take_instruction(struct parser *parser, size_t start)
{
	struct xml_span name;
	if (!take_name(parser, &name) || !skip_past(parser, "?>"))
		return wrong(parser, "a bad instruction");
	if (name.len != 3 || ascii_lower((uint8_t)name.at[0]) != 'x' ||
	    ascii_lower((uint8_t)name.at[1]) != 'm' || ascii_lower((uint8_t)name.at[2]) != 'l')
		return 0;
	if (start || !xml_is(name, "xml"))
		return wrong(parser, "the declaration of XML does not stand at the begin");
	return tell(
		parser,
		(struct xml_event){.kind = XML_DECLARATION, .start = start, .end = parser->at});
}

static int take_markup(struct parser *parser)
{
	size_t start = parser->at;
	if (skip(parser, "<!--"))
		return take_comment(parser);
	if (skip(parser, "<![CDATA["))
		return take_cdata(parser, start);
	if (starts(parser, "<!"))
		return wrong(parser, "a document type, which an answer file does not need");
	if (skip(parser, "<?"))
		return take_instruction(parser, start);
	if (skip(parser, "</"))
		return take_close(parser, start);
	parser->at++;
	return take_open(parser, start);
}

int xml_walk(const char *text, size_t len, xml_handler *handler, void *context,
	     struct buf *fault)
{
	struct parser parser = {.text = text,
				.len = len,
				.handler = handler,
				.context = context,
				.fault = fault};
	while (parser.at < len) {
		int r = text[parser.at] == '<' ? take_markup(&parser) : take_text(&parser);
		if (r < 0)
			return r;
	}
	if (parser.depth)
		return wrong(&parser, "an element has no end");
	return parser.rooted ? 0 : wrong(&parser, "there is no element");
}

/* ---- what files hold ---- */

static bool is_character(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

static uint32_t unit_at(const uint8_t *at, bool big)
{
	return (uint32_t)(at[!big] << 8 | at[big]);
}

static int from_wide(const uint8_t *at, size_t len, bool big, struct buf *ret)
{
	if (len % 2)
		return -EILSEQ;
	for (size_t i = 0; i < len; i += 2) {
		uint32_t c = unit_at(at + i, big);
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < len) {
			uint32_t low = unit_at(at + i + 2, big);
			if (low < 0xdc00 || low > 0xdfff)
				return -EILSEQ;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		if (!is_character(c) || (c >= 0xd800 && c < 0xe000))
			return -EILSEQ;
		uint8_t units[4];
		buf_add(ret, units, utf8_put(c, units));
	}
	return 0;
}

static int from_utf8(const uint8_t *at, size_t len, struct buf *ret)
{
	for (size_t i = 0; i < len;) {
		size_t units = utf8_length(at + i, len - i);
		if (!units || units > len - i || (units == 1 && !is_character(at[i])) ||
		    (units == 3 && at[i] == 0xef && at[i + 1] == 0xbf && at[i + 2] >= 0xbe))
			return -EILSEQ;
		i += units;
	}
	buf_add(ret, at, len);
	return 0;
}

int xml_text(const void *bytes, size_t len, struct buf *ret)
{
	const uint8_t *at = bytes;
	if (len >= 2 && ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff)))
		return from_wide(at + 2, len - 2, at[0] == 0xfe, ret);
	if (len >= 3 && at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf)
		return from_utf8(at + 3, len - 3, ret);
	return from_utf8(at, len, ret);
}
