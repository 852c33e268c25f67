/* SPDX-License-Identifier: MIT */
/* Arguments -> rules -> engine -> report -> exit code. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "cli/ask.h"
#include "cli/because.h"
#include "cli/catalog.h"
#include "cli/check.h"
#include "cli/completion.h"
#include "cli/deliver.h"
#include "cli/help.h"
#include "cli/list.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "cli/watch.h"
#include "engine.h"
#include "plan/cleaner.h"

#define KEY_BYTES_MOST 4096
#define SYSPREP_SECONDS 1800
#define JOBS_MOST 8 /* workers by default; more only when asked for */

static int say(int code, const char *text)
{
	deliver_note("imgsan: %s\n", text);
	return code;
}

static int usage(const struct cli *cli, const char *text)
{
	say(EXIT_USAGE, text);
	deliver_note("Try: imgsan help%s%s\n", cli->command < COMMAND_COUNT ? " " : "",
		     cli->command < COMMAND_COUNT ? options_commands[cli->command].name : "");
	return EXIT_USAGE;
}

static int print(const struct buf *out)
{
	if (deliver_text(buf_text(out)) < 0)
		return say(EXIT_FATAL, "standard output could not be written");
	return EXIT_CLEAN;
}

/* ---- help, list, explain, rules check: no guest is looked at ---- */

static int run_help(const struct cli *cli)
{
	_cleanup_(buf_free) struct buf out = {0};
	const char *topic = cli->argument_count ? cli->arguments[0] : NULL;
	bool completion = topic && strcmp(topic, "completion") == 0;
	enum command command = topic ? parse_command(topic) : COMMAND_COUNT;

	if (cli->argument_count > 1 && !completion)
		return usage(cli, "help takes one topic");
	if (completion &&
	    (cli->argument_count < 2 || completion_write(cli->arguments[1], &out) < 0))
		return usage(cli, "completion needs one of bash, zsh, fish");
	if (topic && strcmp(topic, "man") == 0)
		help_man(&out);
	else if (topic && !completion && command == COMMAND_COUNT)
		return usage(cli, "there is no help on that");
	else if (!completion)
		help_write(command, &out);
	return print(&out);
}

static int run_offline(const struct cli *cli, const struct rules *rules)
{
	_cleanup_(buf_free) struct buf out = {0}, fault = {0};
	int fell = 0;
	if (cli->command == COMMAND_LIST)
		list_write(cli, rules, &out);
	else if (cli->finding)
		fell = because_explain(rules, cli->report, cli->finding, &out, &fault);
	else if (cli->command == COMMAND_EXPLAIN)
		fell = catalog_explain(rules, cli->arguments[0], &out, &fault);
	else
		fell = check_rules(rules, &out, &fault);
	return fell < 0 ? say(EXIT_USAGE, buf_text(&fault)) : print(&out);
}

/* ---- scan, clean, verify ---- */

static enum engine_mode mode_of(const struct cli *cli)
{
	return cli->command == COMMAND_CLEAN	? ENGINE_CLEAN
	       : cli->command == COMMAND_VERIFY ? ENGINE_VERIFY
						: ENGINE_SCAN;
}

static unsigned jobs_of(const struct cli *cli)
{
	unsigned cpus = plat_cpus();
	if (cli->jobs)
		return (unsigned)cli->jobs;
	return cpus < 1 ? 1 : cpus > JOBS_MOST ? JOBS_MOST : cpus;
}

static const char *const *texts_of(const strings *list)
{
	static const char *const none[] = {NULL};
	return list->n ? (const char *const *)list->v : none;
}

