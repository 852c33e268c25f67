/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/ascii.h"
#include "rules/gitleaks_inside.h"

static int wrong(const struct toml *doc, unsigned node, const char *key, const char *what)
{
	return toml_fault(doc, toml_at(doc, node)->line, "%s: %s", key, what);
}

/* A NUL would cut it short without a word. */
static int copy(const struct toml *doc, unsigned node, const char *key, char **ret)
{
	const struct toml_node *at = toml_at(doc, node);
	if (at->kind == TOML_INTEGER || at->kind == TOML_BOOL) {
		free(*ret);
		*ret = mem_printf("%lld", (long long)at->integer);
		return 0;
	}
	if (at->kind != TOML_TEXT)
		return wrong(doc, node, key, "is no string");
	if (memchr(toml_text(doc, node), 0, at->text_len))
		return wrong(doc, node, key, "holds a NUL");
	free(*ret);
	*ret = mem_strdup(toml_text(doc, node));
	return 0;
}

int gitleaks_text(const struct toml *doc, unsigned table, const char *key, char **ret)
{
	unsigned node = toml_get(doc, table, key);
	return node ? copy(doc, node, key, ret) : 0;
}

typedef char *changer(const char *text);

/* One string in the place of an array: its parts between commas. */
static void add_parts(const char *text, changer *change, strings *ret)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		_cleanup_free_ char *part = mem_printf("%.*s", (int)len, text);
		*vec_add(ret) = change ? change(part) : mem_strdup(part);
		text += len;
		if (*text && !*++text)
			*vec_add(ret) = mem_strdup("");
	}
}

static int add_texts(const struct toml *doc, unsigned table, const char *key, changer *change,
		     strings *ret)
{
	unsigned node = toml_get(doc, table, key);
	bool array = toml_at(doc, node)->kind == TOML_ARRAY;
	unsigned it = array ? toml_at(doc, node)->first : node;
	for (; it; it = array ? toml_at(doc, it)->next : 0) {
		_cleanup_free_ char *text = NULL;
		int fell = copy(doc, it, key, &text);
		if (fell)
			return fell;
		if (array)
			*vec_add(ret) = change ? change(text) : mem_strdup(text);
		else
			add_parts(text, change, ret);
	}
	return 0;
}

int gitleaks_texts(const struct toml *doc, unsigned table, const char *key, strings *ret)
{
	return add_texts(doc, table, key, NULL, ret);
}

int gitleaks_regexes(const struct toml *doc, unsigned table, const char *key, strings *ret)
{
	return add_texts(doc, table, key, gitleaks_regex, ret);
}

/* A number, also one in quotes; a truth value is 1 or 0. */
static bool to_number(const struct toml *doc, unsigned node, struct toml_node *ret)
{
	*ret = *toml_at(doc, node);
	if (ret->kind != TOML_TEXT)
		return ret->kind == TOML_INTEGER || ret->kind == TOML_FLOAT ||
		       ret->kind == TOML_BOOL;
	const char *text = toml_text(doc, node);
	if (!ret->text_len)
		ret->kind = TOML_INTEGER; /* and 0 */
	return !ret->text_len || (strlen(text) == ret->text_len && toml_number(text, ret));
}

int gitleaks_bool(const struct toml *doc, unsigned table, const char *key, bool *ret)
{
	unsigned node = toml_get(doc, table, key);
	struct toml_node at = *toml_at(doc, node);
	bool text = at.kind == TOML_TEXT;
	if (node && text && strcmp(toml_text(doc, node), "true") == 0)
		*ret = true;
	else if (node && text && strcmp(toml_text(doc, node), "false") == 0)
		*ret = false;
	else if (node && !to_number(doc, node, &at))
		return wrong(doc, node, key, "is neither true nor false");
	else if (node)
		*ret = at.kind == TOML_FLOAT ? at.number != 0 : at.integer != 0;
	return 0;
}

int gitleaks_number(const struct toml *doc, unsigned table, const char *key, double *ret)
{
	unsigned node = toml_get(doc, table, key);
	struct toml_node at;
	if (node && !to_number(doc, node, &at))
		return wrong(doc, node, key, "is no number");
	if (node)
		*ret = at.kind == TOML_FLOAT ? at.number : (double)at.integer;
	return 0;
}

int gitleaks_count(const struct toml *doc, unsigned table, const char *key, int64_t *ret)
{
	unsigned node = toml_get(doc, table, key);
	struct toml_node at;
	if (node && (!to_number(doc, node, &at) || at.kind == TOML_FLOAT || at.integer < 0 ||
		     at.integer > INT32_MAX))
		return wrong(doc, node, key, "is no whole number from 0 on");
	if (node)
		*ret = at.integer;
	return 0;
}

static bool is_known(const char *const *known, const char *key)
{
	for (; *known; known++)
		if (ascii_compare(key, *known) == 0)
			return true;
	return false;
}

