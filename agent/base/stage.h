/* SPDX-License-Identifier: MIT */
/* Where the time of a process goes, for --stats. Between two calls all of it counts
 * for the stage that was entered last:
 *
 *     stage_start();                                   else all of this does nothing
 *     enum stage before = stage_enter(STAGE_CONTAINER);
 *     ...
 *     stage_enter(before);
 *
 * A call costs about 30 ns with --stats and one branch without. */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

enum stage {
	STAGE_OTHER,
	STAGE_WALK, /* listing directories, looking at entries, classifying them */
	STAGE_OPEN, /* files, for the workers */
	STAGE_SEND, /* handing them over, taking answers */
	STAGE_WAIT, /* for workers */
	STAGE_PLAN, /* cleaners, package ownership, the plan */
	STAGE_ACT,
	/* in the workers */
	STAGE_IDLE, /* for the parent */
	STAGE_EXAMINE,
	STAGE_READ,
	STAGE_PREFILTER,
	STAGE_PATTERNS,
	STAGE_DECODE,
	STAGE_CONTAINER,
	STAGE_DATABASE,
	STAGE_GIT,
	STAGE_COUNT
};

extern bool stage_on;

void stage_start(void); /* from zero, with STAGE_OTHER */
enum stage stage_change(enum stage stage);

static inline enum stage stage_enter(enum stage stage)
{
	return stage_on ? stage_change(stage) : STAGE_OTHER;
}

/* Nanoseconds so far; all 0 when it was not started. */
void stage_times(uint64_t ret[STAGE_COUNT]);
const char *stage_name(enum stage stage);

#endif