static struct engine_options engine_options(const struct cli *cli, const struct rules *rules,
					    struct report_options *report)
{
	struct engine_options options = {
		.mode = mode_of(cli),
		.root = str_or(cli->root, "/"),
		.only = texts_of(&cli->only),
		.skip = texts_of(&cli->skip),
		.include_mounts = texts_of(&cli->include_mounts),
		.fail_on = rules->policy.fail_on,
		.jobs = jobs_of(cli),
		.plan_file = cli->plan,
		.report_file = cli->report,
		.confirm = cli->command == COMMAND_CLEAN && !cli->yes ? ask_confirm : NULL,
		.progress = plat_is_terminal(2) && cli->verbosity >= 0 ? progress_show : NULL,
		.context = report,
		.firstboot_unit = cli->firstboot_unit != 0,
		.allow_lockout = cli->allow_lockout != 0,
		.generalize = cli->sysprep != NULL,
		.power_off = cli->sysprep && strcmp(cli->sysprep, "shutdown") == 0,
		.answer_file = cli->unattend,
		.generalize_limit = cli->sysprep_timeout ? (unsigned)cli->sysprep_timeout
							 : SYSPREP_SECONDS,
	};
	if (cli->os && strcmp(cli->os, "auto") != 0)
		options.os = strcmp(cli->os, "windows") == 0 ? GUEST_WINDOWS : GUEST_LINUX;
	if (cli->fail_on)
		severity_parse(cli->fail_on, &options.fail_on);
	return options;
}

/* The report is written: nothing comes behind it. */
static int power_off(void)
{
	int fell = engine_power_off();
	if (fell >= 0)
		return EXIT_CLEAN;
	deliver_note(
		"imgsan: the machine could not be shut down: %s; shut it down now, without "
		"using it further\n",
		error_text(fell));
	return EXIT_STEPS_FAILED;
}

static int run_engine(const struct cli *cli, const struct rules *rules, struct detect *detect,
		      const struct baseline *baseline)
{
	struct outcome outcome = {0};
	struct report_options report;
	deliver_options(cli, rules, &report);
	if (deliver_first(cli, &report, mode_of(cli)) < 0)
		return EXIT_FATAL;
	struct engine_options options = engine_options(cli, rules, &report);
	options.baseline = baseline;
	engine_run(&options, rules, detect, &outcome);
	progress_erase();
	deliver_report(cli, &report, &outcome);
	int code = (int)outcome.code;
	if (outcome.generalized && outcome.generalized->power_off && code == EXIT_CLEAN)
		code = power_off();
	outcome_free(&outcome);
	return code == EXIT_FINDINGS && cli->exit_zero ? EXIT_CLEAN : code;
}

/* After the workers' process was forked: no worker has the key. */
static int use_key(const struct cli *cli, struct detect *detect, struct buf *fault)
{
	_cleanup_(buf_wipe) struct buf key = {0};
	if (!cli->hmac_key)
		return 0;
	int r = plat_trusted_read(cli->hmac_key, KEY_BYTES_MOST, &key);
	if (r >= 0 && key.len >= DETECT_KEY_LEAST) {
		detect_use_key(detect, key.data, key.len);
		return 0;
	}
	buf_puts(fault, "--hmac-key: ");
	str_quote(fault, cli->hmac_key);
	buf_printf(fault, ": %s",
		   r == -EPERM ? "only you or root may own and write it and its directory"
		   : r < 0     ? error_text(r)
			       : "is shorter than 16 bytes");
	return -EINVAL;
}

static int run_prepared(const struct cli *cli, const struct rules *rules, struct detect *detect)
{
	_cleanup_(buf_free) struct buf fault = {0};
	struct baseline *baseline = NULL;
	if (use_key(cli, detect, &fault) < 0 ||
	    (cli->baseline &&
	     baseline_read(cli->baseline, detect_key_id(detect), &baseline, &fault) < 0))
		return say(EXIT_USAGE, buf_text(&fault));
	int code = run_engine(cli, rules, detect, baseline);
	baseline_free(baseline);
	return code;
}

