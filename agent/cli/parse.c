/* SPDX-License-Identifier: MIT */
#include "cli/parse.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>

#include "base/str.h"
#include "cli/nearest.h"

#define LONG_BASE 1000 /* above every letter */

static void fault_word(struct buf *fault, const char *before, const char *word,
		       const char *after)
{
	buf_puts(fault, before);
	buf_puts(fault, " '");
	str_quote(fault, word);
	buf_puts(fault, "'");
	buf_puts(fault, after);
}

enum command parse_command(const char *name)
{
	int command = 0;
	while (command < COMMAND_COUNT && strcmp(options_commands[command].name, name) != 0)
		command++;
	return (enum command)command;
}

static size_t option_count(void)
{
	size_t count = 0;
	while (options_all[count].name)
		count++;
	return count;
}

/* getopt's two tables from the records. */
static struct option *long_options(struct buf *letters)
{
	size_t count = option_count();
	struct option *table = mem_alloc((count + 1) * sizeof *table);
	buf_puts(letters, ":"); /* a missing value is told apart from the unknown */
	for (size_t i = 0; i < count; i++) {
		const struct option_record *record = &options_all[i];
		table[i].name = record->name;
		table[i].has_arg = record->unsaid    ? optional_argument
				   : record->metavar ? required_argument
						     : no_argument;
		table[i].val = LONG_BASE + (int)i;
		if (record->letter)
			buf_printf(letters, "%c%s", record->letter, record->metavar ? ":" : "");
	}
	return table;
}

static const struct option_record *record_of(int value)
{
	if (value >= LONG_BASE)
		return &options_all[value - LONG_BASE];
	for (const struct option_record *record = options_all; record->name; record++)
		if (record->letter && record->letter == value)
			return record;
	return NULL;
}

static void add_text(strings *list, char *text)
{
	*vec_add(list) = text;
	*vec_add(list) = NULL;
	list->n--;
}

static int add_names(strings *list, const char *value)
{
	for (;;) {
		size_t len = strcspn(value, ",");
		if (!len)
			return -EINVAL;
		add_text(list, mem_strndup(value, len));
		if (!value[len])
			return 0;
		value += len + 1;
	}
}

static int store_number(const struct option_record *record, const char *value, uint64_t *slot,
			struct buf *fault)
{
	uint64_t number;
	if (str_number(value, &number) && number >= record->least && number <= record->most) {
		*slot = number;
		return 0;
	}
	fault_word(fault, "bad value", value, " for --");
	buf_printf(fault, "%s: a whole number from %" PRIu64 " to %" PRIu64 " is needed",
		   record->name, record->least, record->most);
	return -EINVAL;
}

static int store_choice(const struct option_record *record, const char *value,
			const char **slot, struct buf *fault)
{
	for (const char *const *choice = record->choices; *choice; choice++) {
		if (strcmp(*choice, value) == 0) {
			*slot = *choice;
			return 0;
		}
	}
	fault_word(fault, "bad value", value, " for --");
	buf_printf(fault, "%s: one of", record->name);
	for (const char *const *choice = record->choices; *choice; choice++)
		buf_printf(fault, "%s %s", choice == record->choices ? "" : ",", *choice);
	buf_puts(fault, " is needed");
	return -EINVAL;
}

static int store(const struct option_record *record, const char *value, struct cli *cli,
		 struct buf *fault)
{
	void *slot = (char *)cli + record->offset;
	if (!value)
		value = str_or(record->unsaid, "");
	if (record->metavar && !*value) {
		buf_printf(fault, "--%s needs a value that is not empty", record->name);
		return -EINVAL;
	}
	switch (record->parse) {
	case PARSE_SET:
		*(int *)slot = record->set;
		return 0;
	case PARSE_TEXT:
	case PARSE_PATH:
		*(const char **)slot = value;
		return 0;
	case PARSE_PATHS:
		add_text(slot, mem_strdup(value));
		return 0;
	case PARSE_NAMES:
		if (add_names(slot, value) == 0)
			return 0;
		buf_printf(fault, "--%s: there is an empty name in the list", record->name);
		return -EINVAL;
	case PARSE_CHOICE:
		return store_choice(record, value, slot, fault);
	case PARSE_NUMBER:
		return store_number(record, value, slot, fault);
	}
	return -EINVAL;
}

static void fault_unknown(const char *word, struct buf *fault)
{
	const char *names[64] = {0};
	size_t count = 0;
	for (const struct option_record *record = options_all; record->name && count < 63;
	     record++)
		names[count++] = record->name;
	fault_word(fault, "unknown option", word, "");
	_cleanup_free_ char *bare = mem_strdup(word + strspn(word, "-"));
	bare[strcspn(bare, "=")] = 0;
	const char *near = nearest_find(bare, names);
	if (near)
		buf_printf(fault, "; did you mean --%s?", near);
}

