/* SPDX-License-Identifier: MIT */
/* A plan: the steps that would change the disk and the findings that stay.
 *
 *     struct plan *plan = plan_new();
 *     struct step *step = plan_add_step(plan, STEP_REMOVE, "/root/.bash_history");
 *     ... set reason, class, why ...
 *     plan_sort(plan);     children before parents
 *     plan_free(plan);
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "base/cleanup.h"
#include "base/vec.h"
#include "model/finding.h"
#include "model/redaction.h"

/* The closed vocabulary of changes. act/ knows each, nobody else acts. */
enum action {
	STEP_REMOVE,	 /* a file or link, or a directory with all below it */
	STEP_EMPTY_TREE, /* all members of a directory, the directory stays */
	STEP_TRUNCATE,	 /* to no bytes */
	STEP_REDACT,	 /* ranges overwritten, same length */
	STEP_REPLACE,	 /* new content under the same name and dress */
	STEP_CREATE,	 /* a file that was not there */
	STEP_DISABLE,	 /* an account or a function of the system stays and is off */
	STEP_ACTION_COUNT
};
const char *action_name(enum action action);
bool action_parse(const char *text, enum action *ret);

enum step_state {
	STEP_PLANNED,
	STEP_DONE,
	STEP_SKIPPED, /* refused or no longer needed; `error` says why */
	STEP_FAILED,
};
const char *step_state_name(enum step_state state);

/* Members of a tree whose size is asked for: to look at each of a million files
 * that go takes as long as to remove them. */
#define STEP_SIZED 50000

struct range {
	uint64_t offset, length; /* bytes */
	struct coded coded;
};

/* A secret that a step takes away. */
struct taken {
	const char *rule; /* not owned */
	enum confidence confidence;
	uint64_t because;	 /* REASON_BITs */
	const char *shown;	 /* as in struct finding, and what follows */
	uint64_t offset, length; /* bytes in the file */
	uint32_t line, column;	 /* from 1; 0: none */
	uint8_t secret_id[FINDING_ID_SIZE];
	size_t pair;
	bool is_id;
	struct partner partner;
};

struct step {
	enum action action;
	char *path;		 /* inside the guest */
	struct plat_info target; /* as the plan saw it; CREATE: kind UNKNOWN */
	const char *name;	 /* artefact, cleaner or rule that asks for it; not owned */
	char *why;		 /* one sentence for a reader */
	enum class class;
	enum severity severity;
	VEC(struct range) ranges; /* REDACT: sorted, not overlapping */
	VEC(struct taken) taken;  /* for the report; a plan file does not hold them */
	char *content;		  /* REPLACE, CREATE: never a secret */
	size_t content_len;
	uint32_t mode;	       /* CREATE: permissions; of a value of the registry, its type */
	VEC(char *) keep;      /* REMOVE, EMPTY_TREE: globs of full paths that stay */
	bool keep_sockets;     /* EMPTY_TREE on a running system */
	uint64_t files, bytes; /* what it covers, as counted by the walk; of many
			     files the bytes of the first STEP_SIZED only */
	bool provision;	       /* has to be put in place again on the clone */
	unsigned last;	       /* acted on behind all others that say less */
	bool held;	       /* while it was acted on, a process held it open for writing */
	enum step_state state;
	char *error; /* why SKIPPED or FAILED, or a remark on DONE; may be NULL */
};

struct plan {
	VEC(struct step) steps;
	VEC(struct finding) findings;
	VEC(struct finding) known; /* stay, and a baseline knows them: not told again */
	VEC(char *) claimed;	   /* files that a step at another place sees to */
	char *refusal;		   /* why none of it may be done, or NULL */
};

struct plan *plan_new(void);
void plan_free(struct plan *plan); /* NULL is fine */
CLEANUP_POINTER(struct plan, plan_free);

/* The new element is valid until the next add. `path` is copied. */
struct step *plan_add_step(struct plan *plan, enum action action, const char *path);
struct finding *plan_add_finding(struct plan *plan, enum finding_kind kind, const char *name,
				 const char *path);
void step_clear(struct step *step);

/* Whether a member of what the step covers stays. In the registry case never counts. */
bool step_keeps(const struct step *step, bool any_case, const char *path, enum plat_kind kind);

/* The order of acting: what is created first, what says `last` last, children before
 * parents, otherwise by path. */
void plan_sort(struct plan *plan);

/* Moves all steps of `from` behind those of `to`, in place of those there that were for the
 * same targets and are not done: the second try says what became of them. */
void plan_take_over(struct plan *to, struct plan *from);

bool plan_has_failed(const struct plan *plan); /* a step of it */

#endif
