/* SPDX-License-Identifier: MIT */
#include "cli/list.h"

#include <jansson.h>

#include "base/str.h"
#include "cli/catalog.h"
#include "cli/items.h"
#include "cli/providers.h"

static bool names_it(const strings *names, const struct catalog_item *item)
{
	vec_each(names, name) {
		if (strcmp(*name, item->name) == 0 ||
		    strcmp(*name, class_name(item->class)) == 0)
			return true;
		/* A category is the plural of a kind. */
		if (str_starts(*name, item->kind) &&
		    strcmp(*name + strlen(item->kind), "s") == 0)
			return true;
	}
	return false;
}

static unsigned os_bits(const struct cli *cli)
{
	if (!cli->os || strcmp(cli->os, "auto") == 0)
		return ~0u;
	return 1u << (strcmp(cli->os, "windows") == 0 ? GUEST_WINDOWS : GUEST_LINUX);
}

static bool wanted(const struct cli *cli, const struct catalog_item *item)
{
	if (item->os && !(item->os & os_bits(cli)))
		return false;
	return (!cli->only.n || names_it(&cli->only, item)) && !names_it(&cli->skip, item);
}

static int name_width(const struct cli *cli, const catalog *items)
{
	size_t width = 4;
	vec_each(items, item)
		if (wanted(cli, item) && strlen(item->name) > width)
			width = strlen(item->name);
	return (int)width;
}

static void add_places(struct buf *out, const strings *globs)
{
	vec_each(globs, glob)
		buf_printf(out, "%*s%s\n", 31, "", *glob);
}

static void write_text(const struct cli *cli, const struct rules *rules, const catalog *items,
		       struct buf *out)
{
	int width = name_width(cli, items);
	const struct catalog_item *before = NULL;
	buf_puts(out, "Policy ");
	str_quote(out, rules->policy.name);
	buf_puts(out, ": ");
	str_quote(out, str_or(rules->policy.title, ""));
	buf_puts(out, "\n");
	vec_each(items, item) {
		if (!wanted(cli, item))
			continue;
		if (!before || before->class != item->class)
			buf_printf(out, "\n%s: %s\n", class_name(item->class),
				   disposition_name(rules->policy.by_class[item->class]));
		before = item;
		buf_printf(out, "  %-8s  %-15s  %-8s  %-*s  ", item->kind, item->happens,
			   severity_name(item->severity), width, item->name);
		str_quote(out, str_or(item->title, ""));
		buf_puts(out, "\n");
		if (cli->verbosity > 0 && item->artefact) {
			add_places(out, &item->artefact->paths);
			add_places(out, &item->artefact->registry);
		}
	}
	if (!before)
		buf_puts(out, "\nnothing fits these options\n");
}

static json_t *item_json(const struct catalog_item *item)
{
	return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:s}", "kind", item->kind, "name",
			 item->name, "title", item->title, "class", class_name(item->class),
			 "severity", severity_name(item->severity), "disposition",
			 disposition_name(item->disposition), "happens", item->happens);
}

static int append(const char *bytes, size_t len, void *out)
{
	buf_add(out, bytes, len);
	return 0;
}

static void write_json(const struct cli *cli, const struct rules *rules, const catalog *items,
		       struct buf *out)
{
	json_t *array = json_array();
	vec_each(items, item)
		if (wanted(cli, item))
			json_array_append_new(array, item_json(item));
	json_t *all = json_pack("{s:s, s:s, s:o}", "schema", "imgsan.list/1", "policy",
				rules->policy.name, "items", array);
	json_dump_callback(all, append, out, JSON_ENSURE_ASCII | JSON_INDENT(2));
	json_decref(all);
	buf_puts(out, "\n");
}

void list_write(const struct cli *cli, const struct rules *rules, struct buf *out)
{
	catalog items = {0};
	catalog_build(rules, &items);
	if (cli->providers)
		providers_write(rules, out);
	else if (cli->page)
		items_write(rules, &items, out);
	else if (cli->format && strcmp(cli->format, "json") == 0)
		write_json(cli, rules, &items, out);
	else
		write_text(cli, rules, &items, out);
	catalog_free(&items);
}
