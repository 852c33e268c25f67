/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "cli/options.h"

static bool takes_path(const struct option_record *option)
{
	return option->parse == PARSE_PATH || option->parse == PARSE_PATHS;
}

/* The words a value may be, or NULL when that is not known beforehand. */
static const char *const *words_of(const struct option_record *option)
{
	if (strcmp(option->name, "profile") == 0)
		return rules_profiles();
	return option->choices;
}

static void add_words(struct buf *out, const char *const *words)
{
	for (const char *const *word = words; *word; word++)
		buf_printf(out, "%s%s", word == words ? "" : " ", *word);
}

static void add_commands(struct buf *out)
{
	for (int i = 0; i < COMMAND_COUNT; i++)
		buf_printf(out, "%s%s", i ? " " : "", options_commands[i].name);
}

static void bash_values(struct buf *out)
{
	buf_puts(out, "\tcase $previous in\n");
	for (const struct option_record *option = options_all; option->name; option++) {
		const char *const *words = words_of(option);
		if (!option->metavar || option->unsaid)
			continue;
		buf_printf(out, "\t--%s) ", option->name);
		if (words) {
			buf_puts(out, "words='");
			add_words(out, words);
			buf_puts(out, "' ;;\n");
		} else if (takes_path(option)) {
			buf_puts(
				out,
				"mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n");
		} else {
			buf_puts(out, "return ;;\n");
		}
	}
	buf_puts(out, "\tesac\n");
}

static void bash_options(struct buf *out)
{
	buf_puts(out, "\tcase $command in\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		buf_printf(out, "\t%s) words=${words:-'", options_commands[i].name);
		if (i == COMMAND_RULES)
			buf_puts(out, "check ");
		if (i == COMMAND_HELP) {
			add_commands(out);
			buf_puts(out, " man completion bash zsh fish ");
		}
		for (const struct option_record *option = options_all; option->name; option++)
			if (option->commands & 1u << i)
				buf_printf(out, "--%s ", option->name);
		buf_puts(out, "'} ;;\n");
	}
	buf_puts(out, "\t*) words=${words:-'");
	add_commands(out);
	buf_puts(out, " --help --version'} ;;\n\tesac\n");
}

static void write_bash(struct buf *out)
{
	buf_puts(
		out,
		"# bash completion for imgsan\n_imgsan() {\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
		"\tlocal command='' words='' i\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase ${COMP_WORDS[i]} in\n\t\t");
	for (int i = 0; i < COMMAND_COUNT; i++)
		buf_printf(out, "%s%s", i ? "|" : "", options_commands[i].name);
	buf_puts(out, ") command=${COMP_WORDS[i]}; break ;;\n\t\tesac\n\tdone\n");
	bash_values(out);
	bash_options(out);
	buf_puts(out, "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n"
		      "complete -F _imgsan imgsan\n");
}

/* Some characters end a description in zsh or fish. */
static void add_description(struct buf *out, const char *text)
{
	for (; *text; text++) {
		char plain = strchr("[]'", *text) ? ' ' : *text == ':' ? ',' : *text;
		buf_add(out, &plain, 1);
	}
}

static void write_zsh(struct buf *out)
{
	buf_puts(out, "#compdef imgsan\n_arguments \\\n");
	for (const struct option_record *option = options_all; option->name; option++) {
		const char *const *words = words_of(option);
		bool many = option->parse == PARSE_PATHS || option->parse == PARSE_NAMES;
		buf_printf(out, "\t'%s--%s%s[", many ? "*" : "", option->name,
			   option->unsaid    ? "=-"
			   : option->metavar ? "="
					     : "");
		add_description(out, option->help);
		buf_puts(out, "]");
		if (option->metavar)
			buf_printf(out, "%s:%s:", option->unsaid ? ":" : "", option->metavar);
		if (words) {
			buf_puts(out, "(");
			add_words(out, words);
			buf_puts(out, ")");
		} else if (takes_path(option)) {
			buf_puts(out, "_files");
		}
		buf_puts(out, "' \\\n");
	}
	buf_puts(out, "\t'1:command:(");
	add_commands(out);
	buf_puts(out, ")' \\\n\t'*:argument:_files'\n");
}

static void fish_option(const struct option_record *option, struct buf *out)
{
	const char *const *words = words_of(option);
	buf_puts(out, "complete -c imgsan -n '__fish_seen_subcommand_from");
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (option->commands & 1u << i)
			buf_printf(out, " %s", options_commands[i].name);
	buf_printf(out, "' -l %s", option->name);
	if (option->letter)
		buf_printf(out, " -s %c", option->letter);
	if (option->metavar && !option->unsaid)
		buf_puts(out, takes_path(option) ? " -r -F" : " -x");
	if (words) {
		buf_puts(out, " -a '");
		add_words(out, words);
		buf_puts(out, "'");
	}
	buf_puts(out, " -d '");
	add_description(out, option->help);
	buf_puts(out, "'\n");
}

static void write_fish(struct buf *out)
{
	buf_puts(out, "complete -c imgsan -f\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		buf_printf(out, "complete -c imgsan -n __fish_use_subcommand -a %s -d '",
			   options_commands[i].name);
		add_description(out, options_commands[i].help);
		buf_puts(out, "'\n");
	}
	for (const struct option_record *option = options_all; option->name; option++)
		fish_option(option, out);
}

static const struct {
	const char *shell;
	void (*write)(struct buf *out);
} writers[] = {
	{"bash", write_bash},
	{"zsh", write_zsh},
	{"fish", write_fish},
};

int completion_write(const char *shell, struct buf *out)
{
	for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
		if (strcmp(writers[i].shell, shell) == 0) {
			writers[i].write(out);
			return 0;
		}
	}
	return -EINVAL;
}
