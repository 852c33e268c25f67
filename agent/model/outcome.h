/* SPDX-License-Identifier: MIT */
/* What a run came to: made by the engine, printed by the report writers. */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include "base/stage.h"
#include "base/stop.h"
#include "model/generalized.h"
#include "model/guest.h"
#include "model/plan.h"

enum engine_mode { ENGINE_SCAN, ENGINE_CLEAN, ENGINE_VERIFY };

enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_STEPS_FAILED = 3,
	EXIT_FATAL = 4,
	EXIT_UNDETERMINED = 5,
};

struct detect_stats {
	uint64_t files, bytes;	      /* handed over and finished */
	uint64_t replaced;	      /* workers that had to be replaced */
	char key_id[17];	      /* of the key that identifies secrets; "": random */
	unsigned guards;	      /* PLAT_GUARD_* that all workers reported */
	uint64_t stages[STAGE_COUNT]; /* nanoseconds of parent and workers, if measured */
};

struct outcome {
	enum engine_mode mode;
	struct guest *guest;
	struct plan *plan; /* scan: what would be done; clean: what was done */
	struct plan *left; /* clean: what the second look found; else NULL */
	struct detect_stats stats;
	uint64_t files, bytes; /* looked at by the first walk */
	uint64_t elapsed_ms;
	char started[24], finished[24];
	enum stop_reason stopped;	 /* STOP_NOT: complete */
	bool declined;			 /* confirm said no */
	bool refused;			 /* clean: not begun, for plan->refusal */
	struct generalized *generalized; /* clean with Sysprep; else NULL */
	enum severity fail_on;
	enum exit_code code;
	char *fatal; /* why code is EXIT_FATAL, or NULL */
};

/* What the run comes to as it stands: what is graver goes before (README, exit codes). */
enum exit_code outcome_code(const struct outcome *outcome);

void outcome_free(struct outcome *outcome);

#endif
