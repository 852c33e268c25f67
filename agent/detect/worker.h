/* SPDX-License-Identifier: MIT */
/* The process without privilege that reads and parses. */
#ifndef DETECT_WORKER_H
#define DETECT_WORKER_H

#include "detect/wire.h"

struct worker_context {
	const struct rules *rules;
	struct detect_limits limits; /* filled in */
	bool timed;		     /* tell where the time goes */
	struct examiner examiner;    /* made ready by worker_prepare */
};

/* In the zygote, before the lock; context: struct worker_context. */
int worker_prepare(void *context);
/* In each worker. */
void worker_run(struct plat_channel *channel, void *context);

/* For tests only: called in the worker before each file, so that it can crash,
 * hang or lie; set before the zygote starts. Nothing in the product sets it. */
typedef void worker_hook(struct plat_channel *channel, const struct wire_batch *batch,
			 uint32_t slot);
extern worker_hook *worker_test_hook;

#endif
