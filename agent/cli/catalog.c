/* SPDX-License-Identifier: MIT */
#include "cli/catalog.h"

#include <errno.h>

#include "base/sort.h"
#include "base/str.h"
#include "model/realm.h"
#include "cli/nearest.h"
#include "plan/cleaner.h"

static const char *const categories[] = {"artefacts", "cleaners", "secrets", NULL};

static const char *happens(const struct catalog_item *item)
{
	if (item->disposition == DISPOSE_KEEP)
		return "keep";
	if (item->disposition == DISPOSE_REPORT || (item->artefact && item->artefact->report))
		return "report";
	if (item->secret)
		return "redact";
	if (item->disposition == DISPOSE_REDACT)
		return "report";
	return item->artefact ? action_name(item->artefact->action) : "clean";
}

static struct catalog_item *add(catalog *ret, const struct rules *rules, const char *kind,
				const char *name, enum class class)
{
	struct catalog_item *item = vec_add(ret);
	item->kind = kind;
	item->name = name;
	item->class = class;
	item->disposition = policy_for(&rules->policy, name, class);
	return item;
}

static void add_artefact(catalog *ret, const struct rules *rules,
			 const struct artefact *artefact)
{
	struct catalog_item *item = add(ret, rules, "artefact", artefact->name,
					artefact->class);
	item->title = artefact->title;
	item->why = artefact->why;
	item->advice = artefact->advice;
	item->severity = artefact->severity;
	item->os = artefact->os;
	item->reopen = artefact->reopen;
	item->last = artefact->last;
	vec_each(&artefact->held_by, holder)
		*vec_add(&item->held_by) = *holder;
	item->artefact = artefact;
	item->happens = happens(item);
}

static void add_cleaner(catalog *ret, const struct rules *rules, const struct cleaner *cleaner)
{
	struct catalog_item *item = add(ret, rules, "cleaner", cleaner->name, cleaner->class);
	item->title = cleaner->title;
	item->why = cleaner->why;
	item->advice = cleaner->advice;
	item->severity = cleaner->severity;
	item->os = 1u << cleaner->os;
	item->reopen = cleaner->reopen;
	item->last = cleaner->last;
	for (const char *const *at = cleaner->held_by; at && *at; at++)
		*vec_add(&item->held_by) = *at;
	item->happens = happens(item);
}

static void add_secret(catalog *ret, const struct rules *rules,
		       const struct secret_rule *secret)
{
	struct catalog_item *item = add(ret, rules, "secret", secret->name, secret->class);
	item->title = secret->title;
	item->why = secret->why;
	item->advice = secret->advice;
	item->severity = secret->severity;
	item->secret = secret;
	item->happens = happens(item);
}

static int by_class(const void *a, const void *b)
{
	const struct catalog_item *left = a, *right = b;
	if (left->class != right->class)
		return left->class < right->class ? -1 : 1;
	if (left->kind != right->kind)
		return strcmp(left->kind, right->kind);
	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	return strcmp(left->name, right->name);
}

void catalog_build(const struct rules *rules, catalog *ret)
{
	vec_each(&rules->artefacts, artefact)
		add_artefact(ret, rules, artefact);
	for (const struct cleaner *const *cleaner = cleaners; *cleaner; cleaner++)
		add_cleaner(ret, rules, *cleaner);
	vec_each(&rules->secrets, secret)
		add_secret(ret, rules, secret);
	sort_stable(ret->v, ret->n, sizeof *ret->v, by_class);
}

void catalog_free(catalog *items)
{
	vec_each(items, item)
		vec_free(&item->held_by);
	vec_free(items);
}

static void fill(struct report_item *ret, const char *title, const char *why,
		 const char *advice, const char *reopen)
{
	*ret = (struct report_item){title, why, advice, reopen};
}

bool catalog_describe(const struct rules *rules, const char *name, struct report_item *ret)
{
	const struct cleaner *cleaner = cleaner_find(name);
	if (cleaner)
		return fill(ret, cleaner->title, cleaner->why, cleaner->advice,
			    cleaner->reopen),
		       true;
	vec_each(&rules->artefacts, artefact)
		if (strcmp(artefact->name, name) == 0)
			return fill(ret, artefact->title, artefact->why, artefact->advice,
				    artefact->reopen),
			       true;
	vec_each(&rules->secrets, secret)
		if (strcmp(secret->name, name) == 0)
			return fill(ret, secret->title, secret->why, secret->advice, NULL),
			       true;
	return false;
}

