/* SPDX-License-Identifier: MIT */
#include "cli/watch.h"

#include "base/clock.h"
#include "base/stop.h"
#include "platform.h"

#define RESERVE_MOST 5000 /* ms to write the report in */

static uint64_t end_ms; /* 0: no deadline */

static void look(void)
{
	if (end_ms && clock_ms() >= end_ms)
		stop_request(STOP_DEADLINE);
	if (plat_parent_gone())
		stop_request(STOP_PARENT_GONE);
}

void watch_start(uint64_t deadline)
{
	uint64_t reserve = deadline * 1000 / 20;
	if (reserve > RESERVE_MOST)
		reserve = RESERVE_MOST;
	if (deadline)
		end_ms = clock_ms() + deadline * 1000 - reserve;
	stop_set_watch(look);
}
