/* SPDX-License-Identifier: MIT */
/* The stages in order. main() parses the arguments into engine_options, calls
 * engine_run and hands its outcome to a report writer.
 *
 *     discover -> classify -> detect -> plan  (scan ends here)
 *       -> act -> verify                      (clean)
 *       -> Sysprep                            (if asked for, and all is clean) */
#ifndef ENGINE_H
#define ENGINE_H

#include "detect/detect.h"
#include "model/outcome.h"
#include "plan/baseline.h"
#include "rules/rules.h"

struct engine_progress {
	const char *stage; /* "scanning", "cleaning", "verifying", "generalizing" */
	uint64_t files, bytes, findings;
	uint64_t expected_bytes; /* used bytes of the volumes; 0: not known */
};

struct engine_options {
	enum engine_mode mode;
	const char *root;		       /* "/" by default */
	enum guest_os os;		       /* 0: look */
	const char *const *only, *const *skip; /* names or categories, NULL-terminated */
	const char *const *include_mounts;
	enum severity fail_on;
	unsigned jobs;
	const char *plan_file;		 /* clean: do this plan; scan: write it there */
	const struct baseline *baseline; /* findings not to be told again, or NULL */
	const char *report_file;	 /* protected from being removed; may be NULL */
	bool firstboot_unit; /* where nothing would make ssh host keys, plan a unit */
	bool allow_lockout;  /* the last way in to a clone may go */
	bool generalize;     /* clean of the running system: generalize it behind all else */
	bool power_off;	     /* ... and shut it down, see engine_power_off */
	const char *answer_file;   /* ... with this answer file, or NULL */
	unsigned generalize_limit; /* ... in so many seconds */
	/* clean: shows the plan and asks; false ends the run. NULL: do not ask. */
	bool (*confirm)(const struct plan *plan, const struct guest *guest, void *context);
	void (*progress)(const struct engine_progress *progress, void *context);
	void *context;
};

/* Always fills *ret as far as it came; free with outcome_free. */
enum exit_code engine_run(const struct engine_options *options, const struct rules *rules,
			  struct detect *detect, struct outcome *ret);

/* Behind the report, when the outcome says so: has the machine shut down. */
int engine_power_off(void);

#endif
