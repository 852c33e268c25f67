/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <string.h>

#include "report/json.h"
#include "report/text.h"

static const struct report_writer text = {"text", "for people, worst first", text_write};
static const struct report_writer json = {"json", "for programs: imgsan.report/1", json_write};

static const struct report_writer *const writers[] = {&text, &json, NULL};

const struct report_writer *report_find(const char *name)
{
	for (const struct report_writer *const *writer = writers; *writer; writer++)
		if (strcmp((*writer)->name, name) == 0)
			return *writer;
	return NULL;
}
