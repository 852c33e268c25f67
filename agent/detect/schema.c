/* SPDX-License-Identifier: MIT */
#include "detect/schema.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/str.h"

enum { COLUMNS_IN_ALL = 1 << 20 };

/* ---- words of SQL ---- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_bare(uint8_t c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '$' || c >= 0x80;
}

static struct bytes behind(struct bytes text, size_t n)
{
	return (struct bytes){text.at + n, text.len - n};
}

/* Blanks and comments. */
static struct bytes skip_blank(struct bytes text)
{
	for (;;) {
		while (text.len && is_blank(*text.at))
			text = behind(text, 1);
		const char *end = text.len > 1 && !memcmp(text.at, "--", 2)   ? "\n"
				  : text.len > 1 && !memcmp(text.at, "/*", 2) ? "*/"
									      : NULL;
		if (!end)
			return text;
		const uint8_t *stop = str_find(text.at, text.len, end);
		if (!stop)
			return (struct bytes){text.at + text.len, 0};
		text = behind(text, (size_t)(stop - text.at) + strlen(end));
	}
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`' || c == '[';
}

/* A word, a quoted name, or one other character; empty at the end. */
static struct bytes next_word(struct bytes *text)
{
	*text = skip_blank(*text);
	struct bytes word = {text->at, 0};
	if (!text->len)
		return word;
	if (is_quote(*text->at)) {
		uint8_t close = *text->at == '[' ? ']' : *text->at;
		const uint8_t *end = memchr(text->at + 1, close, text->len - 1);
		word.len = end ? (size_t)(end - text->at) + 1 : text->len;
	} else if (is_bare(*text->at)) {
		while (word.len < text->len && is_bare(text->at[word.len]))
			word.len++;
	} else {
		word.len = 1;
	}
	*text = behind(*text, word.len);
	return word;
}

static bool word_is(struct bytes word, const char *text)
{
	return word.len == strlen(text) && !strncasecmp((const char *)word.at, text, word.len);
}

/* ---- names ---- */

/* Names are shown: nothing in them may look like more than a name. */
static char *name_of(struct bytes word)
{
	if (word.len > 1 && is_quote(*word.at))
		word = (struct bytes){word.at + 1, word.len - 2};
	if (word.len > SCHEMA_NAME_MAX)
		word.len = SCHEMA_NAME_MAX;
	char *name = mem_strndup((const char *)word.at, word.len);
	for (char *c = name; *c; c++)
		if ((uint8_t)*c < ' ' || *c == 0x7f || *c == '!')
			*c = '?';
	return name;
}

static bool has_any(const char *name, const char *const *words)
{
	for (; *words; words++)
		if (ascii_holds(name, strlen(name), *words))
			return true;
	return false;
}

static void add_column(struct schema *schema, struct table *table, struct bytes word)
{
	static const char *const values[] = {"value", "content", "data", "setting", NULL};
	static const char *const telling[] = {"pass",  "pwd",  "pin", "secret",
					      "token", "code", "key", NULL};
	struct column *column = vec_add(&table->columns);
	column->name = name_of(word);
	column->len = strlen(column->name);
	column->telling = has_any(column->name, telling);
	column->any_value = !column->telling && (has_any(column->name, values) ||
						 !strcasecmp(column->name, "val") ||
						 !strcasecmp(column->name, "v"));
	table->keyed |= column->any_value;
	schema->columns++;
}

/* ---- CREATE TABLE name (column type constraint, ..., constraint) ---- */

static bool is_constraint(struct bytes word)
{
	static const char *const words[] = {"constraint", "primary", "unique",
					    "check",	  "foreign", NULL};
	for (const char *const *w = words; *w; w++)
		if (word_is(word, *w))
			return true;
	return false;
}

static void mark_primary(struct table *table, struct bytes word)
{
	_cleanup_free_ char *name = name_of(word);
	vec_each(&table->columns, column)
		if (!strcasecmp(column->name, name))
			column->primary = true;
}

/* One definition and the comma or parenthesis that ends it; true: a comma. */
static bool read_definition(struct schema *schema, struct table *table, struct bytes *sql)
{
	struct bytes word = next_word(sql);
	bool is_column = !is_constraint(word), primary = word_is(word, "primary");
	unsigned depth = 0;
	if (!word.len || table->columns.n == SCHEMA_COLUMNS_MAX ||
	    schema->columns >= COLUMNS_IN_ALL)
		return false;
	if (is_column)
		add_column(schema, table, word);
	while ((word = next_word(sql)).len) {
		if (!depth && (*word.at == ',' || *word.at == ')'))
			return *word.at == ',';
		depth += *word.at == '(';
		depth -= *word.at == ')';
		if (!is_column && primary && depth)
			mark_primary(table, word);
		if (!word_is(word, "primary"))
			continue;
		primary = true;
		if (is_column)
			table->columns.v[table->columns.n - 1].primary = true;
	}
	return false;
}

static void read_columns(struct schema *schema, struct table *table, struct bytes sql)
{
	struct bytes word;
	while ((word = next_word(&sql)).len && *word.at != '(')
		;
	while (word.len && read_definition(schema, table, &sql))
		;
}

long schema_add(struct schema *schema, struct bytes name, struct bytes sql, bool is_index)
{
	if (schema->tables.n == SCHEMA_TABLES_MAX)
		return -1;
	struct table *table = vec_add(&schema->tables);
	table->name = name_of(name);
	table->is_index = is_index;
	if (!is_index)
		read_columns(schema, table, sql);
	return (long)schema->tables.n - 1;
}

void schema_key_first(struct table *table)
{
	for (size_t i = 0, front = 0; i < table->columns.n; i++) {
		struct column column = table->columns.v[i];
		if (!column.primary)
			continue;
		memmove(&table->columns.v[front + 1], &table->columns.v[front],
			(i - front) * sizeof column);
		table->columns.v[front++] = column;
	}
}

void schema_free(struct schema *schema)
{
	vec_each(&schema->tables, table) {
		vec_each(&table->columns, column)
			free(column->name);
		vec_free(&table->columns);
		free(table->name);
	}
	vec_free(&schema->tables);
}
