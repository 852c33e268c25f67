/* SPDX-License-Identifier: MIT */
/* What workers are made of: the channel to the parent and the lock round them.
 * Private to platform/linux/look and its tests.
 *
 *     root = sandbox_empty_root(stranger);        once, in the zygote
 *     ... fork ...
 *     guards = sandbox_lock(&limits, above, 0);   in each worker, for good */
#ifndef LINUX_SANDBOX_H
#define LINUX_SANDBOX_H

#include <sys/types.h>

#include "platform.h"

/* The runtimes of sanitizers reserve terabytes and report on stderr. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/* Bytes of address space this process has now; 0 when it can not be known. */
uint64_t sandbox_footprint(void);

/* Leaves this process in a root directory that is empty and stays so. */
bool sandbox_empty_root(void);

/* Locks this process down for good and tells which PLAT_GUARD_* bits hold; the
 * guards in `without` are left off (for tests; the agent passes 0). `base` is
 * the footprint that limits->memory comes on top of. PLAT_GUARD_ROOT is not
 * this function's: the root is inherited. */
unsigned sandbox_lock(const struct plat_worker_limits *limits, uint64_t base, unsigned without);

/* Lets only those system calls through that reading passed files and answering
 * needs; true when it holds. */
bool filter_install(void);

/* The parent's end and the worker's end of a socket pair look the same; only
 * the parent's has a zygote to send its wishes to. */
struct plat_channel {
	int fd;
	pid_t worker;
	struct plat_zygote *zygote; /* NULL in the worker */
	int error;		    /* of its start, -EINPROGRESS until it is known */
};

/* A pair that keeps message borders, closed on exec. */
int channel_pair(int ret[2]);

/* Waits until fd has something to read: 0, or -ETIMEDOUT. Signals do not end it. */
int channel_await(int fd, int timeout_ms);

/* The raw forms below plat_send and plat_receive. fds received are closed on exec. */
int channel_send(int fd, const void *message, size_t len, const int *fds, size_t count);
int64_t channel_receive(int fd, void *out, size_t cap, int *fds, size_t most,
			size_t *ret_count);

#endif
