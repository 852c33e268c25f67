/* SPDX-License-Identifier: MIT */
/* One writer per format. A writer appends the whole report to a buffer; no
 * writer prints bytes of a guest but through str_quote, and none ever sees a
 * secret. The table of writers is in report.c. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "model/outcome.h"

struct rules;

/* What is known of an artefact, cleaner or rule; any text may be NULL. */
struct report_item {
	const char *title, *why, *advice, *reopen;
};

struct report_options {
	const char *version;	   /* of this program */
	const struct rules *rules; /* the policy */
	/* Looks a name up (the caller knows the cleaners, which stand above this
	 * library); NULL: nothing is known. */
	bool (*item)(const struct rules *rules, const char *name, struct report_item *ret);
	bool exit_zero; /* the process exits with 0 where the outcome says 1 */
	size_t most;	/* bytes the text may have; 0: no limit */
	size_t rows;	/* and lines of a terminal; 0: no limit */
	bool color;	/* ANSI colours and a wider line on a terminal */
	unsigned width; /* columns */
	int verbosity;	/* -1 quiet, 0, 1 verbose */
};

struct report_writer {
	const char *name, *description;
	void (*write)(const struct outcome *outcome, const struct report_options *options,
		      struct buf *out);
};

const struct report_writer *report_find(const char *name); /* or NULL */

#endif
