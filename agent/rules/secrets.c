/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "base/glob.h"
#include "base/str.h"
#include "rules/pack.h"

enum { BEFORE_MAX = 500 };
#define ONE "{one:"

static const char *keyword_wrong(const char *text)
{
	if (strlen(text) < KEYWORD_MIN)
		return "is shorter than 3 bytes";
	if (strlen(text) > KEYWORD_MAX)
		return "is longer than 200 bytes";
	return NULL;
}

static const char *path_wrong(const char *text)
{
	return *text == '/' ? glob_fault(text) : "has to start with /";
}

static const char *sample_wrong(const char *text)
{
	_cleanup_(buf_wipe) struct buf expanded = {0};
	return sample_expand(text, &expanded) < 0 ? "uses an unknown {template:N}" : NULL;
}

static const char *pattern_wrong(const char *text)
{
	return strstr(text, "(?<secret>") ? NULL : "has no group (?<secret>...)";
}

static bool parse_before(const char *text, void *slot)
{
	uint64_t number;
	if (!str_number(text, &number) || number < KEYWORD_MIN || number > BEFORE_MAX)
		return false;
	*(unsigned *)slot = (unsigned)number;
	return true;
}

#define AT(member) offsetof(struct secret_rule, member)
/* clang-format off */
static const struct field fields[] = {
	{.key = "name", FIELD_TEXT, AT(name), true, .wrong = record_name_wrong},
	{.key = "title", FIELD_TEXT, AT(title), true},
	{.key = "why", FIELD_TEXT, AT(why), true},
	{.key = "advice", FIELD_TEXT, AT(advice), true},
	{.key = "source", FIELD_TEXT, AT(source), true},
	{.key = "provider", FIELD_TEXT, AT(provider)},
	{.key = "kind", FIELD_TEXT, AT(kind)},
	{.key = "class", FIELD_WORD, AT(class), true, record_parse_class, RECORD_CLASSES},
	{.key = "severity", FIELD_WORD, AT(severity), true, record_parse_severity,
	 RECORD_SEVERITIES},
	{.key = "confidence", FIELD_WORD, AT(confidence), true, record_parse_confidence,
	 RECORD_CONFIDENCES},
	{.key = "keywords", FIELD_LIST, AT(keywords), .wrong = keyword_wrong},
	{.key = "expensive", FIELD_WORD, AT(expensive), false, record_parse_bool,
	 "true or false"},
	{.key = "unlisted", FIELD_WORD, AT(unlisted), false, record_parse_bool,
	 "true or false"},
	{.key = "token", FIELD_WORD, AT(token), false, record_parse_bool, "true or false"},
	{.key = "beside", FIELD_LIST, AT(beside), .wrong = record_name_wrong},
	{.key = "partner", FIELD_WORD, AT(partner), false, record_parse_bool, "true or false"},
	{.key = "before", FIELD_WORD, AT(before), false, parse_before, "a number from 3 to 500"},
	{.key = "then", FIELD_TEXT, AT(then)},
	{.key = "pattern", FIELD_TEXT, AT(pattern), .wrong = pattern_wrong},
	{.key = "shown", FIELD_TEXT, AT(shown)},
	{.key = "paths", FIELD_LIST, AT(paths), .wrong = path_wrong},
	{.key = "binary", FIELD_WORD, AT(in_binary), false, record_parse_bool,
	 "true or false"},
	{.key = "judge", FIELD_TEXT, AT(judge), .wrong = record_name_wrong},
	{.key = "reader", FIELD_TEXT, AT(reader), .wrong = record_name_wrong},
	{.key = "match", FIELD_LIST, AT(match), .wrong = sample_wrong, .sample = true},
	{.key = "nomatch", FIELD_LIST, AT(nomatch), .wrong = sample_wrong, .sample = true},
	{0},
};
/* clang-format on */

/* A reader knows its files by itself, and no template makes one. What is tried at
 * every byte has to say so. */
