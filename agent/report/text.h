/* SPDX-License-Identifier: MIT */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

void text_write(const struct outcome *outcome, const struct report_options *options,
		struct buf *out);

/* The plan alone, for the question before clean. */
void text_write_plan(const struct plan *plan, const struct guest *guest,
		     const struct report_options *options, struct buf *out);

#endif
