/* SPDX-License-Identifier: MIT */
/* The mappings of a YAML document read into C structs by a table of fields.
 *
 *     struct document doc;
 *     if (document_parse(&doc, text, len, "x.yaml", fault) < 0)
 *             return -EINVAL;
 *     r = record_read(&doc, doc.nodes, fields, &record);
 *     document_free(&doc);
 */
#ifndef RULES_RECORD_H
#define RULES_RECORD_H

#include "rules/document.h"
#include "rules/rules.h"

enum field_kind {
	FIELD_TEXT,  /* char *, not empty */
	FIELD_LIST,  /* strings, at least one, each not empty */
	FIELD_WORD,  /* one text for `parse` */
	FIELD_WORDS, /* a list of texts, each for `parse` */
	FIELD_NODE,  /* const struct node *, read by the caller */
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset; /* in the record */
	bool required;
	bool (*parse)(const char *text, void *slot);
	const char *expected;			/* what `parse` takes, for the fault */
	const char *(*wrong)(const char *text); /* of TEXT and LIST: NULL or what */
	bool sample;				/* only read where it is checked */
};

/* Fills *record (zeroed by the caller) from a mapping. On a fault what was
 * read so far stays in the record: clear it. */
int record_read(struct document *doc, const struct node *node, const struct field *fields,
		void *record);
void record_clear(const struct field *fields, void *record);

/* Calls `each` for every item of a sequence until one gives a fault. */
int record_each(struct document *doc, const struct node *node, const char *key,
		int (*each)(struct document *doc, const struct node *item, void *context),
		void *context);

/* For field.wrong and field.parse. */
const char *record_name_wrong(const char *text);
bool record_parse_bool(const char *text, void *slot);
bool record_parse_class(const char *text, void *slot);
bool record_parse_severity(const char *text, void *slot);
bool record_parse_confidence(const char *text, void *slot);

#define RECORD_CLASSES "personal, identity, service, trace or business"
#define RECORD_SEVERITIES "info, low, medium, high or critical"
#define RECORD_CONFIDENCES "low, medium or high"

void record_clear_strings(strings *list);

#endif
