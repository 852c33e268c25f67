/* SPDX-License-Identifier: MIT */
#include "cli/check.h"

#include <errno.h>

#include "detect/detect.h"
#include "detect/lint.h"
#include "plan/cleaner.h"

static void add_counts(const struct rules *rules, struct buf *out)
{
	size_t samples = 0, count = 0;
	vec_each(&rules->secrets, secret)
		samples += secret->match.n + secret->nomatch.n;
	vec_each(&rules->artefacts, artefact)
		samples += artefact->match.n + artefact->nomatch.n;
	while (cleaners[count])
		count++;
	buf_printf(out,
		   "All is well: %zu artefacts, %zu secret rules, %zu cleaners, %zu samples, "
		   "policy %s.\n",
		   rules->artefacts.n, rules->secrets.n, count, samples, rules->policy.name);
}

int check_rules(const struct rules *rules, struct buf *out, struct buf *fault)
{
	struct detect *detect = NULL;
	const char *wrong = cleaners_fault();
	if (wrong) {
		buf_printf(fault, "cleaners: %s", wrong);
		return -EINVAL;
	}
	/* Compiles every pattern just as a run does. */
	int answer = detect_prepare(rules, 1, NULL, &detect, fault);
	if (answer < 0)
		return answer;
	detect_free(detect);
	int failures = detect_check_samples(rules, fault);
	if (failures) {
		buf_printf(fault, "%d sample%s failed", failures, failures == 1 ? "" : "s");
		return -EINVAL;
	}
	if (lint_limits(rules, fault))
		return -EINVAL;
	/* Whether samples prove the rules inside, a test of its own tells. */
	int doubts = lint_doubts(rules, rules->inside, out);
	if (doubts)
		buf_printf(out, "%d doubt%s; none keeps a rule from being used.\n", doubts,
			   doubts == 1 ? "" : "s");
	add_counts(rules, out);
	return 0;
}
