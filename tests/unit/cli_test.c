/* SPDX-License-Identifier: MIT */
/* The command line: what is accepted, what is refused and how that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "cli/ask.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "report/report.h"

static int parse(const char *line, struct cli *cli, struct buf *fault)
{
	static char words[512];
	static char *argv[32];
	int argc = 0;
	snprintf(words, sizeof words, "imgsan %s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return parse_arguments(argc, argv, cli, fault);
}

static void accepted(const char *line, struct cli *cli)
{
	_cleanup_(buf_free) struct buf fault = {0};
	if (parse(line, cli, &fault) < 0)
		fail_msg("%s: refused: %s", line, buf_text(&fault));
}

static void refused(const char *line, const char *reason)
{
	struct cli cli;
	_cleanup_(buf_free) struct buf fault = {0};
	if (parse(line, &cli, &fault) != -EINVAL)
		fail_msg("%s: accepted", line);
	if (!strstr(buf_text(&fault), reason))
		fail_msg("%s: says '%s', not '%s'", line, buf_text(&fault), reason);
	assert_null(strchr(buf_text(&fault), '\n'));
	parse_free(&cli);
}

static void test_values(void **state)
{
	struct cli cli;
	(void)state;
	accepted(
		"--root /mnt scan --os linux --jobs 3 -v --deadline 60 --max-output 0 --exit-zero "
		"--only a,b --only c --skip trace --pack p --pack q --fail-on high",
		&cli);
	assert_int_equal(cli.command, COMMAND_SCAN);
	assert_string_equal(cli.root, "/mnt");
	assert_string_equal(cli.os, "linux");
	assert_string_equal(cli.fail_on, "high");
	assert_int_equal(cli.jobs, 3);
	assert_int_equal(cli.deadline, 60);
	assert_int_equal(cli.max_output, 0);
	assert_int_equal(cli.verbosity, 1);
	assert_true(cli.exit_zero);
	assert_int_equal(cli.only.n, 3);
	assert_string_equal(cli.only.v[1], "b");
	assert_string_equal(cli.only.v[2], "c");
	assert_null(cli.only.v[3]);
	assert_int_equal(cli.packs.n, 2);
	assert_null(cli.packs.v[2]);
	parse_free(&cli);
}

static void test_defaults(void **state)
{
	struct cli cli;
	(void)state;
	accepted("clean", &cli);
	assert_int_equal(cli.command, COMMAND_CLEAN);
	assert_false(cli.yes);
	assert_null(cli.root);
	assert_true(cli.max_output == MAX_OUTPUT_UNSET);
	parse_free(&cli);
	accepted("clean --sysprep --unattend a.xml", &cli);
	assert_string_equal(cli.sysprep, "shutdown");
	assert_string_equal(cli.unattend, "a.xml");
	parse_free(&cli);
	accepted("clean --sysprep=quit --sysprep-timeout 5", &cli);
	assert_string_equal(cli.sysprep, "quit");
	assert_int_equal(cli.sysprep_timeout, 5);
	parse_free(&cli);
	accepted("--version", &cli);
	assert_true(cli.version);
	accepted("verify --help", &cli);
	assert_true(cli.help);
	assert_int_equal(cli.command, COMMAND_VERIFY);
	accepted("rules check some", &cli);
	assert_int_equal(cli.argument_count, 2);
}

static void test_refused(void **state)
{
	(void)state;
	refused("", "a command is needed");
	refused("scna", "did you mean scan?");
	refused("scan --rot /mnt", "did you mean --root?");
	refused("scan --nothing-like-it", "unknown option '--nothing-like-it'");
	refused("scan -x", "unknown option '-x'");
	refused("scan --root", "--root needs a value: DIR");
	refused("scan --root=", "not empty");
	refused("clean --yes=1", "--yes takes no value");
	refused("scan --yes", "--yes does not go with scan");
	refused("clean --exit-zero", "--exit-zero does not go with clean");
	refused("verify --plan x", "--plan does not go with verify");
	refused("scan --os beos", "one of auto, linux, windows");
	refused("scan --jobs 0", "from 1 to 64");
	refused("scan --jobs 65", "from 1 to 64");
	refused("scan --jobs -1", "from 1 to 64");
	refused("scan --deadline 99999999999999999999", "whole number");
	refused("scan --only a,,b", "empty name");
	refused("scan extra", "unexpected argument 'extra'");
	refused("explain", "explain needs NAME");
	refused("rules", "rules needs check");
	refused("rules list", "not 'list'");
	refused("clean --sysprep=off", "one of shutdown, quit");
	refused("clean --sysprep=", "not empty");
	refused("clean --sysprep quit", "unexpected argument 'quit'");
	refused("scan --sysprep", "--sysprep does not go with scan");
	refused("clean --unattend a.xml", "need --sysprep");
	refused("clean --sysprep --root /mnt", "not for a tree");
	refused("scan --policy p --profile q", "exclude each other");
	refused("sc\x1b[31man", "'sc\\x1b[31man'");
}

/* What the tables promise is what the parser and the other parts know. */
static void test_records(void **state)
{
	bool letters[256] = {0};
	enum severity severity;
	(void)state;
	for (const struct option_record *option = options_all; option->name; option++) {
		assert_non_null(option->help);
		assert_non_null(option->group);
		assert_true(option->commands != 0);
		assert_true((option->metavar == NULL) == (option->parse == PARSE_SET));
		assert_true((option->choices != NULL) == (option->parse == PARSE_CHOICE));
		assert_false(option->letter && letters[(unsigned char)option->letter]);
		letters[(unsigned char)option->letter] = true;
		for (const struct option_record *other = options_all; other < option; other++)
			assert_string_not_equal(other->name, option->name);
		for (const char *const *choice = option->choices; choice && *choice; choice++) {
			if (strcmp(option->name, "format") == 0)
				assert_non_null(report_find(*choice));
			if (strcmp(option->name, "fail-on") == 0)
				assert_true(severity_parse(*choice, &severity));
		}
	}
	for (int i = 0; i < COMMAND_COUNT; i++)
		assert_int_equal(parse_command(options_commands[i].name), i);
}

