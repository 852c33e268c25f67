/* SPDX-License-Identifier: MIT */
/* What came of generalizing the running system: looked at before anything is changed, run
 * behind everything else, told by the report. */
#ifndef MODEL_GENERALIZED_H
#define MODEL_GENERALIZED_H

#include "base/buf.h"
#include "base/vec.h"
#include "platform.h"

enum generalized_state {
	GENERALIZED_NOT_RUN, /* refused, or something before it went wrong: `why` */
	GENERALIZED_DONE,
	GENERALIZED_FAILED,
};

struct generalized_fact {
	const char *name, *title, *remedy; /* not owned */
	enum plat_fact_state state;
	struct buf detail;
};

/* A password in the answer file that was given. */
struct generalized_password {
	char *element, *pass; /* AdministratorPassword, oobeSystem */
	unsigned line;	      /* from 1 */
	const char *became;   /* what was done about it; not owned */
};

struct generalized {
	enum generalized_state state;
	char *why;			    /* NOT_RUN: one sentence */
	VEC(struct generalized_fact) facts; /* in the order of enum plat_fact */
	char *answer_file;		    /* that was given, or NULL: made by us */
	VEC(struct generalized_password) passwords;
	VEC(char *) ignored; /* passes of the answer file that nothing runs here */
	char *line;	     /* the command line, once it was started */
	bool ended;
	uint32_t exit_code; /* of the program, if it ended; decides nothing */
	uint64_t elapsed_ms;
	char *image_state;	      /* as the system told it afterwards */
	bool tag;		      /* the program has left its sign of success */
	const char *cause;	      /* FAILED: its name, or NULL; not owned */
	const char *meaning, *remedy; /* likewise */
	VEC(char *) errors;	      /* lines of the logs, without what may be a secret */
	bool power_off;		      /* the machine is shut down behind the report */
};

struct generalized *generalized_new(void);
void generalized_free(struct generalized *generalized); /* NULL is fine */

/* "not-run", "done", "failed" */
const char *generalized_state_name(enum generalized_state state);
/* "passes", "unknown", "blocks" */
const char *generalized_fact_name(enum plat_fact_state state);

#endif
