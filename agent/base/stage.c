/* SPDX-License-Identifier: MIT */
#include "base/stage.h"

#include <string.h>

#include "base/clock.h"

bool stage_on;

static enum stage current;
static uint64_t since, times[STAGE_COUNT];

void stage_start(void)
{
	memset(times, 0, sizeof times);
	current = STAGE_OTHER;
	since = clock_ns();
	stage_on = true;
}

enum stage stage_change(enum stage stage)
{
	enum stage before = current;
	uint64_t now = clock_ns();
	times[before] += now - since;
	since = now;
	current = stage;
	return before;
}

void stage_times(uint64_t ret[STAGE_COUNT])
{
	if (stage_on)
		(void)stage_change(current);
	memcpy(ret, times, sizeof times);
}

const char *stage_name(enum stage stage)
{
	static const char *const names[STAGE_COUNT] = {
		[STAGE_OTHER] = "other",
		[STAGE_WALK] = "walk",
		[STAGE_OPEN] = "open",
		[STAGE_SEND] = "send",
		[STAGE_WAIT] = "wait",
		[STAGE_PLAN] = "plan",
		[STAGE_ACT] = "act",
		[STAGE_IDLE] = "idle",
		[STAGE_EXAMINE] = "examine",
		[STAGE_READ] = "read",
		[STAGE_PREFILTER] = "prefilter",
		[STAGE_PATTERNS] = "patterns",
		[STAGE_DECODE] = "decode",
		[STAGE_CONTAINER] = "container",
		[STAGE_DATABASE] = "database",
		[STAGE_GIT] = "git",
	};
	return names[stage];
}