/* Every word that --only and --skip take, NULL-terminated; free the array. */
static const char **all_names(const catalog *items, bool with_categories)
{
	const char **names = mem_alloc((items->n + CLASS_COUNT + 4) * sizeof *names);
	size_t count = 0;
	vec_each(items, item)
		names[count++] = item->name;
	for (int class = 0; with_categories && class < CLASS_COUNT; class ++)
		names[count++] = class_name((enum class) class);
	for (size_t i = 0; with_categories && categories[i]; i++)
		names[count++] = categories[i];
	return names;
}

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void fault_name(struct buf *fault, const char *what, const char *name,
		       const char *const *names)
{
	const char *near = nearest_find(name, names);
	buf_printf(fault, "%s '", what);
	str_quote(fault, name);
	buf_puts(fault, "'");
	if (near)
		buf_printf(fault, "; did you mean %s?", near);
}

int catalog_check_names(const struct rules *rules, const strings *names, const char *option,
			struct buf *fault)
{
	catalog items = {0};
	int answer = 0;
	catalog_build(rules, &items);
	_cleanup_free_ const char **known = all_names(&items, true);
	vec_each(names, name) {
		if (is_among(*name, known))
			continue;
		buf_printf(fault, "--%s: ", option);
		fault_name(fault, "unknown name or category", *name, known);
		answer = -EINVAL;
		break;
	}
	catalog_free(&items);
	return answer;
}

/* ---- explain ---- */

static void add_texts(struct buf *out, const char *label, const strings *texts)
{
	vec_each(texts, text) {
		buf_printf(out, "%-10s", text == texts->v ? label : "");
		realm_quote(out, *text);
		buf_puts(out, "\n");
	}
}

static void add_text(struct buf *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(out, "%-10s", label);
	str_quote(out, text);
	buf_puts(out, "\n");
}

static void explain_policy(const struct rules *rules, const struct catalog_item *item,
			   struct buf *out)
{
	bool named = false;
	vec_each(&rules->policy.items, entry)
		named |= strcmp(entry->name, item->name) == 0;
	buf_printf(out, "%-10s%s", "happens", item->happens);
	buf_printf(out, ": policy %s says %s for ", rules->policy.name,
		   disposition_name(item->disposition));
	if (named)
		buf_puts(out, "this name");
	else
		buf_printf(out, "class %s", class_name(item->class));
	if (item->artefact && item->artefact->report)
		buf_puts(out, ", and this artefact is never acted on");
	if (item->secret && item->disposition == DISPOSE_REMOVE)
		buf_puts(out, "; a file that is nothing but this secret is removed");
	buf_puts(out, "\n");
}

static void explain_running(const struct catalog_item *item, struct buf *out)
{
	vec_each(&item->held_by, holder)
		add_text(out, holder == item->held_by.v ? "held by" : "", *holder);
	add_text(out, "reopen", item->reopen);
	if (item->last)
		add_text(out, "order", "last: something may write it until the end");
}

static void explain_item(const struct rules *rules, const struct catalog_item *item,
			 struct buf *out)
{
	buf_printf(out, "%s (%s)\n\n", item->name, item->kind);
	add_text(out, "what", item->title);
	add_text(out, "why", item->why);
	add_text(out, "class", class_name(item->class));
	add_text(out, "severity", severity_name(item->severity));
	explain_policy(rules, item, out);
	add_text(out, "advice", item->advice);
	explain_running(item, out);
	if (item->artefact) {
		add_texts(out, "paths", &item->artefact->paths);
		add_texts(out, "registry", &item->artefact->registry);
		add_texts(out, "members", &item->artefact->members);
		add_texts(out, "keeps", &item->artefact->keep);
		add_texts(out, "for one", &item->artefact->match);
		add_texts(out, "but not", &item->artefact->nomatch);
		buf_printf(out, "%-10s%s:%u\n", "from",
			   str_or(item->artefact->file, "built in"), item->artefact->line);
	}
	if (item->secret) {
		add_text(out, "provider", item->secret->provider);
		add_text(out, "kind", item->secret->kind);
		add_texts(out, "only in", &item->secret->paths);
		add_texts(out, "near", &item->secret->keywords);
		add_text(out, "reader", item->secret->reader);
		add_text(out, "source", item->secret->source);
		buf_printf(out, "%-10s%s:%u\n", "from", str_or(item->secret->file, "built in"),
			   item->secret->line);
	}
}

int catalog_explain(const struct rules *rules, const char *name, struct buf *out,
		    struct buf *fault)
{
	catalog items = {0};
	bool found = false;
	catalog_build(rules, &items);
	vec_each(&items, item) {
		if (strcmp(item->name, name) != 0)
			continue;
		buf_puts(out, found ? "\n" : "");
		explain_item(rules, item, out);
		found = true;
	}
	if (!found) {
		_cleanup_free_ const char **known = all_names(&items, false);
		fault_name(fault, "nothing is called", name, known);
	}
	catalog_free(&items);
	return found ? 0 : -EINVAL;
}
