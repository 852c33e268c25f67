/* SPDX-License-Identifier: MIT */
/* What may be added to a table depends on how it came to be: `[a.b]` makes b and,
 * in passing, a, which may still get a header of its own; `a.b = 1` makes an a that may
 * only grow by such keys of the same table; a table or an array in brackets is
 * finished where its bracket closes. */
#include "rules/toml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/toml_inside.h"

enum {
	MADE_PASSING = 1, /* by a header of something below it */
	MADE_HEADER = 2,
	MADE_DOTTED = 4,
	MADE_CLOSED = 8, /* in brackets */
	MADE_LIST = 16,	 /* an array of [[tables]] */
};

int toml_fault(const struct toml *doc, unsigned line, const char *format, ...)
{
	char what[300];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (!doc->fault->len)
		buf_printf(doc->fault, "%s:%u: %s", doc->file, line, what);
	return -EINVAL;
}

const char *toml_text(const struct toml *doc, unsigned node)
{
	return buf_text(&doc->texts) + toml_at(doc, node)->text;
}

const char *toml_key(const struct toml *doc, unsigned node)
{
	return buf_text(&doc->texts) + toml_at(doc, node)->key;
}

unsigned toml_get(const struct toml *doc, unsigned table, const char *key)
{
	if (toml_at(doc, table)->kind == TOML_TABLE)
		toml_each(doc, table,
			  it) if (ascii_compare(toml_key(doc, it), key) == 0) return it;
	return 0;
}

/* ---- the tree ---- */

struct key {
	size_t at, len; /* in the texts */
};

static unsigned find(const struct toml *doc, unsigned table, const struct key *key)
{
	const char *texts = buf_text(&doc->texts);
	toml_each(doc, table, it)
	{
		const struct toml_node *node = toml_at(doc, it);
		if (node->key_len == key->len &&
		    memcmp(texts + node->key, texts + key->at, key->len) == 0)
			return it;
	}
	return 0;
}

static unsigned add(struct toml_reader *r, unsigned above, const struct key *key,
		    struct toml_node node)
{
	struct toml *doc = r->doc;
	unsigned index = (unsigned)doc->nodes.n;
	node.line = r->line;
	if (key) {
		node.key = key->at;
		node.key_len = key->len;
	}
	*vec_add(&doc->nodes) = node;
	struct toml_node *holder = &doc->nodes.v[above];
	if (holder->last)
		doc->nodes.v[holder->last].next = index;
	else
		holder->first = index;
	holder->last = index;
	holder->count++;
	return index;
}

static unsigned add_table(struct toml_reader *r, unsigned above, const struct key *key,
			  unsigned made)
{
	return add(r, above, key, (struct toml_node){.kind = TOML_TABLE, .made = made});
}

static int too_many(const struct toml_reader *r, unsigned table)
{
	return toml_at(r->doc, table)->count < TOML_KEYS
		       ? 0
		       : toml_fault(r->doc, r->line, "a table has more than %d keys",
				    TOML_KEYS);
}

static int twice(const struct toml_reader *r, const struct key *key)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	str_quote(&quoted, buf_text(&r->doc->texts) + key->at);
	return toml_fault(r->doc, r->line, "\"%.80s\" is there already", buf_text(&quoted));
}

/* ---- white space ---- */

static void skip_blanks(struct toml_reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
}

static int skip_comment(struct toml_reader *r)
{
	if (r->at == r->end || *r->at != '#')
		return 0;
	for (; r->at < r->end && *r->at != '\n'; r->at++) {
		unsigned char c = (unsigned char)*r->at;
		if (c == '\r' && r->at[1] == '\n')
			return 0;
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return toml_fault(r->doc, r->line,
					  "a control character stands in a comment");
	}
	return 0;
}

static bool skip_newline(struct toml_reader *r)
{
	size_t n = r->at < r->end && *r->at == '\r' ? 1 : 0;
	if (r->at + n >= r->end || r->at[n] != '\n')
		return false;
	r->at += n + 1;
	r->line++;
	return true;
}

/* Also over ends of lines, as between the values of an array. */
static int skip_all(struct toml_reader *r)
{
	int fell;
	do {
		skip_blanks(r);
		fell = skip_comment(r);
	} while (!fell && skip_newline(r));
	return fell;
}

