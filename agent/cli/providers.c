/* SPDX-License-Identifier: MIT */
#include "cli/providers.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/sort.h"
#include "base/str.h"

static int by_provider(const void *a, const void *b)
{
	const struct secret_rule *x = *(const struct secret_rule *const *)a;
	const struct secret_rule *y = *(const struct secret_rule *const *)b;
	int order = ascii_compare(x->provider, y->provider);
	if (!order)
		order = strcmp(x->provider, y->provider);
	if (!order)
		order = ascii_compare(str_or(x->kind, ""), str_or(y->kind, ""));
	return order ? order : strcmp(x->name, y->name);
}

static void add_cell(struct buf *out, const char *text)
{
	buf_puts(out, "| ");
	for (; *text; text++) {
		if (strchr("*_<>[]`|\\", *text))
			buf_puts(out, "\\");
		buf_add(out, text, 1);
	}
	buf_puts(out, " ");
}

/* The same provider and kind is said once, whatever the number of rules. */
static void add_row(struct buf *out, const struct secret_rule *rule,
		    const struct secret_rule *before)
{
	bool same_provider = before && strcmp(before->provider, rule->provider) == 0;
	bool same = same_provider &&
		    strcmp(str_or(before->kind, ""), str_or(rule->kind, "")) == 0;
	add_cell(out, same_provider ? "" : rule->provider);
	add_cell(out, same ? "" : str_or(rule->kind, ""));
	buf_printf(out, "| `%s` |\n", rule->name);
}

void providers_write(const struct rules *rules, struct buf *out)
{
	VEC(const struct secret_rule *) list = {0};
	size_t providers = 0;
	vec_each(&rules->secrets, rule)
		if (rule->provider)
			*vec_add(&list) = rule;
	sort_stable(list.v, list.n, sizeof *list.v, by_provider);
	for (size_t i = 0; i < list.n; i++)
		providers += !i || strcmp(list.v[i - 1]->provider, list.v[i]->provider) != 0;
	buf_printf(
		out,
		"# Whose credentials imgsan finds\n\n"
		"%zu providers by %zu rules; what other rules find is of no provider. This page "
		"is made by `imgsan list --providers`.\n\n"
		"| provider | kind | rule |\n|---|---|---|\n",
		providers, list.n);
	for (size_t i = 0; i < list.n; i++)
		add_row(out, list.v[i], i ? list.v[i - 1] : NULL);
	vec_free(&list);
}
