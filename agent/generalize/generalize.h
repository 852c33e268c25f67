/* SPDX-License-Identifier: MIT */
/* Generalizing the running system as the very last step of a clean: Sysprep of Windows.
 *
 *     generalize_prepare(&setup, generalized, &answers);   before anything is changed
 *     ... everything else is cleaned and looked at again ...
 *     generalize_run(&setup, &answers, generalized);
 *     generalize_leftovers(&setup, plan);        steps for what it has left behind
 *
 * It is told not to shut down (/quit): its result is read and what it has left is cleaned
 * before the report is written, and the machine is shut down behind that. */
#ifndef GENERALIZE_GENERALIZE_H
#define GENERALIZE_GENERALIZE_H

#include "model/generalized.h"
#include "model/guest.h"
#include "model/plan.h"

struct generalize_setup {
	const struct guest *guest;
	const char *answer_file; /* on this machine, or NULL */
	unsigned seconds;	 /* it may take */
	bool power_off;
};

/* Looks at the system and at the answer file. True: nothing speaks against it; else
 * into->why says what does. `into` is new; `ret_answers` gets what generalize_run is given. */
bool generalize_prepare(const struct generalize_setup *setup, struct generalized *into,
			struct buf *ret_answers);

/* Looks at the system once more, since cleaning may have changed what was seen, then runs
 * it, waits, and reads what came of it. */
void generalize_run(const struct generalize_setup *setup, const struct buf *answers,
		    struct generalized *into);

/* Steps that remove the logs of the run. The copy of the answer file in Panther stays: the
 * clone is set up from it, and it holds no password. */
void generalize_leftovers(const struct generalize_setup *setup, struct plan *plan);

/* Answer files that are notes and no findings: the one in whose place Sysprep puts another,
 * when it `will` be run; and on a system that is generalized already one that the clone is to
 * be set up from, if it holds no password. */
void generalize_settle(const struct guest *guest, bool will, struct plan *plan);

#endif
