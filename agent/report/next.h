/* SPDX-License-Identifier: MIT */
#ifndef REPORT_NEXT_H
#define REPORT_NEXT_H

#include "report/page.h"

/* What the reader does now: the last section of the text report. */
void next_steps(const struct outcome *outcome, unsigned width, struct page *page);

#endif