void gitleaks_note_unknown(const struct toml *doc, unsigned table, const char *what,
			   const char *const *known, strings *idle)
{
	if (toml_at(doc, table)->kind != TOML_TABLE)
		return;
	toml_each(doc, table, it) if (!is_known(known, toml_key(doc, it))) *
		vec_add(idle) = mem_printf("the key %s%s (%s:%u)", what, toml_key(doc, it),
					   doc->file, toml_at(doc, it)->line);
}

/* ---- allowlists ---- */

static int read_condition(const struct toml *doc, unsigned table, bool *all)
{
	static const char *const names[] = {"", "or", "||", "and", "&&"};
	_cleanup_free_ char *text = NULL;
	int fell = gitleaks_text(doc, table, "condition", &text);
	if (fell || !text)
		return fell;
	ascii_lower_all(text);
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*all = i >= 3;
			return 0;
		}
	return wrong(doc, toml_get(doc, table, "condition"), "condition",
		     "is neither \"and\" nor \"or\"");
}

static int read_target(const struct toml *doc, unsigned table, enum gitleaks_target *ret)
{
	static const char *const names[] = {"secret", "match", "line"};
	_cleanup_free_ char *text = NULL;
	int fell = gitleaks_text(doc, table, "regexTarget", &text);
	if (fell || !text || !*text)
		return fell;
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum gitleaks_target)i;
			return 0;
		}
	return wrong(doc, toml_get(doc, table, "regexTarget"), "regexTarget",
		     "is none of \"secret\", \"match\", \"line\"");
}

static void trim_lower(strings *list)
{
	vec_each(list, text) {
		char *from = *text + strspn(*text, " \t");
		size_t len = strlen(from);
		while (len && strchr(" \t", from[len - 1]))
			len--;
		memmove(*text, from, len);
		(*text)[len] = 0;
		ascii_lower_all(*text);
	}
}

static void lower(strings *list)
{
	vec_each(list, text)
		ascii_lower_all(*text);
}

static int read_list(const struct toml *doc, unsigned table, bool for_all,
		     struct gitleaks_list *list)
{
	int fell = gitleaks_texts(doc, table, "commits", &list->commits);
	if (!fell)
		fell = gitleaks_regexes(doc, table, "paths", &list->paths);
	if (!fell)
		fell = gitleaks_regexes(doc, table, "regexes", &list->regexes);
	if (!fell)
		fell = gitleaks_texts(doc, table, "stopwords", &list->stopwords);
	if (!fell && for_all)
		fell = gitleaks_texts(doc, table, "targetRules", &list->rules);
	if (!fell)
		fell = read_condition(doc, table, &list->all);
	if (!fell)
		fell = read_target(doc, table, &list->target);
	trim_lower(&list->commits);
	lower(&list->stopwords);
	if (!fell && !list->commits.n && !list->paths.n && !list->regexes.n &&
	    !list->stopwords.n)
		fell = toml_fault(doc, list->line,
				  "an allowlist needs commits, paths, regexes or stopwords");
	return fell;
}

static int add_list(const struct toml *doc, unsigned table, struct gitleaks *into, bool for_all,
		    struct gitleaks_rule *rule)
{
	static const char *const known[] = {"description", "condition",	  "commits",   "paths",
					    "regexes",	   "regexTarget", "stopwords", NULL};
	static const char *const known_all[] = {"description", "condition",   "commits",
						"paths",       "regexes",     "regexTarget",
						"stopwords",   "targetRules", NULL};
	if (toml_at(doc, table)->kind != TOML_TABLE)
		return wrong(doc, table, "allowlists", "is no table");
	unsigned index = (unsigned)into->lists.n;
	struct gitleaks_list *list = vec_add(&into->lists);
	list->file = doc->file;
	list->line = toml_at(doc, table)->line;
	list->of_rule = rule != NULL;
	if (rule)
		*vec_add(&rule->lists) = index;
	gitleaks_note_unknown(doc, table, "allowlists.", for_all ? known_all : known,
			      &into->idle);
	return read_list(doc, table, for_all, list);
}

int gitleaks_read_lists(const struct toml *doc, unsigned table, struct gitleaks *into,
			bool for_all, struct gitleaks_rule *rule)
{
	unsigned old = toml_get(doc, table, "allowlist");
	unsigned lists = toml_get(doc, table, "allowlists");
	int fell = 0;
	if (old && lists)
		return wrong(doc, old, "allowlist", "does not go with [[allowlists]]");
	/* [[rules.allowlist]] is met in the wild as well. */
	if (old && toml_at(doc, old)->kind == TOML_TABLE)
		return add_list(doc, old, into, for_all, rule);
	lists = lists ? lists : old;
	if (lists && toml_at(doc, lists)->kind != TOML_ARRAY)
		return wrong(doc, lists, "allowlists", "is no array of tables");
	for (unsigned it = toml_at(doc, lists)->first; it && !fell; it = toml_at(doc, it)->next)
		fell = add_list(doc, it, into, for_all, rule);
	return fell;
}

void gitleaks_list_clear(struct gitleaks_list *list)
{
	strings *const all[] = {&list->commits, &list->stopwords, &list->paths, &list->regexes,
				&list->rules};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		vec_each(all[i], text)
			free(*text);
		vec_free(all[i]);
	}
}
