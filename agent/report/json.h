/* SPDX-License-Identifier: MIT */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/report.h"

#define JSON_SCHEMA "imgsan.report/1" /* report.schema.json describes it */

void json_write(const struct outcome *outcome, const struct report_options *options,
		struct buf *out);

#endif
