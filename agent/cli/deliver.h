/* SPDX-License-Identifier: MIT */
/* Where a report goes. */
#ifndef CLI_DELIVER_H
#define CLI_DELIVER_H

#include "cli/options.h"
#include "report/report.h"

void deliver_options(const struct cli *cli, const struct rules *rules,
		     struct report_options *ret);

/* A report that says "not ended" under the name of --report, so that a run that
 * is killed leaves no older one there to be taken for its own, and so that a
 * place that can not be written is known before anything is changed. */
int deliver_first(const struct cli *cli, const struct report_options *options,
		  enum engine_mode mode);

/* Writes the report file, then standard output. A report file that can not be
 * written makes the outcome fatal. */
void deliver_report(const struct cli *cli, const struct report_options *options,
		    struct outcome *outcome);

/* Prints a text; negative errno when it could not be written whole. */
int deliver_text(const char *text);
/* Says something on standard error. */
void deliver_note(const char *format, ...) FORMAT(1, 2);

#endif
