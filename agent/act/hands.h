/* SPDX-License-Identifier: MIT */
/* What the files of act/ share. */
#ifndef ACT_HANDS_H
#define ACT_HANDS_H

#include "act/act.h"
#include "model/writers.h"
#include "mutate.h"

/* A volume opened for writing. */
struct writable {
	struct plat_dir *dir; /* NULL: it can not be written */
	bool detached;
	uint64_t mount;
};

/* A key of the registry that our own steps have written. */
struct touched {
	char *key;
	int64_t planned, now; /* when it was written, before the first and after the last */
};

struct hands {
	const struct act_setup *setup;
	const struct plan *plan;
	const struct writable *volumes; /* in the order of the guest's */
	struct writers writers;
	VEC(struct touched) touched;
	struct step *in_registry; /* the last one, while its hive may be borrowed */
	bool detached;		  /* the volume at hand shows no other mounts */
	uint64_t mount;		  /* of the volume at hand */
};

/* The end of a step. `error` is a negative errno value; -ECANCELED means that the
 * target is not what was planned: skipped, so that it is planned again; 0 that `doing` says
 * it all. */
void hands_done(struct step *step, const char *remark);
void hands_gone(struct step *step);
void hands_skip(struct step *step, const char *why);
void hands_fail(struct step *step, const char *doing, int error);
void hands_refused(struct step *step, const char *why); /* failed, in the system's words */

/* Whether something lies on another mount that shows through the volume. */
bool hands_foreign(const struct hands *hands, const struct plat_info *info);

/* Removes one name that is no directory; what a process writes to is emptied
 * instead. 1 when it was emptied and stays, 0 when gone. */
int hands_remove_name(const struct hands *hands, struct plat_dir *dir, const char *name,
		      const struct plat_info *info);

/* Why members of a tree stay. */
struct leftover {
	uint64_t kept;	  /* the step says so */
	uint64_t emptied; /* held open by a process */
	uint64_t refused; /* by the guard, or another mount */
	uint64_t added;	  /* directories that were filled again meanwhile */
};

/* Removes the members of an open directory but what the step keeps. The first
 * fault, or else the first refusal, is in step->error; a fault makes the result
 * negative, -EINTR when the run was asked to stop in between. */
int hands_clear_tree(const struct hands *hands, struct step *step, struct plat_dir *dir,
		     struct leftover *ret_left);

/* Why a step may not be done, or NULL. */
const char *hands_refuses(const struct hands *hands, const struct step *step);

/* The volume that a path of the guest lies on is at hand from now on. -ENXIO: it is on
 * none, -EROFS: that one can not be written. */
int hands_enter(struct hands *hands, const char *path, struct plat_dir **ret_root,
		const char **ret_inside);
/* Does a step about a file, `inside` the volume at hand. The guard is not asked. */
void hands_step(const struct hands *hands, struct step *step, struct plat_dir *root,
		const char *inside);

/* Zeros in place of all that a file holds, then nothing. Cut off in between it is done
 * again by the next run. */
int hands_erase(struct plat_dir *dir, const char *leaf, const struct plat_info *planned);

void hands_redact(struct step *step, struct plat_dir *dir, const char *leaf);
void hands_write_new(struct step *step, struct plat_dir *dir, const char *leaf);

/* Steps at places that are no files (model/realm.h). Behind those in the registry, and before
 * anything else is done, comes hands_registry_end. */
void hands_registry(struct hands *hands, struct step *step);
void hands_registry_end(struct hands *hands);
void hands_registry_free(struct hands *hands);
void hands_object(const struct hands *hands, struct step *step);
/* Of a guest that does not run: with this one all steps of the plan about the same hive, in
 * one go. `first` is one of hands->plan. */
void hands_hive(struct hands *hands, struct step *first);

/* What the plan saw is still there, to the last change. */
bool hands_same_content(const struct plat_info *planned, const struct plat_info *now);

#endif
