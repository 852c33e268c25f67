/* SPDX-License-Identifier: MIT */
/* The numbers of an outcome and the one line that sums it up. */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "report/report.h"

struct tally {
	size_t steps, by_state[STEP_FAILED + 1];
	size_t left_steps; /* what the second look would do again */
	/* Secrets and posture; the same secret in many places is one, as bad as the worst. */
	size_t findings, by_severity[SEVERITY_CRITICAL + 1];
	/* Different secrets, of findings and of what steps take away, and where they are. */
	size_t secrets, places;
	size_t slight; /* those of severity info, in no other number */
	size_t data;   /* what the machine is there for; likewise */
	size_t unexamined, notes;
};

void tally_count(const struct outcome *outcome, struct tally *ret);

/* Whether a finding is one that somebody has to decide about, or only a slight one
 * (an example in a package's own file, a low confidence), or about business data,
 * which stays unless a policy names it. */
bool tally_is_stay(const struct finding *finding);
bool tally_is_slight(const struct finding *finding);
bool tally_is_data(const struct finding *finding);

/* The plan whose findings stay: that of the second look once it is complete. */
const struct plan *tally_findings(const struct outcome *outcome);

bool tally_complete(const struct outcome *outcome);
int tally_exit(const struct outcome *outcome, const struct report_options *options);

const char *tally_command(enum engine_mode mode);
/* One word in capitals: DONE, CLEAN, FINDINGS, INCOMPLETE, ... */
const char *tally_verdict(const struct outcome *outcome);
/* The whole line without its end, printable ASCII. */
void tally_line(const struct outcome *outcome, const struct report_options *options,
		struct buf *out);

/* "1 secret in 40 places" */
void tally_secrets(struct buf *out, size_t secrets, size_t places);
/* "1 step", "12 steps" */
void tally_plural(struct buf *out, uint64_t count, const char *noun);

#endif