static int end_line(struct toml_reader *r)
{
	skip_blanks(r);
	int fell = skip_comment(r);
	if (fell || r->at == r->end || skip_newline(r))
		return fell;
	return toml_fault(r->doc, r->line, "something stands behind what is whole");
}

static bool take(struct toml_reader *r, char c)
{
	bool there = r->at < r->end && *r->at == c;
	r->at += there;
	return there;
}

/* ---- keys ---- */

typedef struct {
	struct key parts[TOML_DEPTH];
	size_t n;
} key_path;

static bool is_bare(char c)
{
	return ascii_is_letter((uint8_t)c) || ascii_is_digit((uint8_t)c) || c == '_' ||
	       c == '-';
}

static int read_part(struct toml_reader *r, struct key *ret)
{
	if (r->at < r->end && (*r->at == '"' || *r->at == '\''))
		return toml_read_string(r, false, &ret->at, &ret->len);
	const char *start = r->at;
	while (r->at < r->end && is_bare(*r->at))
		r->at++;
	ret->at = r->doc->texts.len;
	ret->len = (size_t)(r->at - start);
	buf_add(&r->doc->texts, start, ret->len);
	buf_add(&r->doc->texts, "", 1);
	return ret->len ? 0 : toml_fault(r->doc, r->line, "a key is missing");
}

static int read_keys(struct toml_reader *r, key_path *ret)
{
	int fell;
	ret->n = 0;
	do {
		if (ret->n == TOML_DEPTH)
			return toml_fault(r->doc, r->line, "a key has too many parts");
		skip_blanks(r);
		fell = read_part(r, &ret->parts[ret->n++]);
		skip_blanks(r);
	} while (!fell && take(r, '.'));
	return fell;
}

/* ---- values ---- */

static int read_value(struct toml_reader *r, unsigned above, const struct key *key,
		      unsigned depth);

static int read_array(struct toml_reader *r, unsigned array, unsigned depth)
{
	for (;;) {
		int fell = skip_all(r);
		if (fell || take(r, ']'))
			return fell;
		fell = read_value(r, array, NULL, depth + 1);
		if (!fell)
			fell = skip_all(r);
		if (fell)
			return fell;
		if (!take(r, ',') && (r->at == r->end || *r->at != ']'))
			return toml_fault(r->doc, r->line, "an array lacks , or ]");
	}
}

static int read_pair(struct toml_reader *r, unsigned table, unsigned depth);

static int read_inline(struct toml_reader *r, unsigned table, unsigned depth)
{
	skip_blanks(r);
	if (take(r, '}'))
		return 0;
	for (;;) {
		int fell = read_pair(r, table, depth + 1);
		skip_blanks(r);
		if (fell || take(r, '}'))
			return fell;
		if (!take(r, ','))
			return toml_fault(r->doc, r->line, "a table in braces lacks , or }");
	}
}

/* What stands below it is finished as well. */
static void close_all(struct toml *doc, unsigned from)
{
	for (size_t i = from; i < doc->nodes.n; i++)
		doc->nodes.v[i].made = MADE_CLOSED;
}

static int read_value(struct toml_reader *r, unsigned above, const struct key *key,
		      unsigned depth)
{
	struct toml_node node = {.made = MADE_CLOSED};
	char c = r->at < r->end ? *r->at : 0;
	int fell = 0;
	if (depth >= TOML_DEPTH)
		return toml_fault(r->doc, r->line, "values stand in each other too deeply");
	if (c == '[' || c == '{') {
		r->at++;
		node.kind = c == '[' ? TOML_ARRAY : TOML_TABLE;
		node.made = 0;
		unsigned index = add(r, above, key, node);
		fell = c == '[' ? read_array(r, index, depth) : read_inline(r, index, depth);
		close_all(r->doc, index);
		return fell;
	}
	if (c == '"' || c == '\'') {
		node.kind = TOML_TEXT;
		fell = toml_read_string(r, true, &node.text, &node.text_len);
	} else {
		fell = toml_read_word(r, &node);
	}
	if (!fell)
		add(r, above, key, node);
	return fell;
}

/* The table that all parts but the last of a dotted key, or of a header, lead to; there is
 * room in it. */
