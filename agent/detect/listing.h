/* SPDX-License-Identifier: MIT */
/* A package database, read by a worker and told to the parent: both ends. */
#ifndef DETECT_LISTING_H
#define DETECT_LISTING_H

#include "packages/packages.h"

enum {
	LISTING_MAGIC = 0x696d6770,
	LISTING_ROOM = 60 << 10, /* bytes of records in one message */
};

struct listing_question {
	uint32_t magic, kind;
	uint64_t sizes[PLAT_FILES_MAX];	  /* of the files that come along, */
	uint32_t written[PLAT_FILES_MAX]; /* and when */
};

/* Records follow each other: length of the path, its bytes without NUL, the
 * algorithm, when it was built, the digest. The last answer has `done` and the reader's result.
 */
struct listing_answer {
	uint32_t magic, done, error, len;
	uint8_t records[LISTING_ROOM];
};

/* ---- in the worker ---- */

bool listing_is_question(const void *message, size_t len, size_t files);
/* False when nobody listens any more. */
bool listing_reply(struct plat_channel *channel, const struct listing_question *question,
		   struct plat_file *const *files, size_t count);

/* ---- in the parent ---- */

struct listing {
	struct plat_zygote *zygote;
	unsigned patience_ms;	      /* for all answers to one question */
	struct plat_channel *channel; /* NULL: has to be started */
	struct plat_channel *asked;   /* a worker that gets ready meanwhile */
	unsigned guards;	      /* PLAT_GUARD_* that all its workers reported */
};

/* Asks for the worker, and does not wait for it. */
void listing_begin(struct listing *listing);
/* packages_read in a worker. -EPIPE: it died, -ETIMEDOUT: it took too long,
 * -EPROTO: its answer can not be true, -EINTR: the run has to stop. */
int listing_ask(struct listing *listing, enum packages_kind kind,
		const struct packages_file *files, size_t count, packages_sink *sink,
		void *context);
void listing_end(struct listing *listing);

/* For tests only: called in the worker before it reads, so that it can crash,
 * hang or lie; set before the zygote starts. Nothing in the product sets it. */
extern void (*listing_test_hook)(struct plat_channel *channel,
				 const struct packages_file *files);

#endif
