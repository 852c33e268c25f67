/* SPDX-License-Identifier: MIT */
/* A configuration and those that it extends are read into one list, what extends
 * standing above what it extends; then each becomes one of the rules' secrets. */
#include "rules/gitleaks.h"

#include <errno.h>
#include <string.h>

#include "base/ascii.h"
#include "base/str.h"
#include "rules/gitleaks_inside.h"
#include "rules/pack.h"

enum { ID_MAX = 100 };

typedef VEC(struct gitleaks_rule) rule_list;

struct load {
	struct gitleaks *into;
	strings *files;
	struct buf *fault;
};

static void clear_strings(strings *list)
{
	vec_each(list, text)
		free(*text);
	vec_free(list);
}

void gitleaks_rule_clear(struct gitleaks_rule *rule)
{
	free(rule->id);
	free(rule->title);
	free(rule->regex);
	free(rule->path);
	clear_strings(&rule->keywords);
	clear_strings(&rule->tags);
	vec_each(&rule->required, required)
		free(required->id);
	vec_free(&rule->required);
	vec_free(&rule->lists);
	*rule = (struct gitleaks_rule){0};
}

static void clear_rules(rule_list *rules)
{
	vec_each(rules, rule)
		gitleaks_rule_clear(rule);
	vec_free(rules);
}

/* ---- one rule ---- */

static int read_required_one(const struct toml *doc, unsigned table, struct gitleaks_rule *rule)
{
	struct gitleaks_required *required = vec_add(&rule->required);
	required->lines = required->columns = -1;
	int fell = gitleaks_text(doc, table, "id", &required->id);
	if (!fell)
		fell = gitleaks_count(doc, table, "withinLines", &required->lines);
	if (!fell)
		fell = gitleaks_count(doc, table, "withinColumns", &required->columns);
	if (!fell && (!required->id || !*required->id))
		fell = toml_fault(doc, toml_at(doc, table)->line, "required: id is missing");
	return fell;
}

static int read_required(const struct toml *doc, unsigned table, struct gitleaks_rule *rule)
{
	unsigned list = toml_get(doc, table, "required");
	if (list && toml_at(doc, list)->kind != TOML_ARRAY)
		return toml_fault(doc, toml_at(doc, list)->line, "required: is no array");
	toml_each(doc, list, it)
	{
		int fell = read_required_one(doc, it, rule);
		if (fell)
			return fell;
	}
	return 0;
}

static int read_regex(const struct toml *doc, unsigned table, const char *key, char **ret)
{
	_cleanup_free_ char *text = NULL;
	int fell = gitleaks_text(doc, table, key, &text);
	if (!fell && text && *text)
		*ret = gitleaks_regex(text);
	return fell;
}

static int check_id(const struct toml *doc, const struct gitleaks_rule *rule)
{
	const char *id = str_or(rule->id, "");
	if (!id[strspn(id, " \t")])
		return toml_fault(doc, rule->line, "a rule has no id");
	for (const char *at = id; *at; at++)
		if (*at < ' ' || *at == 0x7f || at - id >= ID_MAX)
			return toml_fault(doc, rule->line,
					  "id: has to be of at most %d printable characters "
					  "of ASCII",
					  ID_MAX);
	return 0;
}

static int read_keywords(const struct toml *doc, unsigned table, struct gitleaks_rule *rule)
{
	int fell = gitleaks_texts(doc, table, "keywords", &rule->keywords);
	size_t kept = 0;
	vec_each(&rule->keywords, keyword) {
		ascii_lower_all(*keyword);
		if (strlen(*keyword) > KEYWORD_MAX)
			fell = toml_fault(doc, rule->line, "keywords: is longer than %d bytes",
					  KEYWORD_MAX);
		if (**keyword)
			rule->keywords.v[kept++] = *keyword;
		else
			free(*keyword);
	}
	rule->keywords.n = kept;
	return fell;
}

