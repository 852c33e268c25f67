/* SPDX-License-Identifier: MIT */
/* One regular file held for a change: it is the file that the plan saw, and what
 * forbids changes (immutable, append-only) is off until the grip is let go.
 *
 *     struct grip grip;
 *     int r = grip_take(dir, name, &planned, &grip);
 *     if (r < 0) return r;
 *     ... grip.file is open for writing ...
 *     grip_drop(&grip);
 *
 * The flags are taken off and put back through one open file, never through the
 * name: its directory may belong to somebody who renames. */
#ifndef ACT_GRIP_H
#define ACT_GRIP_H

#include "mutate.h"

struct grip {
	struct plat_file *file;	  /* open for writing */
	struct plat_file *handle; /* the same file, open for its flags */
	bool frozen;		  /* flags have to be put back */
	uint32_t flags;
	struct plat_info info; /* before anything was changed */
};

/* -ECANCELED when it is another file than `planned`. */
int grip_take(struct plat_dir *dir, const char *name, const struct plat_info *planned,
	      struct grip *ret);
void grip_drop(struct grip *grip);

/* Takes the flags off so that the name can go; grip->file stays NULL. 1 when
 * there were any, 0 when not. */
int grip_thaw(struct plat_dir *dir, const char *name, const struct plat_info *planned,
	      struct grip *ret);

#endif