static void assert_each_option(const struct buf *text, const char *prefix)
{
	char word[64];
	for (const struct option_record *option = options_all; option->name; option++) {
		snprintf(word, sizeof word, "%s%s", prefix, option->name);
		if (!strstr(buf_text(text), word))
			fail_msg("no %s", word);
	}
}

static void test_generated(void **state)
{
	_cleanup_(buf_free) struct buf help = {0}, scan = {0}, bash = {0}, zsh = {0},
				       fish = {0};
	_cleanup_(buf_free) struct buf none = {0};
	(void)state;
	help_write(COMMAND_COUNT, &help);
	assert_each_option(&help, "--");
	assert_non_null(strstr(buf_text(&help), "Exit codes:"));
	help_write(COMMAND_SCAN, &scan);
	assert_non_null(strstr(buf_text(&scan), "--exit-zero"));
	assert_null(strstr(buf_text(&scan), "--yes"));
	assert_int_equal(completion_write("bash", &bash), 0);
	assert_each_option(&bash, "--");
	assert_int_equal(completion_write("zsh", &zsh), 0);
	assert_each_option(&zsh, "--");
	assert_int_equal(completion_write("fish", &fish), 0);
	assert_each_option(&fish, "-l ");
	assert_int_equal(completion_write("tcsh", &none), -EINVAL);
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"github-token", "machine-id", "logs", NULL};
	(void)state;
	assert_string_equal(nearest_find("machineid", names), "machine-id");
	assert_string_equal(nearest_find("github", names), "github-token");
	assert_string_equal(nearest_find("log", names), "logs");
	assert_null(nearest_find("zzzzzzzz", names));
	assert_null(nearest_find("", names));
}

static void test_answer(void **state)
{
	(void)state;
	assert_true(ask_is_yes("y\n"));
	assert_true(ask_is_yes(" yes\r\n"));
	assert_false(ask_is_yes("\n"));
	assert_false(ask_is_yes("yeah\n"));
	assert_false(ask_is_yes("n\n"));
}

static void test_progress(void **state)
{
	_cleanup_(buf_free) struct buf known = {0}, unknown = {0};
	const struct engine_progress half = {.stage = "scanning",
					     .files = 1234,
					     .findings = 2,
					     .bytes = 50,
					     .expected_bytes = 100};
	const struct engine_progress open = {.stage = "cleaning", .files = 1};
	(void)state;
	progress_line(&half, 65000, &known);
	assert_string_equal(buf_text(&known),
			    "scanning: 1,234 files, 50 B, 2 findings, 50%, 1:05 left");
	progress_line(&open, 5, &unknown);
	assert_string_equal(buf_text(&unknown), "cleaning: 1 files, 0 B, 0 findings");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	  cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_records),
		cmocka_unit_test(test_generated), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_answer),	  cmocka_unit_test(test_progress),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
