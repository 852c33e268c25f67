/* SPDX-License-Identifier: MIT */
#include "cli/items.h"

#include "base/str.h"

/* On one line: what a configuration of others says makes neither a heading nor a colour. */
static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		bool control = (unsigned char)*text < ' ' || *text == 0x7f;
		if (strchr("*_<>[]`|\\", *text))
			buf_puts(out, "\\");
		buf_add(out, control ? " " : text, 1);
	}
}

/* A paragraph, or nothing. */
static void add_text(struct buf *out, const char *before, const char *text)
{
	if (!text || !*text)
		return;
	buf_puts(out, before);
	add_escaped(out, text);
	buf_puts(out, "\n\n");
}

static void add_globs(struct buf *out, const char *before, const strings *globs)
{
	vec_each(globs, glob)
		buf_printf(out, "%s`%s`", glob == globs->v ? before : ", ", *glob);
	if (globs->n)
		buf_puts(out, "\n\n");
}

static void add_running(struct buf *out, const struct catalog_item *item)
{
	vec_each(&item->held_by, holder)
		buf_printf(out, "%s%s", holder == item->held_by.v ? "Held open by: " : ", ",
			   *holder);
	if (item->held_by.n)
		buf_puts(out, "\n\n");
	add_text(out, "If the machine goes on running: ", item->reopen);
	if (item->last)
		buf_puts(out, "Done last, since something may write it until the end.\n\n");
}

static void add_item(struct buf *out, const struct catalog_item *item)
{
	buf_printf(out, "### %s\n\n", item->name);
	add_escaped(out, str_or(item->title, ""));
	buf_printf(out, " (%s, %s, %s).\n", item->kind, severity_name(item->severity),
		   item->happens);
	add_text(out, "", item->why);
	add_text(out, "To do: ", item->advice);
	if (item->artefact) {
		add_globs(out, "Paths: ", &item->artefact->paths);
		add_globs(out, "Registry: ", &item->artefact->registry);
		add_globs(out, "Members: ", &item->artefact->members);
		add_globs(out, "Stays: ", &item->artefact->keep);
	}
	if (item->secret)
		add_globs(out, "Only in: ", &item->secret->paths);
	add_running(out, item);
}

static size_t count_class(const catalog *items, enum class class)
{
	size_t count = 0;
	vec_each(items, item)
		count += item->class == class;
	return count;
}

void items_write(const struct rules *rules, const catalog *items, struct buf *out)
{
	const struct catalog_item *before = NULL;
	buf_printf(out,
		   "# Everything imgsan looks for\n\n"
		   "What happens to it under the profile `%s`. This page is made by "
		   "`imgsan list --page`.\n\n",
		   rules->policy.name);
	vec_each(items, item) {
		if (!before || before->class != item->class)
			buf_printf(out, "## %s: %s (%zu)\n\n", class_name(item->class),
				   disposition_name(rules->policy.by_class[item->class]),
				   count_class(items, item->class));
		before = item;
		add_item(out, item);
	}
	while (out->len > 1 && out->data[out->len - 2] == '\n')
		buf_cut(out, out->len - 1);
}