static int fault_getopt(char **argv, struct buf *fault)
{
	const struct option_record *record = record_of(optopt);
	if (record && record->metavar) /* not every getopt tells by the answer */
		buf_printf(fault, "--%s needs a value: %s", record->name, record->metavar);
	else if (record)
		buf_printf(fault, "--%s takes no value", record->name);
	else if (optopt)
		fault_word(fault, "unknown option", (char[]){'-', (char)optopt, 0}, "");
	else
		fault_unknown(argv[optind - 1], fault);
	return -EINVAL;
}

static int set_command(int argc, char **argv, struct cli *cli, struct buf *fault)
{
	const char *names[COMMAND_COUNT + 1] = {0};
	for (int i = 0; i < COMMAND_COUNT; i++)
		names[i] = options_commands[i].name;
	if (optind == argc) {
		buf_puts(fault, "a command is needed:");
		for (int i = 0; i < COMMAND_COUNT; i++)
			buf_printf(fault, "%s %s", i ? "," : "", names[i]);
		return -EINVAL;
	}
	const char *word = argv[optind++];
	cli->command = parse_command(word);
	cli->arguments = argv + optind;
	cli->argument_count = argc - optind;
	if (cli->command != COMMAND_COUNT)
		return 0;
	fault_word(fault, "unknown command", word, "");
	const char *near = nearest_find(word, names);
	if (near)
		buf_printf(fault, "; did you mean %s?", near);
	return -EINVAL;
}

static int check_arguments(const struct cli *cli, struct buf *fault)
{
	const struct command_record *record = &options_commands[cli->command];
	if (cli->argument_count < record->least)
		buf_printf(fault, "%s needs %s", record->name, record->arguments);
	else if (cli->argument_count > record->most)
		fault_word(fault, "unexpected argument", cli->arguments[record->most], "");
	else if (cli->command == COMMAND_RULES && strcmp(cli->arguments[0], "check") != 0)
		fault_word(fault, "rules knows only check, not", cli->arguments[0], "");
	else if (cli->command == COMMAND_EXPLAIN &&
		 (cli->finding ? !cli->report || cli->argument_count
			       : cli->report || !cli->argument_count))
		buf_puts(fault, "explain needs NAME, or both of --finding and --report");
	else if (cli->policy && cli->profile)
		buf_puts(fault, "--policy and --profile exclude each other");
	else if (!cli->sysprep && (cli->unattend || cli->sysprep_timeout))
		buf_puts(fault, "--unattend and --sysprep-timeout need --sysprep");
	else if (cli->sysprep && cli->root)
		buf_puts(fault,
			 "--sysprep is for the running Windows, not for a tree (--root)");
	else
		return 0;
	return -EINVAL;
}

static int check_options(const struct cli *cli, const bool *given, struct buf *fault)
{
	for (size_t i = 0; options_all[i].name; i++) {
		if (!given[i] || options_all[i].commands & 1u << cli->command)
			continue;
		buf_printf(fault, "--%s does not go with %s", options_all[i].name,
			   options_commands[cli->command].name);
		return -EINVAL;
	}
	return 0;
}

int parse_arguments(int argc, char **argv, struct cli *ret, struct buf *fault)
{
	_cleanup_(buf_free) struct buf letters = {0};
	_cleanup_free_ struct option *table = long_options(&letters);
	_cleanup_free_ bool *given = mem_alloc(option_count() * sizeof *given);
	int answer, fell = 0;

	*ret = (struct cli){.command = COMMAND_COUNT, .max_output = MAX_OUTPUT_UNSET};
	opterr = 0;
	optind = 0; /* starts anew in every libc we meet */
	while (!fell &&
	       (answer = getopt_long(argc, argv, buf_text(&letters), table, NULL)) != -1) {
		if (answer == ':' || answer == '?')
			return fault_getopt(argv, fault);
		const struct option_record *record = record_of(answer);
		given[record - options_all] = true;
		fell = store(record, optarg, ret, fault);
	}
	if (fell || (optind == argc && (ret->help || ret->version)))
		return fell;
	fell = set_command(argc, argv, ret, fault);
	if (fell || ret->help || ret->version)
		return fell;
	fell = check_options(ret, given, fault);
	return fell ? fell : check_arguments(ret, fault);
}

static void free_list(strings *list)
{
	vec_each(list, text)
		free(*text);
	vec_free(list);
}

void parse_free(struct cli *cli)
{
	free_list(&cli->packs);
	free_list(&cli->only);
	free_list(&cli->skip);
	free_list(&cli->include_mounts);
	free_list(&cli->treat);
	free_list(&cli->remove_accounts);
}
