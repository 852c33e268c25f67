/* SPDX-License-Identifier: MIT */
/* The hands: every call that changes a guest. Library plat_act; only act/ links
 * it. All names are single components below an open directory. */
#ifndef PLATFORM_MUTATE_H
#define PLATFORM_MUTATE_H

#include "platform.h"

int plat_unlink(struct plat_dir *dir, const char *name);
int plat_rmdir(struct plat_dir *dir, const char *name);
/* -EEXIST when the name is taken. mode: permission bits. */
int plat_mkdir(struct plat_dir *dir, const char *name, uint32_t mode);

/* Opens an existing regular file for writing; -ELOOP for a link. */
int plat_file_open_write(struct plat_dir *dir, const char *name, struct plat_file **ret);
int plat_file_write(struct plat_file *file, const void *bytes, size_t len, uint64_t offset);
int plat_file_truncate(struct plat_file *file);
int plat_file_sync(struct plat_file *file);
int plat_dir_sync(struct plat_dir *dir);

/* Creates a new file; -EEXIST when the name is taken. mode: permission bits. */
int plat_file_create(struct plat_dir *dir, const char *name, uint32_t mode,
		     struct plat_file **ret);
/* Owner, mode, ACL, extended attributes and label of `from` for `to`. */
int plat_file_dress(struct plat_file *from, struct plat_file *to);
/* Renames inside one directory, replacing what has the new name. */
int plat_rename(struct plat_dir *dir, const char *from, const char *to);
/* Likewise, but -EEXIST when there is something under the new name. */
int plat_rename_new(struct plat_dir *dir, const char *from, const char *to);

/* Attributes that forbid changes (immutable, append-only; read-only on
 * Windows), through a file that is open in any way. thaw gives 1 when there was
 * one and it is now off, with what freeze needs to put it back. */
int plat_file_thaw(struct plat_file *file, uint32_t *ret_flags);
int plat_file_freeze(struct plat_file *file, uint32_t flags);
int plat_thaw_dir(struct plat_dir *dir, uint32_t *ret_flags);
int plat_freeze_dir(struct plat_dir *dir, uint32_t flags);

/* Times of a directory, kept over a change of its members. */
struct plat_times {
	int64_t atime, mtime; /* nanoseconds */
};
int plat_times_get(struct plat_dir *dir, struct plat_times *ret);
int plat_times_set(struct plat_dir *dir, const struct plat_times *times);

/* ---- the registry of a running Windows ---- */

/* A value is gone, or has new content of the same or another type; a key goes with all
 * below it, a key that is a link goes alone. Paths as in model/realm.h, without a value.
 * -ENOENT: it is not there; plat_value_set adds the value, but no key. Before a value goes,
 * or gets content of another length, what it held is written over in place. */
int plat_value_remove(const char *key, const char *name);
int plat_value_set(const char *key, const char *name, uint32_t type, const void *data,
		   size_t len);
int plat_key_remove(const char *key);

/* What a user who is not logged on has of the registry lies in a file. Where `key` is in
 * such a part, that is loaded under a name of ours, HKU\imgsan-SID (HKU\imgsan-/Users/Default
 * for a folder that no account is told to have, registry/view.h). *ret_key, which the caller
 * frees, is where the key can be read and changed until plat_registry_settle; -EBUSY: another
 * part is borrowed. -ENOENT: there is no such part, nor a file of it. */
int plat_hive_borrow(const char *key, char **ret_key);
/* What was changed in the registry is on the disk, and what was borrowed is unloaded: also
 * what a run borrowed that was killed, and whose part was borrowed again. */
int plat_registry_settle(void);

/* ---- what only calls of the system reach ---- */

/* Of KIND:NAME (model/realm.h): a log is emptied, an account, a credential or a copy of a
 * volume is removed, a function is switched off. *ret_why is set with a failure: what the
 * system said, for a reader, allocated. -ENOENT: it is not there, -EOPNOTSUPP: that can not
 * be done to it. */
int plat_object_empty(const char *place, char **ret_why);
int plat_object_remove(const char *place, char **ret_why);
int plat_object_disable(const char *place, char **ret_why);

/* ---- generalizing, see platform.h; -ENOSYS where there is nothing like it ---- */

struct plat_generalizing;

/* Starts what generalizes the running system, with an answer file of this path inside the
 * guest, so that it neither asks nor shows anything and does not shut down. *ret_line gets
 * its command line; the caller frees it. */
int plat_generalize_start(const char *answer_file, struct plat_generalizing **ret,
			  char **ret_line);
/* Waits until it and all that it has started have ended: 0 with its exit code, or -EAGAIN
 * after `timeout_ms`. */
int plat_generalize_wait(struct plat_generalizing *run, unsigned timeout_ms,
			 uint32_t *ret_exit);
/* Ends what still runs of it; gives NULL. */
struct plat_generalizing *plat_generalize_end(struct plat_generalizing *run);

/* Has the machine shut down and turned off in so many seconds. */
int plat_power_off(unsigned seconds);

#endif