static int read_fields(const struct toml *doc, unsigned table, struct gitleaks_rule *rule)
{
	int64_t group = 0;
	int fell = gitleaks_text(doc, table, "id", &rule->id);
	if (!fell)
		fell = check_id(doc, rule);
	if (!fell)
		fell = gitleaks_text(doc, table, "description", &rule->title);
	if (!fell)
		fell = read_regex(doc, table, "regex", &rule->regex);
	if (!fell)
		fell = read_regex(doc, table, "path", &rule->path);
	if (!fell)
		fell = gitleaks_count(doc, table, "secretGroup", &group);
	if (!fell)
		fell = gitleaks_number(doc, table, "entropy", &rule->entropy);
	if (!fell)
		fell = read_keywords(doc, table, rule);
	if (!fell)
		fell = gitleaks_texts(doc, table, "tags", &rule->tags);
	if (!fell)
		fell = gitleaks_bool(doc, table, "skipReport", &rule->silent);
	rule->group = (unsigned)group;
	return fell ? fell : read_required(doc, table, rule);
}

static struct gitleaks_rule *with_id(const rule_list *rules, const char *id)
{
	vec_each(rules, rule)
		if (strcmp(rule->id, id) == 0)
			return rule;
	return NULL;
}

static int read_rule(struct load *load, const struct toml *doc, unsigned table, rule_list *ret)
{
	static const char *const known[] = {
		"id",	     "description", "regex", "path",	   "secretGroup",
		"entropy",   "keywords",    "tags",  "skipReport", "required",
		"allowlist", "allowlists",  NULL};
	struct gitleaks_rule rule = {.file = doc->file, .line = toml_at(doc, table)->line};
	if (toml_at(doc, table)->kind != TOML_TABLE)
		return toml_fault(doc, rule.line, "rules: holds something that is no table");
	gitleaks_note_unknown(doc, table, "rules.", known, &load->into->idle);
	int fell = read_fields(doc, table, &rule);
	if (!fell)
		fell = gitleaks_read_lists(doc, table, load->into, false, &rule);
	struct gitleaks_rule *same = fell ? NULL : with_id(ret, rule.id);
	if (same)
		gitleaks_rule_clear(same); /* the last of a file counts */
	*(same ? same : vec_add(ret)) = rule;
	return fell;
}

/* ---- one file and what it extends ---- */

static void take(char **to, char **from)
{
	if (*from) {
		free(*to);
		*to = *from;
		*from = NULL;
	}
}

/* `over` of the configuration that extends, into what it extends. */
static void merge(struct gitleaks_rule *base, struct gitleaks_rule *over)
{
	take(&base->title, &over->title);
	take(&base->regex, &over->regex);
	take(&base->path, &over->path);
	base->entropy = over->entropy != 0 ? over->entropy : base->entropy;
	base->group = over->group ? over->group : base->group;
	base->silent |= over->silent;
	vec_each(&over->keywords, it)
		*vec_add(&base->keywords) = *it;
	vec_each(&over->tags, it)
		*vec_add(&base->tags) = *it;
	vec_each(&over->required, it)
		*vec_add(&base->required) = *it;
	vec_each(&over->lists, it)
		*vec_add(&base->lists) = *it;
	over->keywords.n = over->tags.n = over->required.n = 0;
	base->file = over->file;
	base->line = over->line;
}

static bool holds(const strings *list, const char *text)
{
	vec_each(list, it)
		if (strcmp(*it, text) == 0)
			return true;
	return false;
}

bool gitleaks_disabled(const struct gitleaks *gitleaks, const char *name)
{
	return gitleaks && holds(&gitleaks->disabled, name);
}

static void extend(rule_list *rules, rule_list *base, const strings *disabled, strings *idle)
{
	vec_each(disabled, id)
		if (!with_id(base, *id))
			*vec_add(idle) = mem_printf("disabledRules: %s", *id);
	vec_each(base, rule) {
		struct gitleaks_rule *over = with_id(rules, rule->id);
		if (holds(disabled, rule->id)) {
			gitleaks_rule_clear(rule);
		} else if (!over) {
			*vec_add(rules) = *rule;
		} else {
			merge(rule, over);
			gitleaks_rule_clear(over);
			*over = *rule;
		}
	}
	vec_free(base);
}

