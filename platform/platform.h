/* SPDX-License-Identifier: MIT */
/* The contract between the agent and an operating system. No OS type appears
 * here; platform/<os>/ implements every name and CMake chooses. Functions give 0
 * or a count on success and a negative errno value on failure; `ret_` outputs
 * are set only on success. What a system can not do gives -ENOSYS.
 *
 * Three libraries implement it, so that a link shows who may do what:
 *   plat      looks: directories, files, mounts, processes, workers
 *   plat_out  writes what is ours: the report, the plan, the lock
 *   plat_act  changes a guest; only act/ links it (platform/mutate.h)
 *
 * Names are bytes: on Linux as the kernel gives them, on Windows WTF-8. Paths
 * inside a guest begin with '/' and are relative to its root. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct plat_dir;  /* an open directory */
struct plat_file; /* an open file */

/* ---- what an entry is ---- */

enum plat_kind {
	PLAT_UNKNOWN,
	PLAT_FILE,
	PLAT_DIR,
	PLAT_SYMLINK, /* and every other reparse point */
	PLAT_FIFO,
	PLAT_SOCKET,
	PLAT_DEVICE,
};

struct plat_id {
	uint64_t device, inode; /* file id on Windows */
};

struct plat_info {
	struct plat_id id;
	enum plat_kind kind;
	uint64_t size;	      /* bytes */
	uint64_t allocated;   /* bytes on disk; less than size: sparse */
	uint64_t links;	      /* names of this file */
	uint64_t mount;	      /* changes where another mount begins; 0: not known */
	int64_t mtime, ctime; /* nanoseconds since 1970 */
	uint32_t mode;	      /* permission bits, 0 where there are none */
	uint32_t owner, group;
};

static inline bool plat_same(struct plat_id a, struct plat_id b)
{
	return a.device == b.device && a.inode == b.inode;
}

