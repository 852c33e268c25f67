/* SPDX-License-Identifier: MIT */
/* The machine that is looked at: the one we run on or a tree below --root. */
#ifndef MODEL_GUEST_H
#define MODEL_GUEST_H

#include "base/vec.h"
#include "platform.h"

enum guest_os {
	GUEST_LINUX = 1,
	GUEST_WINDOWS = 2,
};

struct account {
	char *name;
	char *home; /* where it really lies inside the guest, or NULL */
	uint32_t uid, gid;
	bool can_login; /* its shell is one */
};

struct volume {
	char *path;	      /* mount point inside the guest, "/" for the first */
	struct plat_dir *dir; /* read-only view */
	bool detached;	      /* the view holds no other mount */
	bool streams;	      /* files there can have named streams, and they can be seen */
	char *host;	      /* on the machine we run on; NULL: where path is below the root */
};

/* What the walk does not enter, and why. */
struct left_out {
	char *path;
	const char *why;
	int error; /* it should have been looked at and could not: -errno; else 0 */
};

struct guest {
	char *root;    /* on the machine we run on */
	bool live;     /* root is "/" */
	bool any_case; /* names that differ in case only are the same name */
	enum guest_os os;
	char *unfit; /* why it may not be changed as it is now, and what to do; or NULL */
	char *distribution; /* "Debian GNU/Linux 12 (bookworm)" or NULL */
	VEC(struct account) accounts;
	VEC(char *) homes; /* sorted, each once, without symlinks on the way */
	VEC(struct volume) volumes;
	VEC(struct left_out) left_out;
};

struct guest *guest_new(const char *root);
void guest_free(struct guest *guest); /* closes the volumes; NULL is fine */

/* Where names ignore case: `path` is spelled as the guest has it, the member of just that
 * name before one that differs in case only. And since a reparse point means what the
 * guest's own system makes of it, nothing is followed there: -ELOOP.
 *
 * The volume that holds a path, and the path inside that volume. */
const struct volume *guest_volume(const struct guest *guest, const char *path,
				  const char **ret_inside);

/* Its path on the machine we run on; the caller frees it. */
char *guest_volume_host(const struct guest *guest, const struct volume *volume);

/* The one copy of a home that is kept; adds it when it is new. */
const char *guest_add_home(struct guest *guest, const char *path);
bool guest_is_home(const struct guest *guest, const char *path);

/* The home that a path lies in (or is), or NULL. */
const char *guest_home_of(const struct guest *guest, const char *path);

/* Where a path really lies, as the guest itself would find it: symlinks are
 * followed from the guest's root and across its volumes, so none leads out.
 * Appends a path without symlinks; all of it must exist. A link that belongs to
 * neither root nor the owner of the guest's root directory could be anybody's trap and
 * gives -ELOOP, as 40 links do. */
int guest_resolve(const struct guest *guest, const char *path, struct buf *ret);

/* Reading the guest, never through a symlink inside a home: a whole file that is
 * found as the guest itself would find it (links resolved inside the root). */
int guest_read(const struct guest *guest, const char *path, size_t most, struct buf *ret);
/* Likewise, opened for reading. */
int guest_file(const struct guest *guest, const char *path, struct plat_file **ret);
/* What is at a path, itself not followed. */
int guest_look(const struct guest *guest, const char *path, struct plat_info *ret);
bool guest_has(const struct guest *guest, const char *path);
/* Opens a directory of the guest, links resolved inside the root. *ret_path, if
 * asked for, is where it really lies; the caller frees both. */
int guest_dir(const struct guest *guest, const char *path, struct plat_dir **ret,
	      char **ret_path);

#endif
