/* SPDX-License-Identifier: MIT */
#include "rules/record.h"

#include <errno.h>

#include "base/str.h"

void record_clear_strings(strings *list)
{
	vec_each(list, text)
		free(*text);
	vec_free(list);
}

static void *slot_of(const struct field *field, void *record)
{
	return (char *)record + field->offset;
}

static int text_check(struct document *doc, const struct node *node, const struct field *field)
{
	if (node->kind != NODE_TEXT)
		return document_fault(doc, node->line, "%s has to be a text", field->key);
	if (!*node_text(doc, node))
		return document_fault(doc, node->line, "%s is empty", field->key);
	const char *wrong = field->wrong && !doc->proven ? field->wrong(node_text(doc, node))
							 : NULL;
	return wrong ? document_fault(doc, node->line, "%s: \"%s\" %s", field->key,
				      node_text(doc, node), wrong)
		     : 0;
}

static int read_text(struct document *doc, const struct node *node, const struct field *field,
		     void *slot)
{
	int r = text_check(doc, node, field);
	if (r < 0)
		return r;
	*(char **)slot = mem_strdup(node_text(doc, node));
	return 0;
}

static int read_word(struct document *doc, const struct node *node, const struct field *field,
		     void *slot)
{
	int r = text_check(doc, node, field);
	if (r < 0)
		return r;
	if (!field->parse(node_text(doc, node), slot))
		return document_fault(doc, node->line, "%s: \"%s\" is not one of %s",
				      field->key, node_text(doc, node), field->expected);
	return 0;
}

static int read_list_item(struct document *doc, const struct node *node,
			  const struct field *field, void *slot)
{
	if (field->kind == FIELD_WORDS)
		return read_word(doc, node, field, slot);
	int r = text_check(doc, node, field);
	if (r < 0)
		return r;
	*vec_add((strings *)slot) = mem_strdup(node_text(doc, node));
	return 0;
}

static int read_list(struct document *doc, const struct node *node, const struct field *field,
		     void *slot)
{
	if (node->kind != NODE_LIST)
		return document_fault(doc, node->line, "%s has to be a list", field->key);
	if (node->size == 1)
		return document_fault(doc, node->line, "%s is empty", field->key);
	node_each(node, item) {
		int r = read_list_item(doc, item, field, slot);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_field(struct document *doc, const struct node *node, const struct field *field,
		      void *record)
{
	void *slot = slot_of(field, record);
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(doc, node, field, slot);
	case FIELD_WORD:
		return read_word(doc, node, field, slot);
	case FIELD_LIST:
	case FIELD_WORDS:
		return read_list(doc, node, field, slot);
	case FIELD_NODE:
		*(const struct node **)slot = node;
	}
	return 0;
}

/* The index of the field that a key names, or -EINVAL. */
static int find_field(struct document *doc, const struct node *key, const struct field *fields)
{
	if (key->kind != NODE_TEXT)
		return document_fault(doc, key->line, "a key has to be a word");
	const char *name = node_text(doc, key);
	for (int i = 0; fields[i].key; i++)
		if (*fields[i].key == *name && strcmp(fields[i].key, name) == 0)
			return i;
	return document_fault(doc, key->line, "unknown key \"%s\"", name);
}

int record_read(struct document *doc, const struct node *node, const struct field *fields,
		void *record)
{
	if (node->kind != NODE_MAP)
		return document_fault(doc, node->line, "keys and values are expected here");
	uint64_t seen = 0;
	node_each(node, key) {
		int i = find_field(doc, key, fields);
		if (i < 0)
			return i;
		if (seen & UINT64_C(1) << i)
			return document_fault(doc, key->line, "%s stands here twice",
					      fields[i].key);
		seen |= UINT64_C(1) << i;
		const struct node *value = node_next(key);
		bool skip = fields[i].sample && doc->proven;
		int r = skip ? 0 : read_field(doc, value, &fields[i], record);
		if (r < 0)
			return r;
		key = value;
	}
	for (int i = 0; fields[i].key; i++)
		if (fields[i].required && !(seen & UINT64_C(1) << i))
			return document_fault(doc, node->line, "%s is missing", fields[i].key);
	return 0;
}

void record_clear(const struct field *fields, void *record)
{
	for (; fields->key; fields++) {
		void *slot = slot_of(fields, record);
		if (fields->kind == FIELD_LIST)
			record_clear_strings(slot);
		else if (fields->kind == FIELD_TEXT)
			free(*(char **)slot);
	}
}

int record_each(struct document *doc, const struct node *node, const char *key,
		int (*each)(struct document *doc, const struct node *item, void *context),
		void *context)
{
	if (node->kind != NODE_LIST)
		return document_fault(doc, node->line, "%s has to be a list", key);
	node_each(node, item) {
		int r = each(doc, item, context);
		if (r < 0)
			return r;
	}
	return 0;
}

const char *record_name_wrong(const char *text)
{
	size_t good = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return text[good] || *text == '-' ? "may hold only lower-case letters, digits and -"
					  : NULL;
}

bool record_parse_bool(const char *text, void *slot)
{
	*(bool *)slot = strcmp(text, "true") == 0;
	return *(bool *)slot || strcmp(text, "false") == 0;
}

bool record_parse_class(const char *text, void *slot)
{
	return class_parse(text, slot);
}

bool record_parse_severity(const char *text, void *slot)
{
	return severity_parse(text, slot);
}

bool record_parse_confidence(const char *text, void *slot)
{
	return confidence_parse(text, slot);
}
