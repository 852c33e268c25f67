/* SPDX-License-Identifier: MIT */
/* The rules of a configuration take their place among ours. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "rules/gitleaks_inside.h"
#include "rules/pack.h"

enum { NONE = -1 };

static int fault_at(struct buf *fault, const char *file, unsigned line, const char *id,
		    const char *what)
{
	if (fault->len)
		return -EINVAL;
	buf_printf(fault, "%s:%u: ", file, line);
	str_quote(fault, id);
	buf_printf(fault, ": %s", what);
	return -EINVAL;
}

static long find_secret(const struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->secrets.n; i++)
		if (strcmp(rules->secrets.v[i].name, name) == 0)
			return (long)i;
	return NONE;
}

static bool is_taken(const struct rules *rules, const char *name)
{
	vec_each(&rules->artefacts, artefact)
		if (strcmp(artefact->name, name) == 0)
			return true;
	return find_secret(rules, name) != NONE;
}

static void drop_disabled(struct rules *rules)
{
	struct gitleaks *g = rules->gitleaks;
	size_t kept = 0;
	vec_each(&g->disabled, id) {
		long at = find_secret(rules, *id);
		if (at == NONE) {
			*vec_add(&g->idle) = mem_printf("disabledRules: %s", *id);
			free(*id);
			continue;
		}
		g->disabled.v[kept++] = *id;
		secrets_clear(&rules->secrets.v[at]);
		memmove(&rules->secrets.v[at], &rules->secrets.v[at + 1],
			(rules->secrets.n - (size_t)at - 1) * sizeof *rules->secrets.v);
		rules->secrets.n--;
		rules->inside -= (size_t)at < rules->inside;
	}
	g->disabled.n = kept;
}

/* ---- a rule becomes one of ours ---- */

/* One that has a keyword too short for the prefilter is tried everywhere; allow.c
 * then looks for the keywords. */
static bool keywords_fit(const struct gitleaks_rule *rule)
{
	vec_each(&rule->keywords, keyword)
		if (strlen(*keyword) < KEYWORD_MIN)
			return false;
	return rule->keywords.n;
}

static char *joined(const strings *list)
{
	_cleanup_(buf_free) struct buf all = {0};
	vec_each(list, text)
		buf_printf(&all, "%s%s", all.len ? ", " : "", *text);
	return all.len ? mem_strdup(buf_text(&all)) : NULL;
}

static void describe(const struct gitleaks_rule *from, struct secret_rule *to)
{
	to->title = mem_strdup(from->title && *from->title ? from->title : from->id);
	to->why = mem_printf("A rule of the gitleaks configuration %s says that this is a "
			     "secret.",
			     from->file);
	to->advice = mem_strdup("Revoke it where it is from, and have the clone get one of "
				"its own.");
	to->source = mem_strdup(from->file);
	to->kind = joined(&from->tags);
	to->file = from->file;
	to->line = from->line;
	to->class = CLASS_PERSONAL;
	to->severity = SEVERITY_HIGH;
	to->confidence = CONFIDENCE_MEDIUM;
}

static void add_secret(struct rules *rules, struct gitleaks_rule *from)
{
	struct secret_rule rule = {0};
	rule.name = is_taken(rules, from->id) ? mem_printf("gitleaks:%s", from->id)
					      : mem_strdup(from->id);
	describe(from, &rule);
	if (!from->regex) {
		rule.reader = mem_strdup("path");
	} else {
		rule.pattern = mem_strdup(from->regex);
		rule.wide = gitleaks_regex_wide(from->regex);
		rule.expensive = rule.far = true;
	}
	if (from->regex && keywords_fit(from)) {
		rule.expensive = false;
		rule.in_binary = true;
		vec_each(&from->keywords, keyword)
			*vec_add(&rule.keywords) = mem_strdup(*keyword);
	}
	from->rule = rules->secrets.n;
	*vec_add(&rules->secrets) = rule;
}

