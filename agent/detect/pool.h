/* SPDX-License-Identifier: MIT */
/* The workers as the parent sees them: who has which files in hand, who is late,
 * who lies. Files go out in batches, answers come back in the same order. A big file
 * that a worker wants split is cut and goes out again in parts. */
#ifndef DETECT_POOL_H
#define DETECT_POOL_H

#include "detect/wire.h"

struct split;
struct texts;

struct pool_file {
	char *path;
	struct plat_info info;
	struct plat_file *file;
	struct wire_file wire;
	struct texts *texts; /* instead of a file, and its own */
	struct split *split; /* this is one part of a file; path and file are the split's */
	size_t part;
};

/* What becomes of a file. Each file ends with exactly one `done`, unless the run
 * is asked to stop. */
struct pool_sink {
	void (*found)(const struct pool_file *file, const struct wire_reply *reply,
		      void *context);
	void (*trouble)(const struct pool_file *file, enum trouble trouble, const char *member,
			void *context);
	void (*done)(const struct pool_file *file, void *context);
	void *context;
};

struct pool;

/* Asks for the workers; pool_ready waits for the first of them. */
int pool_new(struct plat_zygote *zygote, unsigned workers, size_t rules,
	     const struct detect_limits *limits, const struct pool_sink *sink,
	     struct pool **ret);
int pool_ready(struct pool *pool);
/* Takes what `file` holds. -EIO when no worker can be started any more, -EINTR
 * when the run has to stop: whatever was not answered yet is dropped then. */
int pool_add(struct pool *pool, const struct pool_file *file);
int pool_finish(struct pool *pool);
/* Adds the time of all workers, by stage. */
void pool_times(const struct pool *pool, uint64_t stages[STAGE_COUNT]);
uint64_t pool_replaced(const struct pool *pool);
unsigned pool_guards(const struct pool *pool);
void pool_free(struct pool *pool);

#endif
