/* SPDX-License-Identifier: MIT */
/* What workers are made of: the pipe to the parent, how one is started and the lock round
 * it. Private to platform/windows/look and its tests. There is no fork: a worker is this
 * program started again with the same command line, and goes the same way through main until
 * it comes to the plat_zygote_start() it is meant for.
 *
 *     launch_worker(&errand, level, channel);                 in the parent
 *     errand = errand_here(); ... guards = sandbox_lock();    in the worker, for good */
#ifndef WINDOWS_SANDBOX_H
#define WINDOWS_SANDBOX_H

#include <windows.h>

#include "platform.h"

/* ---- the channel ---- */

/* Behind the message: its handles, as they are called in the worker, and their number. */
enum { FRAME_MOST = PLAT_MESSAGE_MAX + PLAT_FILES_MAX * sizeof(uint64_t) + sizeof(uint32_t) };

enum reading { READING_GONE, READING_NOT, READING_NOW, READING_CAME, READING_TOO_LONG };

struct plat_channel {
	HANDLE pipe;
	OVERLAPPED overlapped; /* of the read under way */
	uint8_t *frame;	       /* FRAME_MOST, what it reads into */
	size_t length;
	enum reading reading;
	/* What follows is the parent's. */
	HANDLE process, job; /* NULL in the worker; the job also where there can be none */
	struct plat_zygote *zygote;
	int error;	 /* of its start, -EINPROGRESS until it is known */
	unsigned level;	 /* enum token_level */
	unsigned guards; /* that it told */
};

/* The parent's end of a new pipe, and the worker's, which children inherit. */
int channel_pair(HANDLE *ret_ours, HANDLE *ret_theirs);

/* Takes the pipe into a channel that has none; clear closes it, and it is gone. */
void channel_init(struct plat_channel *channel, HANDLE pipe);
void channel_clear(struct plat_channel *channel);

/* Waits until something can be received: 0, or -ETIMEDOUT. */
int channel_await(struct plat_channel *channel, int timeout_ms);

/* ---- what a worker is told by who starts it ---- */

/* Functions are told as their distance from the start of the program in memory: it lies
 * elsewhere in every process, but it is the same program. */
struct errand {
	HANDLE pipe;
	uint64_t prepare, work;
	unsigned terminals; /* bit N: plat_is_terminal(N) in the parent */
};

uint64_t errand_place(const void *function); /* 0 for NULL */

/* NULL: this process is no worker. Looks once; what a parent that is none has set is
 * ignored. */
const struct errand *errand_here(void);

/* The environment of this process with the errand in it; the caller frees it. */
wchar_t *errand_environment(const struct errand *errand);

/* ---- the start ---- */

/* From the strongest on; what does not start with one is tried with the next. */
enum token_level {
	TOKEN_LOCKED,	  /* nothing can be opened once the token of the start is given back */
	TOKEN_RESTRICTED, /* no privileges, no administrator, low integrity */
	TOKEN_PLAIN,	  /* our own */
	TOKEN_LEVELS,
};

/* *ret_primary: what the process runs with, NULL for our own; *ret_first: what its first
 * thread begins with, NULL for the same. */
int tokens_for(enum token_level level, HANDLE *ret_primary, HANDLE *ret_first);

/* Starts a worker: fills in pipe, process and job of `channel`, which is gone before. */
int launch_worker(struct errand *errand, enum token_level level, struct plat_channel *channel);
/* Ends the process and waits for that, so that no file of the guest is held any more. */
void launch_end(struct plat_channel *channel);

/* ---- the lock ---- */

/* Locks this process down for good and tells which PLAT_GUARD_* bits hold, each looked at
 * and none believed. PLAT_GUARD_LIMITS is not this function's: the parent sets them. */
unsigned sandbox_lock(void);

/* The limits of a job with nothing in it yet. */
void sandbox_limits_begin(JOBOBJECT_EXTENDED_LIMIT_INFORMATION *ret);

/* In the parent, when the worker is ready: what it has by now and `limits` on top of that.
 * True when the system says that they hold. */
bool sandbox_limit(const struct plat_channel *channel, const struct plat_worker_limits *limits);

#endif
