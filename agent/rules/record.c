/* SPDX-License-Identifier: MIT */
#include "rules/record.h"

#include <errno.h>

#include "base/str.h"

unsigned record_line(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

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

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static int scalar_check(struct document *doc, const yaml_node_t *node,
			const struct field *field)
{
	if (node->type != YAML_SCALAR_NODE)
		return document_fault(doc, record_line(node), "%s has to be a text",
				      field->key);
	if (!*scalar(node))
		return document_fault(doc, record_line(node), "%s is empty", field->key);
	const char *wrong = field->wrong ? field->wrong(scalar(node)) : NULL;
	return wrong ? document_fault(doc, record_line(node), "%s: \"%s\" %s", field->key,
				      scalar(node), wrong)
		     : 0;
}

static int read_text(struct document *doc, yaml_node_t *node, const struct field *field,
		     void *slot)
{
	int r = scalar_check(doc, node, field);
	if (r < 0)
		return r;
	*(char **)slot = mem_strdup(scalar(node));
	return 0;
}

static int read_word(struct document *doc, yaml_node_t *node, const struct field *field,
		     void *slot)
{
	int r = scalar_check(doc, node, field);
	if (r < 0)
		return r;
	if (!field->parse(scalar(node), slot))
		return document_fault(doc, record_line(node), "%s: \"%s\" is not one of %s",
				      field->key, scalar(node), field->expected);
	return 0;
}

static int read_list_item(struct document *doc, yaml_node_t *node, const struct field *field,
			  void *slot)
{
	if (field->kind == FIELD_WORDS)
		return read_word(doc, node, field, slot);
	int r = scalar_check(doc, node, field);
	if (r < 0)
		return r;
	*vec_add((strings *)slot) = mem_strdup(scalar(node));
	return 0;
}

static int read_list(struct document *doc, yaml_node_t *node, const struct field *field,
		     void *slot)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fault(doc, record_line(node), "%s has to be a list",
				      field->key);
	yaml_node_item_t *at = node->data.sequence.items.start;
	if (at == node->data.sequence.items.top)
		return document_fault(doc, record_line(node), "%s is empty", field->key);
	for (; at < node->data.sequence.items.top; at++) {
		int r = read_list_item(doc, yaml_document_get_node(&doc->yaml, *at), field,
				       slot);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_field(struct document *doc, yaml_node_t *node, const struct field *field,
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
		*(yaml_node_t **)slot = node;
	}
	return 0;
}

/* The index of the field that a key names, or -EINVAL. */
static int find_field(struct document *doc, const yaml_node_t *key, const struct field *fields)
{
	if (key->type != YAML_SCALAR_NODE)
		return document_fault(doc, record_line(key), "a key has to be a word");
	for (int i = 0; fields[i].key; i++)
		if (strcmp(fields[i].key, scalar(key)) == 0)
			return i;
	return document_fault(doc, record_line(key), "unknown key \"%s\"", scalar(key));
}

int record_read(struct document *doc, yaml_node_t *node, const struct field *fields,
		void *record)
{
	if (node->type != YAML_MAPPING_NODE)
		return document_fault(doc, record_line(node),
				      "keys and values are expected here");
	uint64_t seen = 0;
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(&doc->yaml, pair->key);
		int i = find_field(doc, key, fields);
		if (i < 0)
			return i;
		if (seen & UINT64_C(1) << i)
			return document_fault(doc, record_line(key), "%s stands here twice",
					      fields[i].key);
		seen |= UINT64_C(1) << i;
		int r = read_field(doc, yaml_document_get_node(&doc->yaml, pair->value),
				   &fields[i], record);
		if (r < 0)
			return r;
	}
	for (int i = 0; fields[i].key; i++)
		if (fields[i].required && !(seen & UINT64_C(1) << i))
			return document_fault(doc, record_line(node), "%s is missing",
					      fields[i].key);
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

int record_each(struct document *doc, yaml_node_t *node, const char *key,
		int (*each)(struct document *doc, yaml_node_t *item, void *context),
		void *context)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return document_fault(doc, record_line(node), "%s has to be a list", key);
	for (yaml_node_item_t *at = node->data.sequence.items.start;
	     at < node->data.sequence.items.top; at++) {
		int r = each(doc, yaml_document_get_node(&doc->yaml, *at), context);
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