static int run_guest(const struct cli *cli, const struct rules *rules)
{
	struct detect *detect;
	_cleanup_(buf_free) struct buf fault = {0};
	if (catalog_check_names(rules, &cli->only, "only", &fault) < 0 ||
	    catalog_check_names(rules, &cli->skip, "skip", &fault) < 0)
		return usage(cli, buf_text(&fault));
	/* The zygote is forked here, before anything of a guest is open. */
	struct detect_limits limits = {.timed = cli->stats,
				       .later = !cli->packs.n && !cli->gitleaks_config};
	if (cli->stats)
		stage_start();
	int fell = detect_prepare(rules, jobs_of(cli), &limits, &detect, &fault);
	if (fell == -EINVAL)
		return say(EXIT_USAGE, buf_text(&fault));
	if (fell < 0)
		return say(EXIT_FATAL,
			   fault.len ? buf_text(&fault) : "no worker could be started");
	int code = run_prepared(cli, rules, detect);
	detect_free(detect);
	return code;
}

static bool needs_guest(const struct cli *cli)
{
	return cli->command <= COMMAND_VERIFY;
}

static bool is_cleaner(const char *name)
{
	return cleaner_find(name) != NULL;
}

static bool has_own_rules(const struct cli *cli)
{
	return cli->packs.n || cli->gitleaks_config;
}

static int run_with_rules(struct cli *cli)
{
	_cleanup_(rules_free_ptr) struct rules *rules = NULL;
	_cleanup_(buf_free) struct buf fault = {0};
	if (cli->command == COMMAND_RULES && cli->argument_count > 1) {
		*vec_add(&cli->packs) = mem_strdup(cli->arguments[1]);
		*vec_add(&cli->packs) = NULL;
		cli->packs.n--;
	}
	const struct rules_options options = {
		.profile = cli->profile,
		.policy_file = cli->policy,
		.pack_dirs = texts_of(&cli->packs),
		.treat = texts_of(&cli->treat),
		.remove_accounts = texts_of(&cli->remove_accounts),
		.gitleaks_config = cli->gitleaks_config,
		.gitleaks_ignore = cli->gitleaks_ignore,
		.no_inline = cli->no_inline != 0,
		.check_inside = cli->command == COMMAND_RULES && !has_own_rules(cli),
	};
	if (rules_load(&options, &rules, &fault) < 0 ||
	    rules_check_names(rules, is_cleaner, &fault) < 0)
		return say(EXIT_USAGE, buf_text(&fault));
	return needs_guest(cli) ? run_guest(cli, rules) : run_offline(cli, rules);
}

static bool can_generalize(void)
{
	_cleanup_(buf_free) struct buf folder = {0};
	const char *architecture;
	return plat_generalize_place(&folder, &architecture) >= 0;
}

static int run(struct cli *cli)
{
	if (cli->command == COMMAND_HELP)
		return run_help(cli);
	if (cli->command == COMMAND_CLEAN && !cli->yes && !plat_is_terminal(0))
		return usage(cli, "clean changes this disk and can not ask without a terminal: "
				  "add --yes");
	if (cli->sysprep && !can_generalize())
		return usage(cli, "--sysprep is for a running Windows, and this is none");
	if (needs_guest(cli))
		watch_start(cli->deadline ? cli->deadline : plat_caller_deadline());
	return run_with_rules(cli);
}

static int run_parsed(struct cli *cli)
{
	_cleanup_(buf_free) struct buf out = {0};
	if (cli->version)
		buf_printf(&out, "imgsan %s\n", options_version);
	else if (cli->help)
		help_write(cli->command, &out);
	else
		return run(cli);
	return print(&out);
}

int main(int argc, char **argv)
{
	struct cli cli;
	_cleanup_(buf_free) struct buf fault = {0};
	plat_process_setup();
	argv = plat_arguments(argc, argv);
	for (argc = 0; argv[argc];)
		argc++;
	int code = parse_arguments(argc, argv, &cli, &fault) < 0 ? usage(&cli, buf_text(&fault))
								 : run_parsed(&cli);
	parse_free(&cli);
	return code;
}
