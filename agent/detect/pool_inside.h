/* SPDX-License-Identifier: MIT */
/* What pool.c (who gets what) and answers.c (what became of it) share. */
#ifndef DETECT_POOL_INSIDE_H
#define DETECT_POOL_INSIDE_H

#include "base/vec.h"
#include "detect/pool.h"

/* Batches: waking a worker that ran dry costs more than what it then does, and all files
 * of all of them are open. */
enum { QUEUE_MOST = 6 /* of one worker */, QUEUES_MOST = 12 /* of all */ };

struct batch {
	uint32_t number;
	size_t next; /* the file whose answers come now */
	VEC(struct pool_file) files;
};

struct hand {			      /* one worker */
	struct plat_channel *channel; /* NULL: has to be started */
	struct plat_channel *asked;   /* it gets ready meanwhile */
	struct batch *batches[QUEUE_MOST];
	size_t count;
	bool certain;	       /* the next file of the first batch is the one in hand */
	size_t findings;       /* of that file */
	uint64_t heard, begun; /* last message; that file: milliseconds */
	uint64_t started;      /* the worker */
	uint64_t times[STAGE_COUNT];
};

struct pool {
	struct plat_zygote *zygote;
	struct detect_limits limits;
	struct pool_sink sink;
	size_t rules;
	struct hand *hands;
	struct plat_channel **channels; /* of the hands, for plat_wait */
	size_t count;
	size_t queue; /* batches that a worker may have at once */
	struct batch *filling;
	uint64_t filling_bytes;
	VEC(struct batch *) waiting; /* came back from a lost worker */
	uint32_t batch_number;
	uint64_t replaced;
	uint64_t times[STAGE_COUNT]; /* of all workers */
	unsigned guards;
};

/* A file has come to its end; TROUBLE_NONE: well. */
void pool_end_file(struct pool *pool, struct pool_file *file, enum trouble trouble);
/* Takes a file that is to go out in a batch of its own, before all others. */
void pool_add_alone(struct pool *pool, const struct pool_file *file);
/* Drops the batch in hand's first place. */
void pool_shift(struct hand *hand);

/* Takes an answer; false when it can not be true. */
bool pool_take(struct pool *pool, struct hand *hand, const struct wire_reply *reply,
	       size_t len);

#endif
