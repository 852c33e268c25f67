/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/deliver.h"

#define QUIET_MS 1000 /* nothing is shown before */
#define EVERY_MS 200

static uint64_t began_ms, drawn_ms, stage_ms;
static const char *stage;
static size_t drawn; /* columns to erase */

static void add_eta(const struct engine_progress *progress, uint64_t elapsed_ms,
		    struct buf *out)
{
	if (!progress->expected_bytes || !progress->bytes ||
	    progress->bytes >= progress->expected_bytes)
		return;
	double part = (double)progress->bytes / (double)progress->expected_bytes;
	uint64_t left = (uint64_t)((double)elapsed_ms * (1 - part) / part / 1000);
	buf_printf(out, ", %.0f%%", part * 100);
	if (left < 100 * UINT64_C(3600))
		buf_printf(out, ", %" PRIu64 ":%02" PRIu64 " left", left / 60, left % 60);
}

void progress_line(const struct engine_progress *progress, uint64_t elapsed_ms, struct buf *out)
{
	char files[28], bytes[16], findings[28];
	buf_printf(out, "%s: %s files, %s, %s findings", str_or(progress->stage, "working"),
		   str_count(progress->files, files), str_bytes(progress->bytes, bytes),
		   str_count(progress->findings, findings));
	add_eta(progress, elapsed_ms, out);
}

static void draw(const char *line)
{
	size_t room = plat_columns(), len = strlen(line);
	if (room > 1 && len > room - 1)
		len = room - 1;
	size_t rest = drawn > len ? drawn - len : 0;
	deliver_note("\r%.*s%*s", (int)len, line, (int)rest, "");
	drawn = len;
}

void progress_show(const struct engine_progress *progress, void *context)
{
	_cleanup_(buf_free) struct buf line = {0};
	uint64_t now = clock_ms();
	(void)context;
	if (!began_ms)
		began_ms = now;
	if (!stage || strcmp(stage, str_or(progress->stage, "")) != 0) {
		stage = str_or(progress->stage, "");
		stage_ms = now;
	}
	if (now - began_ms < QUIET_MS || now - drawn_ms < EVERY_MS)
		return;
	drawn_ms = now;
	progress_line(progress, now - stage_ms, &line);
	draw(buf_text(&line));
}

void progress_erase(void)
{
	if (!drawn)
		return;
	draw("");
	deliver_note("\r");
}