/* An order of identities, for qsort and bsearch. */
static inline int plat_id_compare(const void *a, const void *b)
{
	const struct plat_id *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* ---- directories ---- */

/* Opens a directory of the machine we run on by path; symlinks are followed. */
int plat_dir_open(const char *host_path, struct plat_dir **ret);

/* Opens a member directory; a symlink gives -ELOOP, any other kind -ENOTDIR. */
int plat_dir_open_at(struct plat_dir *parent, const char *name, struct plat_dir **ret);

/* The next member but . and ..; 1, or 0 at the end. *ret_name is valid until the
 * next call; *ret_kind may be PLAT_UNKNOWN. */
int plat_dir_next(struct plat_dir *dir, const char **ret_name, enum plat_kind *ret_kind);
/* The file id of the member that plat_dir_next gave last, as the directory itself
 * tells it, or 0 where it is not known to be the one that plat_info_at gives. */
uint64_t plat_dir_inode(struct plat_dir *dir);
int plat_dir_rewind(struct plat_dir *dir);
int plat_dir_info(struct plat_dir *dir, struct plat_info *ret);
struct plat_dir *plat_dir_close(struct plat_dir *dir); /* gives NULL */

/* About a member itself, never about what a link points to. */
int plat_info_at(struct plat_dir *dir, const char *name, struct plat_info *ret);

/* Appends the name of a member that is there as its directory has it, where that ignores case
 * or has short names beside the long ones. */
int plat_name_at(struct plat_dir *dir, const char *name, struct buf *out);

/* Appends the target of a symlink. */
int plat_link_read(struct plat_dir *dir, const char *name, struct buf *out);

/* Walks from root to the directory that holds the last component of `path`, and
 * no component on the way may be a symlink (-ELOOP). *ret_leaf points into path
 * ("" when path is "/"). */
int plat_parent_open(struct plat_dir *root, const char *path, struct plat_dir **ret_parent,
		     const char **ret_leaf);

/* ---- files ---- */

/* Opens a member for reading without waiting, without following a link and
 * without changing its times where the system allows that; only a regular file
 * is opened, anything else gives -ENXIO. */
int plat_file_open_at(struct plat_dir *dir, const char *name, struct plat_file **ret);
/* plat_info_at for what plat_dir_next has told to be a file, and opens it as well; *ret is
 * NULL when it can not be opened. */
int plat_file_look_at(struct plat_dir *dir, const char *name, struct plat_file **ret,
		      struct plat_info *ret_info);
/* Has the first bytes brought from the disk: files are opened long before they are read,
 * so a disk has many to fetch at a time, and is two or three times as fast. */
void plat_file_fetch(struct plat_file *file);
int plat_file_open(const char *host_path, struct plat_file **ret); /* follows */
int plat_file_info(struct plat_file *file, struct plat_info *ret);

/* Bytes read, short only at the end of the file. */
int64_t plat_file_read(struct plat_file *file, void *out, size_t len, uint64_t offset);

/* The first `len` bytes where they lie in memory, to be read only, when the whole file is
 * there already; NULL: it has to be read. Of one file at a time. What is cut off or can not
 * be fetched meanwhile becomes zeros, so it has to be a file that no stranger writes. */
const uint8_t *plat_file_map(struct plat_file *file, size_t len);
/* Before the file is closed. Negative errno when bytes of it could not be fetched; a file
 * that was cut off has just ended earlier. */
int plat_file_unmap(struct plat_file *file);

/* The next run of real data at or behind `offset` of a sparse file; 0 when
 * there is one, 1 when only a hole is left. Without support: all is data. */
int plat_file_data(struct plat_file *file, uint64_t offset, uint64_t size, uint64_t *ret_start,
		   uint64_t *ret_end);
struct plat_file *plat_file_close(struct plat_file *file); /* gives NULL */

/* A whole file of at most `most` bytes: -EFBIG beyond. */
int plat_file_slurp(struct plat_file *file, size_t most, struct buf *ret);

/* ---- other streams of a file (NTFS) ---- */

/* What is kept beside the content of a member, under names of its own: tells each, with
 * its size in bytes, and ends early with what `tell` gives when that is not 0. Where they
 * can be opened, it is as "MEMBER:NAME", by every call that takes a member's name. -ENOSYS:
 * this file system has none; -EOPNOTSUPP: it has, but nobody can see them here. */
typedef int plat_stream_tell(const char *name, uint64_t size, void *context);
int plat_streams(struct plat_dir *dir, const char *member, plat_stream_tell *tell,
		 void *context);

/* ---- volumes: what a walk may enter ---- */

enum plat_mount_kind {
	PLAT_MOUNT_SYSTEM, /* lies on the disk that holds the root */
	PLAT_MOUNT_DISK,   /* another local disk */
	PLAT_MOUNT_NETWORK,
	PLAT_MOUNT_PSEUDO, /* proc, tmpfs and the like: not on any disk */
	PLAT_MOUNT_AGAIN,  /* shows a file system a second time (bind) */
};

struct plat_mount {
	char *path; /* inside root */
	char *type; /* ext4, nfs, ... */
	enum plat_mount_kind kind;
};

/* The mounts below root, in mount order; free with plat_mounts_free. */
int plat_mounts(const char *root, struct plat_mount **ret, size_t *ret_count);
void plat_mounts_free(struct plat_mount *mounts, size_t count);

/* A view of one mounted volume without what is mounted below it, so that files
 * hidden under mount points are seen, read-only where the kernel can make it so
 * (that is what scan holds). With writable it is the view that act/ works on.
 * *ret_detached tells whether it is such a view; if not, it is the plain
 * directory and the walk must watch plat_info.mount itself. */
int plat_volume_open(const char *host_path, bool writable, struct plat_dir **ret,
		     bool *ret_detached);

/* What speaks against changing the volume that holds a directory. */
enum {
	PLAT_VOLUME_READ_ONLY = 1,
	PLAT_VOLUME_DIRTY = 2, /* NTFS: Windows wants to check it before anybody writes */
};
/* 0 with the bits in *ret; a negative errno value when they could not be had, with -ENOSYS
 * nobody asks for them. */
int plat_volume_state(const char *host_path, unsigned *ret);

/* Bytes in use on the file system of an open directory, 0 when not known. */
uint64_t plat_used_bytes(struct plat_dir *dir);

/* ---- processes ---- */

/* The arguments of this process as names are here, NULL behind the last; the caller never
 * frees them. argc and argv: what main was given. */
char **plat_arguments(int argc, char **argv);
/* The system that runs here, "linux" or "windows". */
const char *plat_system(void);
bool plat_is_admin(void);
bool plat_parent_gone(void); /* the process that started us has ended */
unsigned plat_cpus(void);
/* Signals set stop_request(STOP_SIGNAL); no core dumps, no tracing by others. */
void plat_process_setup(void);
/* Fills with random bytes; ends the program if the system has none. */
void plat_random(void *out, size_t len);
/* Memory that will hold secrets: it stays out of swap and of dumps as far as the system
 * lets it. What shares its pages is held as well; freeing needs nothing. */
void plat_memory_secret(void *at, size_t len);

/* The files that some process holds open for writing, sorted. The caller frees
 * the array. -ENOSYS where it can not be known. */
int plat_writers(struct plat_id **ret, size_t *ret_count);

/* What this run itself stands on: our own executable, the scripts on our
 * ancestors' command lines, the files our output goes to. The caller frees it. */
int plat_own_files(struct plat_id **ret, size_t *ret_count);

/* The deadline that the caller's environment sets, in seconds, or 0. */
uint64_t plat_caller_deadline(void);

/* Interactive shells that will write their history when they end: their number. */
unsigned plat_live_shells(void);

/* The folders of the profiles that the running system knows, wherever they lie, as paths
 * inside the guest. -ENOSYS: the accounts stand in files. */
typedef void plat_profile_tell(const char *path, void *context);
int plat_profiles(plat_profile_tell *tell, void *context);

/* ---- the registry of a running Windows ---- */

/* Keys are named HKLM\... and HKU\SID\..., by WTF-8; a key that is a link to another one
 * gives -ELOOP. Reading loads no hive and changes nothing. -ENOSYS: there is none. */
struct plat_key;

struct plat_value {
	const char *name; /* "": the key's default value */
	uint32_t type;	  /* REG_SZ and so on (winnt.h) */
	const uint8_t *data;
	size_t len; /* bytes */
};

int plat_key_open(const char *path, struct plat_key **ret);
int plat_key_open_at(struct plat_key *parent, const char *name, struct plat_key **ret);
/* The next key below, the next value: 1, or 0 at the end; what is told is valid until the
 * next call about this key. What is added or removed meanwhile may be told or not. */
int plat_key_next(struct plat_key *key, const char **ret_name);
int plat_key_next_value(struct plat_key *key, struct plat_value *ret);
/* One value by its name, without regard to case; -ENOENT. */
int plat_key_value(struct plat_key *key, const char *name, struct plat_value *ret);
/* When the key was last written, in nanoseconds since 1970. */
int plat_key_written(struct plat_key *key, int64_t *ret);
struct plat_key *plat_key_close(struct plat_key *key); /* gives NULL */

/* ---- the terminal ---- */

bool plat_is_terminal(int which); /* 0 stdin, 1 stdout, 2 stderr */
unsigned plat_columns(void);
bool plat_has_colors(void); /* standard output is a terminal that knows their escapes */
/* Writes to standard output (1) or standard error (2) at once: to a file or a pipe the bytes
 * as they are, to a console of Windows the characters that they are in UTF-8. */
int plat_print(int which, const char *text, size_t len);

/* ---- workers: processes that hold no privilege ---- */

/* The zygote is started early, while the program has one thread, no secrets and no open
 * guest, and before it has done or asked anything. `prepare` (compile patterns) runs in it
 * once, or in each worker; then each worker is locked down for good and runs `work` on its
 * channel until the channel closes.
 *
 * On Linux the zygote is a process of its own that forks workers. On Windows each worker is
 * the program started again with the same arguments, and plat_zygote_start() is where it
 * turns off: what comes before is done in every worker, and zygotes are told apart by their
 * two functions. Only one thread may talk with workers. */
struct plat_zygote;
struct plat_channel;

struct plat_worker_limits {
	uint64_t memory; /* bytes above what a worker has when it is ready; 0: no limit */
	uint64_t cpu_seconds;
};

/* Bits of plat_worker_protections. A bit that is set was looked at, not just asked for. */
enum {
	/* own user id, no capabilities; a restricted token that opens no other process */
	PLAT_GUARD_UID = 1,
	/* empty root directory; low integrity, and nothing that all may read can be opened */
	PLAT_GUARD_ROOT = 2,
	PLAT_GUARD_NNP = 4,    /* has no privileges and can not gain any */
	PLAT_GUARD_LIMITS = 8, /* memory, cpu, processes; files and core, or its own job */
	PLAT_GUARD_CALLS = 16, /* system-call filter; the calls of the desktop closed */
	PLAT_GUARD_LANDLOCK = 32,
};

/* What a worker without this guard has to do without, in words of this system. NULL: it
 * has no such guard. */
const char *plat_guard_text(unsigned guard);

typedef int plat_worker_prepare(void *context);
typedef void plat_worker_main(struct plat_channel *channel, void *context);

/* Does not wait until `prepare` has returned: plat_zygote_await does, and tells what it
 * returned; every start of a worker does so by itself. */
int plat_zygote_start(plat_worker_prepare *prepare, plat_worker_main *work, void *context,
		      const struct plat_worker_limits *limits, struct plat_zygote **ret);
int plat_zygote_await(struct plat_zygote *zygote);
/* Ends the zygote; workers end when their channels close. */
struct plat_zygote *plat_zygote_stop(struct plat_zygote *zygote);

/* Starts a worker; *ret_guards says which protections it reported active. */
int plat_worker_start(struct plat_zygote *zygote, struct plat_channel **ret,
		      unsigned *ret_guards);
/* The same in two steps, between which the worker gets ready by itself. Nothing is sent
 * to it before the second; when that fails it has to be ended all the same. */
int plat_worker_ask(struct plat_zygote *zygote, struct plat_channel **ret);
int plat_worker_await(struct plat_channel *channel, unsigned *ret_guards);
/* Closes the parent's end; with kill a worker that does not end is killed. */
struct plat_channel *plat_worker_end(struct plat_channel *channel, bool kill);

#define PLAT_FILES_MAX 64	     /* files in one message */
#define PLAT_MESSAGE_MAX (64u << 10) /* bytes of one message */

/* Sends one message with open files; the receiver gets its own handles. */
int plat_send(struct plat_channel *channel, const void *message, size_t len,
	      struct plat_file *const *files, size_t count);
/* Receives one message. Its length, 0 when the other end is gone, -EBADMSG when
 * it does not fit; the caller closes the files. */
int64_t plat_receive(struct plat_channel *channel, void *out, size_t cap,
		     struct plat_file **files, size_t *count);
/* Waits until one of the channels has a message: its index, or -EAGAIN after
 * `timeout_ms`. NULL channels are passed over. */
int plat_wait(struct plat_channel *const *channels, size_t count, int timeout_ms);

/* ---- a system that clones can be made of: Sysprep of Windows ---- */

/* What has to be known of the running system before it is generalized. */
enum plat_fact {
	PLAT_FACT_ELEVATION,
	PLAT_FACT_PROGRAM, /* what generalizes is there */
	PLAT_FACT_DOMAIN,
	PLAT_FACT_REBOOT, /* nothing waits for a restart */
	PLAT_FACT_PACKAGES,
	PLAT_FACT_ENCRYPTION,
	PLAT_FACT_REARM,
	PLAT_FACT_STATE, /* set up to the end and not generalized yet */
	PLAT_FACT_RUNNING,
	PLAT_FACT_UPGRADE,
	PLAT_FACT_ROLES,
	PLAT_FACT_SPACE,
	PLAT_FACT_COUNT
};
enum plat_fact_state { PLAT_FACT_PASSES, PLAT_FACT_UNKNOWN, PLAT_FACT_BLOCKS };

/* Tells each fact once or, with another detail each time, more often. `detail`: what was
 * seen, in words of the system; may be NULL. Changes nothing. -ENOSYS: this system can not
 * be generalized. */
typedef void plat_fact_tell(enum plat_fact fact, enum plat_fact_state state, const char *detail,
			    void *context);
int plat_generalize_facts(plat_fact_tell *tell, void *context);

/* The folder of the system inside the guest ("/Windows"), and what answer files call its
 * processor. */
int plat_generalize_place(struct buf *ret_folder, const char **ret_architecture);

/* How far setup has come, as the system says it itself; nothing where it says nothing. */
int plat_generalize_state(struct buf *ret);

/* ---- plat_out: what is ours ---- */

/* Writes a file of ours that only its owner may read: a temporary name beside
 * it, then renamed. Refuses (-EPERM) a directory that another user could swap
 * names in, unless it is sticky. */
int plat_out_write(const char *host_path, const void *bytes, size_t len);

/* Reads a file that decides what is deleted (pack, policy, plan): it has to
 * belong to root or to us and nobody else may write it or its directory
 * (-EPERM), at most `most` bytes. */
int plat_trusted_read(const char *host_path, size_t most, struct buf *ret);

struct plat_lock;
/* One clean at a time for a guest: -EBUSY when another one holds it. */
int plat_lock_take(struct plat_dir *root, struct plat_lock **ret);
struct plat_lock *plat_lock_drop(struct plat_lock *lock);

/* Remembers, where a restart forgets it and no image holds it, that a guest was
 * cleaned to the end. Without root nothing is remembered. */
void plat_cleaned_mark(struct plat_dir *root);
bool plat_cleaned_since_boot(struct plat_dir *root);

#endif
