/* SPDX-License-Identifier: MIT */
#include "report/stats.h"

#include "base/str.h"

static uint64_t sum_of(const struct outcome *outcome, int from, int to)
{
	uint64_t sum = 0;
	for (int i = from; i < to; i++)
		sum += outcome->stats.stages[i];
	return sum;
}

static void add_stages(const struct outcome *outcome, const char *title, int from, int to,
		       struct buf *out)
{
	uint64_t sum = sum_of(outcome, from, to);
	buf_printf(out, "  %-10s %9.3f s\n", title, (double)sum / 1e9);
	for (int i = from; i < to; i++) {
		uint64_t time = outcome->stats.stages[i];
		if (time)
			buf_printf(out, "    %-10s %7.3f s %4.0f %%\n",
				   stage_name((enum stage)i), (double)time / 1e9,
				   100.0 * (double)time / (double)sum);
	}
}

void stats_text(const struct outcome *outcome, struct buf *out)
{
	char files[28], bytes[16], rate[16];
	const struct detect_stats *stats = &outcome->stats;
	double seconds = (double)(outcome->elapsed_ms ? outcome->elapsed_ms : 1) / 1000;
	if (!sum_of(outcome, 0, STAGE_COUNT))
		return;
	buf_puts(out, "where the time went\n");
	add_stages(outcome, "main", 0, STAGE_IDLE, out);
	add_stages(outcome, "workers", STAGE_IDLE, STAGE_COUNT, out);
	buf_printf(out, "  %s files examined, %s in %.3f s: %s/s\n",
		   str_count(stats->files, files), str_bytes(stats->bytes, bytes), seconds,
		   str_bytes((uint64_t)((double)stats->bytes / seconds), rate));
}

json_t *stats_stages(const struct outcome *outcome)
{
	if (!sum_of(outcome, 0, STAGE_COUNT))
		return NULL;
	json_t *object = json_object();
	for (int i = 0; i < STAGE_COUNT; i++)
		json_object_set_new(
			object, stage_name((enum stage)i),
			json_integer((json_int_t)(outcome->stats.stages[i] / 1000)));
	return object;
}