static int walk(struct toml_reader *r, const key_path *keys, bool header, unsigned *table)
{
	for (size_t i = 0; i + 1 < keys->n; i++) {
		unsigned next = find(r->doc, *table, &keys->parts[i]);
		int fell = next ? 0 : too_many(r, *table);
		if (fell)
			return fell;
		if (!next)
			next = add_table(r, *table, &keys->parts[i],
					 header ? MADE_PASSING : MADE_DOTTED);
		const struct toml_node *node = toml_at(r->doc, next);
		bool open = header ? !(node->made & MADE_CLOSED) : node->made & MADE_DOTTED;
		if (header && node->made & MADE_LIST) /* its newest table is meant */
			next = node->last;
		else if (node->kind != TOML_TABLE || !open)
			return twice(r, &keys->parts[i]);
		*table = next;
	}
	return too_many(r, *table);
}

static int read_pair(struct toml_reader *r, unsigned table, unsigned depth)
{
	key_path keys;
	int fell = read_keys(r, &keys);
	if (!fell && !take(r, '='))
		fell = toml_fault(r->doc, r->line, "a key lacks its =");
	if (!fell)
		fell = walk(r, &keys, false, &table);
	if (fell)
		return fell;
	const struct key *last = &keys.parts[keys.n - 1];
	if (find(r->doc, table, last))
		return twice(r, last);
	skip_blanks(r);
	return read_value(r, table, last, depth + (unsigned)keys.n - 1);
}

/* ---- headers ---- */

static int open_table(struct toml_reader *r, const struct key *key, unsigned *table)
{
	unsigned known = find(r->doc, *table, key);
	if (!known) {
		*table = add_table(r, *table, key, MADE_HEADER);
		return 0;
	}
	struct toml_node *node = &r->doc->nodes.v[known];
	if (node->kind != TOML_TABLE || node->made != MADE_PASSING)
		return twice(r, key);
	node->made = MADE_HEADER;
	*table = known;
	return 0;
}

static int open_list(struct toml_reader *r, const struct key *key, unsigned *table)
{
	unsigned list = find(r->doc, *table, key);
	if (list && !(toml_at(r->doc, list)->made & MADE_LIST))
		return twice(r, key);
	if (!list)
		list = add(r, *table, key,
			   (struct toml_node){.kind = TOML_ARRAY, .made = MADE_LIST});
	*table = add_table(r, list, NULL, MADE_HEADER);
	return 0;
}

static int read_header(struct toml_reader *r, unsigned *ret_table)
{
	key_path keys;
	bool list = take(r, '[');
	int fell = read_keys(r, &keys);
	if (!fell && (!take(r, ']') || (list && !take(r, ']'))))
		fell = toml_fault(r->doc, r->line, "a header lacks its ]");
	*ret_table = TOML_TOP;
	if (!fell)
		fell = walk(r, &keys, true, ret_table);
	if (fell)
		return fell;
	const struct key *last = &keys.parts[keys.n - 1];
	return list ? open_list(r, last, ret_table) : open_table(r, last, ret_table);
}

/* ---- the document ---- */

static int check_utf8(const struct toml *doc, const char *text, size_t len)
{
	unsigned line = 1;
	for (size_t at = 0; at < len;) {
		size_t n = utf8_length((const uint8_t *)text + at, len - at);
		if (!n || n > len - at || !text[at])
			return toml_fault(doc, line, "this is no text in UTF-8");
		line += text[at] == '\n';
		at += n;
	}
	return 0;
}

static int read_document(struct toml_reader *r)
{
	unsigned table = TOML_TOP;
	int fell = 0;
	while (!fell && !(fell = skip_all(r)) && r->at < r->end) {
		fell = take(r, '[') ? read_header(r, &table) : read_pair(r, table, 0);
		if (!fell)
			fell = end_line(r);
	}
	return fell;
}

int toml_parse(struct toml *doc, const char *text, size_t len, const char *file,
	       struct buf *fault)
{
	*doc = (struct toml){.file = file, .fault = fault};
	vec_add(&doc->nodes);
	vec_add(&doc->nodes)->kind = TOML_TABLE;
	buf_add(&doc->texts, "", 1); /* what has no key or text has an empty one */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, len -= 3;
	struct toml_reader reader = {doc, text, text + len, 1};
	int fell = check_utf8(doc, text, len);
	return fell ? fell : read_document(&reader);
}

void toml_free(struct toml *doc)
{
	vec_free(&doc->nodes);
	buf_free(&doc->texts);
}