static int check_kind(struct document *doc, const struct secret_rule *rule)
{
	const struct {
		const char *key;
		bool there;
	} keys[] = {{"keywords", rule->keywords.n || rule->expensive},
		    {"pattern", rule->pattern},
		    {"match", doc->proven ? !rule->reader : rule->match.n},
		    {"nomatch", doc->proven ? !rule->reader : rule->nomatch.n}};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (!rule->reader && !keys[i].there)
			return document_fault(doc, rule->line, "%s is missing%s", keys[i].key,
					      i ? "" : ", and expensive is not true");
		if (rule->reader && keys[i].there)
			return document_fault(doc, rule->line, "%s does not go with reader",
					      keys[i].key);
	}
	if (rule->token && (!rule->keywords.n || rule->beside.n))
		return document_fault(doc, rule->line,
				      "token is for a rule with keywords and without beside");
	if (rule->partner && !rule->beside.n)
		return document_fault(doc, rule->line, "partner is for a rule with beside");
	if (rule->keywords.n && rule->expensive)
		return document_fault(doc, rule->line,
				      "expensive is for a rule without keywords");
	if (!rule->keywords.n && (rule->before || rule->then || rule->beside.n))
		return document_fault(doc, rule->line, "%s is for a rule with keywords",
				      rule->before ? "before"
				      : rule->then ? "then"
						   : "beside");
	return 0;
}

/* The text with each {one:a|b} as its first alternative, but for the `number`th of all
 * the others; NULL: there are not so many. */
static char *variant_of(const char *text, size_t number)
{
	_cleanup_(buf_free) struct buf out = {0};
	for (const char *one; (one = strstr(text, ONE)) && strchr(one, '}');) {
		const char *at = one + strlen(ONE), *end = strchr(one, '}');
		const char *chosen = at;
		buf_add(&out, text, (size_t)(one - text));
		while ((at += strcspn(at, "|}")) < end) {
			at++;
			if (number && --number == 0)
				chosen = at;
		}
		buf_add(&out, chosen, strcspn(chosen, "|}"));
		text = end + 1;
	}
	buf_puts(&out, text);
	return number ? NULL : mem_strdup(buf_text(&out));
}

/* A sample with {one:a|b} stands for several. */
static void spread(strings *samples)
{
	strings all = {0};
	vec_each(samples, sample) {
		char *variant;
		for (size_t n = 0; (variant = variant_of(*sample, n)); n++)
			*vec_add(&all) = variant;
		free(*sample);
	}
	vec_free(samples);
	*samples = all;
}

int secrets_read(struct document *doc, const struct node *node, void *context)
{
	struct pack_loader *loader = context;
	struct secret_rule *rule = vec_add(&loader->rules->secrets);
	rule->file = doc->file;
	rule->line = node->line;
	int r = record_read(doc, node, fields, rule);
	spread(&rule->match);
	spread(&rule->nomatch);
	if (r >= 0)
		r = check_kind(doc, rule);
	return r < 0 ? r : pack_take_name(loader, doc, rule->name, rule->line);
}

void secrets_clear(struct secret_rule *rule)
{
	record_clear(fields, rule);
}

static bool is_id(const struct secret_rule *rule)
{
	size_t len = rule->kind ? strlen(rule->kind) : 0;
	return len > 3 && strcasecmp(rule->kind + len - 3, " id") == 0;
}

const struct secret_rule *secret_rule_find(const struct rules *rules, const char *name)
{
	vec_each(&rules->secrets, rule)
		if (strcmp(rule->name, name) == 0)
			return rule;
	return NULL;
}

bool secret_rule_is_generic(const struct rules *rules, const char *name)
{
	const struct secret_rule *rule = secret_rule_find(rules, name);
	return !rule || (rule->judge && strcmp(rule->judge, "password") == 0);
}

bool secret_rule_is_id_of(const struct secret_rule *id, const struct secret_rule *secret)
{
	vec_each(&id->beside, name)
		if (id->partner && strcmp(*name, secret->name) == 0)
			return true;
	if (id->partner || secret->partner)
		return false;
	return id->provider && secret->provider &&
	       strcmp(id->provider, secret->provider) == 0 && is_id(id) && !is_id(secret);
}