static int load_file(struct load *load, const char *host_path, unsigned depth, rule_list *ret);

static int read_extend(struct load *load, const struct toml *doc, unsigned top, unsigned depth,
		       rule_list *rules)
{
	static const char *const known[] = {"path", "useDefault", "disabledRules", NULL};
	unsigned table = toml_get(doc, top, "extend");
	_cleanup_free_ char *path = NULL;
	_cleanup_(record_clear_strings) strings disabled = {0};
	rule_list base = {0};
	bool ours = false;
	if (!table)
		return 0;
	if (toml_at(doc, table)->kind != TOML_TABLE)
		return toml_fault(doc, toml_at(doc, table)->line, "extend: is no table");
	gitleaks_note_unknown(doc, table, "extend.", known, &load->into->idle);
	int fell = gitleaks_text(doc, table, "path", &path);
	if (!fell)
		fell = gitleaks_bool(doc, table, "useDefault", &ours);
	if (!fell)
		fell = gitleaks_texts(doc, table, "disabledRules", &disabled);
	if (!fell && ours && path && *path)
		fell = toml_fault(doc, toml_at(doc, table)->line,
				  "extend: path and useDefault exclude each other");
	if (fell)
		return fell;
	if (ours)
		load->into->with_ours = true;
	vec_each(&disabled, id)
		if (ours)
			*vec_add(&load->into->disabled) = mem_strdup(*id);
	if (!path || !*path)
		return 0;
	if (depth == GITLEAKS_DEPTH) {
		*vec_add(&load->into->idle) = mem_printf("extend.path beyond the depth of %d "
							 "(%s)",
							 GITLEAKS_DEPTH, doc->file);
		return 0;
	}
	fell = load_file(load, path, depth + 1, &base);
	if (fell)
		clear_rules(&base);
	else
		extend(rules, &base, &disabled, &load->into->idle);
	return fell;
}

static int read_top(struct load *load, const struct toml *doc, unsigned depth, rule_list *ret)
{
	static const char *const known[] = {"title", "description", "minVersion", "extend",
					    "rules", "allowlist",   "allowlists", NULL};
	_cleanup_free_ char *unused = NULL;
	unsigned rules = toml_get(doc, TOML_TOP, "rules");
	gitleaks_note_unknown(doc, TOML_TOP, "", known, &load->into->idle);
	int fell = gitleaks_text(doc, TOML_TOP, "title", &unused);
	if (!fell)
		fell = gitleaks_text(doc, TOML_TOP, "description", &unused);
	if (!fell)
		fell = gitleaks_text(doc, TOML_TOP, "minVersion", &unused);
	if (!fell && rules && toml_at(doc, rules)->kind != TOML_ARRAY)
		fell = toml_fault(doc, toml_at(doc, rules)->line,
				  "rules: is no array of tables");
	for (unsigned it = toml_at(doc, rules)->first; it && !fell; it = toml_at(doc, it)->next)
		fell = read_rule(load, doc, it, ret);
	if (!fell)
		fell = gitleaks_read_lists(doc, TOML_TOP, load->into, true, NULL);
	return fell ? fell : read_extend(load, doc, TOML_TOP, depth, ret);
}

static int load_text(struct load *load, const struct buf *text, const char *name,
		     unsigned depth, rule_list *ret)
{
	struct toml doc;
	char *label = *vec_add(load->files) = mem_strdup(name);
	int fell = toml_parse(&doc, buf_text(text), text->len, label, load->fault);
	if (!fell)
		fell = read_top(load, &doc, depth, ret);
	toml_free(&doc);
	return fell;
}

static int load_file(struct load *load, const char *host_path, unsigned depth, rule_list *ret)
{
	_cleanup_(buf_free) struct buf text = {0};
	int fell = pack_slurp(host_path, &text, load->fault);
	return fell < 0 ? fell : load_text(load, &text, host_path, depth, ret);
}

