/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

static volatile sig_atomic_t asked;
static void (*watcher)(void);
static uint64_t last_look;

void stop_request(enum stop_reason reason)
{
	if (!asked)
		asked = (sig_atomic_t)reason;
}

void stop_set_watch(void (*watch)(void))
{
	watcher = watch;
}

enum stop_reason stop_asked(void)
{
	uint64_t now = clock_ms();
	if (watcher && now - last_look >= 100) {
		last_look = now;
		watcher();
	}
	return (enum stop_reason)asked;
}

const char *stop_text(enum stop_reason reason)
{
	switch (reason) {
	case STOP_NOT:
		break;
	case STOP_SIGNAL:
		return "ended by a signal";
	case STOP_DEADLINE:
		return "the deadline passed";
	case STOP_PARENT_GONE:
		return "the calling process is gone";
	}
	return "not stopped";
}
