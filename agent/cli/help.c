/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <string.h>

#include "base/str.h"

#define WIDTH 90

static void add_wrapped(struct buf *out, const char *text)
{
	size_t column = 0;
	while (*text) {
		size_t len = strcspn(text, " ");
		if (column && column + 1 + len > WIDTH) {
			buf_puts(out, "\n");
			column = 0;
		} else if (column) {
			buf_puts(out, " ");
			column++;
		}
		buf_add(out, text, len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	buf_puts(out, "\n");
}

static void add_synopsis(const struct command_record *record, struct buf *out)
{
	buf_printf(out, "imgsan %s%s%s", record->name, *record->arguments ? " " : "",
		   record->arguments);
}

static void add_option(const struct option_record *option, struct buf *out)
{
	_cleanup_(buf_free) struct buf left = {0};
	if (option->letter)
		buf_printf(&left, "-%c, ", option->letter);
	else
		buf_puts(&left, "    ");
	buf_printf(&left, "--%s%s%s%s", option->name,
		   option->unsaid    ? "[="
		   : option->metavar ? " "
				     : "",
		   str_or(option->metavar, ""), option->unsaid ? "]" : "");
	buf_printf(out, "  %-26s  %s\n", buf_text(&left), option->help);
}

static void add_options(unsigned commands, struct buf *out)
{
	const char *group = "";
	for (const struct option_record *option = options_all; option->name; option++) {
		if (!(option->commands & commands))
			continue;
		if (strcmp(group, option->group) != 0)
			buf_printf(out, "\n%s:\n", option->group);
		group = option->group;
		add_option(option, out);
	}
}

static void add_exits(struct buf *out)
{
	buf_puts(out, "\nExit codes:\n");
	for (const struct exit_record *exit = options_exits; exit->meaning; exit++)
		buf_printf(out, "  %d  %s\n", exit->code, exit->meaning);
}

static void add_overview(struct buf *out)
{
	buf_puts(out, "Usage: imgsan COMMAND [OPTIONS]\n\n");
	add_wrapped(out, options_description);
	buf_puts(out, "\nCommands:\n");
	for (int i = 0; i < COMMAND_COUNT; i++)
		buf_printf(out, "  %-8s  %s\n", options_commands[i].name,
			   options_commands[i].help);
	add_options(~0u, out);
	add_exits(out);
	buf_puts(out, "\nimgsan help COMMAND tells which options go with a command.\n");
}

void help_write(enum command command, struct buf *out)
{
	if (command == COMMAND_COUNT) {
		add_overview(out);
		return;
	}
	buf_puts(out, "Usage: ");
	add_synopsis(&options_commands[command], out);
	buf_puts(out, " [OPTIONS]\n\n");
	add_wrapped(out, options_commands[command].man);
	add_options(1u << command, out);
	if (command != COMMAND_HELP)
		add_exits(out);
}

/* Text for roff: no character of ours may be taken for a request. */
static void add_roff(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			buf_puts(out, "\\-");
		else if (*text == '\\')
			buf_puts(out, "\\e");
		else
			buf_add(out, text, 1);
	}
}

static void add_roff_line(struct buf *out, const char *text)
{
	buf_puts(out, "\\&");
	add_roff(out, text);
	buf_puts(out, "\n");
}

static void man_commands(struct buf *out)
{
	buf_puts(out, ".SH COMMANDS\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		buf_printf(out, ".TP\n.B %s ", options_commands[i].name);
		add_roff(out, options_commands[i].arguments);
		buf_puts(out, "\n");
		add_roff_line(out, options_commands[i].man);
	}
}

static void man_goes_with(const struct option_record *option, struct buf *out)
{
	const char *before = "Goes with ";
	for (int i = 0; i < COMMAND_COUNT; i++) {
		if (!(option->commands & 1u << i))
			continue;
		buf_printf(out, "%s%s", before, options_commands[i].name);
		before = ", ";
	}
	buf_puts(out, ".\n");
}

static void man_option(const struct option_record *option, struct buf *out)
{
	buf_puts(out, ".TP\n.BR ");
	if (option->letter)
		buf_printf(out, "\\-%c \", \" ", option->letter);
	buf_puts(out, "\\-\\-");
	add_roff(out, option->name);
	if (option->unsaid)
		buf_printf(out, " [= \\fI%s\\fR ]", option->metavar);
	else if (option->metavar)
		buf_printf(out, " \" \" \\fI%s\\fR", option->metavar);
	buf_puts(out, "\n");
	add_roff_line(out, option->help);
	buf_puts(out, ".br\n");
	if (option->man)
		add_roff_line(out, option->man);
	man_goes_with(option, out);
}

void help_man(struct buf *out)
{
	buf_printf(out, ".TH IMGSAN 8 \"\" \"imgsan %s\" \"System Administration\"\n",
		   options_version);
	buf_puts(out, ".SH NAME\nimgsan \\- sanitise a disk before it becomes an image\n"
		      ".SH SYNOPSIS\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		buf_printf(out, "%s.B imgsan %s\n", i ? ".br\n" : "", options_commands[i].name);
		if (*options_commands[i].arguments)
			add_roff_line(out, options_commands[i].arguments);
		buf_puts(out, "[\\fIOPTIONS\\fR]\n");
	}
	buf_puts(out, ".SH DESCRIPTION\n");
	add_roff_line(out, options_description);
	man_commands(out);
	buf_puts(out, ".SH OPTIONS\n");
	for (const struct option_record *option = options_all; option->name; option++)
		man_option(option, out);
	buf_puts(out, ".SH EXIT STATUS\n");
	for (const struct exit_record *exit = options_exits; exit->meaning; exit++) {
		buf_printf(out, ".TP\n.B %d\n", exit->code);
		add_roff_line(out, exit->meaning);
	}
}