static int place_rule(struct rules *rules, struct gitleaks_rule *rule, struct buf *fault)
{
	struct gitleaks *g = rules->gitleaks;
	long ours = g->with_ours ? find_secret(rules, rule->id) : NONE;
	if (rule->regex || (rule->path && ours == NONE)) {
		add_secret(rules, rule);
	} else if (ours != NONE) {
		rule->own = true;
		rule->rule = (size_t)ours;
	} else if (g->with_ours) {
		rule->own = true;
		rule->rule = SIZE_MAX;
		*vec_add(&g->idle) = mem_printf("the rule %s, which %s", rule->id,
						gitleaks_disabled(g, rule->id)
							? "disabledRules takes away"
							: "only gitleaks has");
	} else {
		return fault_at(fault, rule->file, rule->line, rule->id,
				"regex and path are missing");
	}
	return 0;
}

/* ---- what one says of others ---- */

static long find_rule(const struct gitleaks *g, const char *id)
{
	for (size_t i = 0; i < g->rules.n; i++)
		if (strcmp(g->rules.v[i].id, id) == 0)
			return (long)i;
	return NONE;
}

static int link_required(struct rules *rules, struct gitleaks_rule *rule, struct buf *fault)
{
	const struct gitleaks *g = rules->gitleaks;
	vec_each(&rule->required, required) {
		long at = find_rule(g, required->id);
		if (at == NONE || g->rules.v[at].rule == SIZE_MAX)
			return fault_at(fault, rule->file, rule->line, rule->id,
					"required: there is no rule with this id");
		required->rule = g->rules.v[at].rule;
	}
	return 0;
}

/* The rule that a list names, ours as well; it gets an entry then. */
static struct gitleaks_rule *named(struct rules *rules, const char *id)
{
	struct gitleaks *g = rules->gitleaks;
	long at = find_rule(g, id), ours = g->with_ours ? find_secret(rules, id) : NONE;
	if (at != NONE)
		return &g->rules.v[at];
	if (ours == NONE)
		return NULL;
	struct gitleaks_rule *rule = vec_add(&g->rules);
	*rule = (struct gitleaks_rule){.id = mem_strdup(id), .own = true, .rule = (size_t)ours};
	return rule;
}

static int link_list(struct rules *rules, unsigned index, struct buf *fault)
{
	struct gitleaks *g = rules->gitleaks;
	const struct gitleaks_list *list = &g->lists.v[index];
	vec_each(&list->rules, id) {
		struct gitleaks_rule *rule = named(rules, *id);
		if (rule)
			*vec_add(&rule->lists) = index;
		else if (g->with_ours)
			*vec_add(&g->idle) = mem_printf("targetRules: %s", *id);
		else
			return fault_at(fault, list->file, list->line, *id,
					"targetRules: there is no rule with this id");
	}
	return 0;
}

static void add_for_all(const struct gitleaks *g, struct gitleaks_rule *rule)
{
	for (unsigned i = 0; i < g->lists.n; i++)
		if (!g->lists.v[i].of_rule && !g->lists.v[i].rules.n)
			*vec_add(&rule->lists) = i;
}

/* Lists for all rules are for ours as well where the configuration speaks of them. */
static void meet_ours(struct rules *rules)
{
	struct gitleaks *g = rules->gitleaks;
	bool any = false;
	vec_each(&g->lists, list)
		any |= !list->of_rule && !list->rules.n;
	for (size_t i = 0; i < rules->secrets.n && any && g->with_ours; i++)
		(void)named(rules, rules->secrets.v[i].name);
}

static int hand_out(struct rules *rules, struct buf *fault)
{
	struct gitleaks *g = rules->gitleaks;
	vec_each(&g->rules, rule) {
		add_for_all(g, rule);
		if (rule->lists.n > GITLEAKS_LISTS)
			return fault_at(fault, str_or(rule->file, "gitleaks"), rule->line,
					rule->id, "has too many allowlists");
		if (rule->rule != SIZE_MAX)
			rules->secrets.v[rule->rule].terms = rule;
	}
	return 0;
}

int gitleaks_link(struct rules *rules, struct buf *fault)
{
	struct gitleaks *g = rules->gitleaks;
	int fell = 0;
	drop_disabled(rules);
	for (size_t i = 0; i < g->rules.n && !fell; i++)
		fell = place_rule(rules, &g->rules.v[i], fault);
	for (size_t i = 0; i < g->rules.n && !fell; i++)
		fell = link_required(rules, &g->rules.v[i], fault);
	for (unsigned i = 0; i < g->lists.n && !fell; i++)
		fell = link_list(rules, i, fault);
	if (!fell)
		meet_ours(rules);
	return fell ? fell : hand_out(rules, fault);
}