int gitleaks_take(struct rules *rules, strings *files, const struct buf *text, const char *name,
		  struct buf *fault)
{
	rule_list list = {0};
	if (!rules->gitleaks)
		rules->gitleaks = mem_alloc(sizeof *rules->gitleaks);
	struct load load = {rules->gitleaks, files, fault};
	int fell = load_text(&load, text, name, 0, &list);
	vec_each(&list, rule)
		if (!fell)
			*vec_add(&rules->gitleaks->rules) = *rule;
	if (fell)
		clear_rules(&list);
	vec_free(&list);
	return fell ? fell : gitleaks_link(rules, fault);
}

int gitleaks_load(struct rules *rules, strings *files, const char *host_path, struct buf *fault)
{
	_cleanup_(buf_free) struct buf text = {0};
	int fell = pack_slurp(host_path, &text, fault);
	return fell < 0 ? fell : gitleaks_take(rules, files, &text, host_path, fault);
}

/* ---- .gitleaksignore ---- */

static char *next_part(char **at)
{
	char *part = *at, *colon = strchr(part, ':');
	*at = colon ? colon + 1 : NULL;
	if (colon)
		*colon = 0;
	return part;
}

static void read_ignored(struct gitleaks *gitleaks, char *line, const char *file,
			 unsigned number)
{
	char *parts[5];
	size_t n = 0;
	uint64_t at_line = 0;
	for (char *at = line; at && n < 5;)
		parts[n++] = next_part(&at);
	if (n < 3 || n > 4 || !str_number(parts[n - 1], &at_line) || at_line > UINT32_MAX) {
		/* Not what it says: the file may be the wrong one, full of secrets. */
		*vec_add(&gitleaks->idle) = mem_printf("a line of an unknown form (%s:%u)",
						       file, number);
		return;
	}
	struct gitleaks_ignored *ignored = vec_add(&gitleaks->ignored);
	ignored->commit = n == 4 ? mem_strdup(parts[0]) : NULL;
	ignored->path = mem_strdup(parts[n - 3]);
	ignored->rule = mem_strdup(parts[n - 2]);
	ignored->line = (unsigned)at_line;
	for (char *at = ignored->path; *at; at++)
		*at = *at == '\\' ? '/' : *at;
}

int gitleaks_load_ignored(struct rules *rules, const char *host_path, bool maybe,
			  struct buf *fault)
{
	_cleanup_(buf_free) struct buf text = {0};
	unsigned number = 0;
	if (maybe && plat_trusted_read(host_path, PACK_FILE_MAX, &text) == -ENOENT)
		return 0;
	text.len = 0;
	int fell = pack_slurp(host_path, &text, fault);
	if (fell < 0)
		return fell;
	if (!rules->gitleaks)
		rules->gitleaks = mem_alloc(sizeof *rules->gitleaks);
	buf_add(&text, "", 1);
	for (char *line = text.data, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line += strspn(line, " \t\r");
		size_t len = strlen(line);
		while (len && strchr(" \t\r", line[len - 1]))
			line[--len] = 0;
		number++;
		if (len && *line != '#')
			read_ignored(rules->gitleaks, line, host_path, number);
	}
	return 0;
}

void gitleaks_free(struct gitleaks *gitleaks)
{
	if (!gitleaks)
		return;
	vec_each(&gitleaks->rules, rule)
		gitleaks_rule_clear(rule);
	vec_each(&gitleaks->lists, list)
		gitleaks_list_clear(list);
	vec_each(&gitleaks->ignored, ignored) {
		free(ignored->commit);
		free(ignored->path);
		free(ignored->rule);
	}
	vec_free(&gitleaks->rules);
	vec_free(&gitleaks->lists);
	vec_free(&gitleaks->ignored);
	clear_strings(&gitleaks->disabled);
	clear_strings(&gitleaks->idle);
	free(gitleaks);
}
