/* SPDX-License-Identifier: MIT */
#include "cli/deliver.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "cli/catalog.h"
#include "report/stats.h"

#define MOST_ELSEWHERE 6000 /* what callers keep of the output of a command */
#define MOST_ROWS 72	    /* three screens */

static bool wants_color(const struct cli *cli)
{
	if (cli->color && strcmp(cli->color, "auto") != 0)
		return strcmp(cli->color, "always") == 0;
	return plat_has_colors();
}

static bool is_json(const struct cli *cli)
{
	return cli->format && strcmp(cli->format, "json") == 0;
}

static size_t most_output(const struct cli *cli)
{
	if (cli->max_output != MAX_OUTPUT_UNSET)
		return (size_t)cli->max_output;
	return is_json(cli) || plat_is_terminal(1) ? 0 : MOST_ELSEWHERE;
}

/* What is read on a screen has three of them, unless all was asked for. */
static size_t most_rows(const struct cli *cli)
{
	return cli->verbosity > 0 || cli->max_output == 0 ? 0 : MOST_ROWS;
}

void deliver_options(const struct cli *cli, const struct rules *rules,
		     struct report_options *ret)
{
	*ret = (struct report_options){
		.version = options_version,
		.rules = rules,
		.item = catalog_describe,
		.exit_zero = cli->exit_zero,
		.most = most_output(cli),
		.rows = most_rows(cli),
		.color = wants_color(cli),
		.width = plat_is_terminal(1) ? plat_columns() : 0,
		.verbosity = cli->verbosity,
	};
}

/* The file holds everything, whatever is printed. */
static int write_file(const struct cli *cli, const struct report_options *options,
		      const struct outcome *outcome)
{
	_cleanup_(buf_free) struct buf out = {0};
	struct report_options whole = *options;
	whole.most = 0;
	whole.rows = 0;
	whole.color = false;
	whole.width = 0;
	whole.verbosity = 1;
	report_find(str_ends(cli->report, ".txt") ? "text" : "json")
		->write(outcome, &whole, &out);
	return plat_out_write(cli->report, buf_text(&out), out.len);
}

static char *file_fault(const struct cli *cli, int fell)
{
	_cleanup_(buf_free) struct buf text = {0};
	buf_puts(&text, "the report file ");
	str_quote(&text, cli->report);
	buf_printf(&text, " can not be written: %s", error_text(fell));
	if (fell == -EPERM)
		buf_puts(&text, " (could another user change names in its directory?)");
	return mem_strdup(buf_text(&text));
}

int deliver_first(const struct cli *cli, const struct report_options *options,
		  enum engine_mode mode)
{
	static char not_ended[] = "the run had not ended when this was written";
	struct outcome outcome = {.mode = mode, .code = EXIT_FATAL, .fatal = not_ended};
	if (!cli->report)
		return 0;
	clock_stamp(outcome.started);
	int fell = write_file(cli, options, &outcome);
	if (fell < 0) {
		_cleanup_free_ char *fault = file_fault(cli, fell);
		deliver_note("imgsan: %s; nothing was done\n", fault);
	}
	return fell;
}

static void save(const struct cli *cli, const struct report_options *options,
		 struct outcome *outcome)
{
	int fell = write_file(cli, options, outcome);
	if (fell >= 0)
		return;
	_cleanup_free_ char *fault = file_fault(cli, fell);
	deliver_note("imgsan: %s\n", fault);
	if (outcome->code != EXIT_FATAL) {
		free(outcome->fatal);
		outcome->fatal = mem_strdup(fault);
	}
	outcome->code = EXIT_FATAL;
}

void deliver_report(const struct cli *cli, const struct report_options *options,
		    struct outcome *outcome)
{
	_cleanup_(buf_free) struct buf out = {0};
	if (cli->report)
		save(cli, options, outcome);
	report_find(is_json(cli) ? "json" : "text")->write(outcome, options, &out);
	_cleanup_(buf_free) struct buf stats = {0};
	stats_text(outcome, &stats);
	/* Who reads us may have gone: what was done was done all the same. */
	if (deliver_text(buf_text(&out)) < 0)
		deliver_note("imgsan: standard output could not be written\n");
	deliver_note("%s", buf_text(&stats));
}

int deliver_text(const char *text)
{
	return plat_print(1, text, strlen(text));
}

void deliver_note(const char *format, ...)
{
	_cleanup_(buf_free) struct buf text = {0};
	va_list args;
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	plat_print(2, buf_text(&text), text.len);
}
