/* SPDX-License-Identifier: MIT */
/* Git repositories: what a worker finds in their objects, told to the parent.
 *
 * The parent opens packs and loose object files and sends them (HISTORY_PACKS,
 * HISTORY_LOOSE), waiting for the answer to each message. The worker examines each
 * blob by the rules that any file has. At HISTORY_WALK it goes through the trees: that
 * tells the commit and path of what was found, and which blobs have a path that
 * further rules ask for. Those in packs it examines at once; when others are left, the
 * loose files are sent again (HISTORY_AGAIN). At HISTORY_END it tells what it found.
 * Both ends. */
#ifndef DETECT_HISTORY_H
#define DETECT_HISTORY_H

#include "detect/wire.h"
#include "model/guest.h"

enum history_kind {
	HISTORY_PACKS,
	HISTORY_LOOSE,
	HISTORY_WALK, /* the answer's `length`: blobs that are to be sent again */
	HISTORY_AGAIN,
	HISTORY_END,
	HISTORY_KINDS
};

enum {
	HISTORY_MAGIC = 0x696d6768,
	HISTORY_STORES = 64,	/* folders with objects of one repository */
	HISTORY_BASE_MAX = 512, /* with its NUL */
};

struct history_question {
	uint32_t magic, kind, number, sha256;
	uint32_t store, count; /* which folder the files are of */
	uint64_t ms;	       /* it may take */
	uint64_t sizes[PLAT_FILES_MAX];
	char base[HISTORY_BASE_MAX]; /* the folder that the paths of commits begin in */
};

/* ---- in the worker ---- */

struct history; /* of the repository in hand */

bool history_is_question(const void *message, size_t len, size_t files);
/* Takes files that it sets to NULL. False when nobody listens any more. */
bool history_reply(struct history **history, struct plat_channel *channel,
		   struct examiner *examiner, const struct history_question *question,
		   struct plat_file **files);
void history_free(struct history *history); /* NULL is fine */

/* ---- in the parent ---- */

struct history_sink {
	/* `path`: the repository, or where its objects lie when that is elsewhere. */
	void (*reply)(const struct wire_reply *reply, const char *path,
		      const struct plat_info *info, void *context);
	void (*failed)(enum trouble trouble, const char *path, void *context);
	void *context;
};

struct history_parent {
	struct plat_zygote *zygote;
	const struct detect_limits *limits;
	size_t rules;
	struct plat_channel *channel; /* NULL: has to be started */
	unsigned guards;
	uint32_t number;
};

/* When a file is a git object or a pack: the length of the path of the folder
 * "objects" that it lies in; otherwise 0. */
size_t history_objects(const char *path, struct plat_file *file);

/* Everything in each of the folders, and in those that these name as alternates.
 * -EINTR when the run has to stop. */
int history_read(struct history_parent *parent, const struct guest *guest,
		 const char *const *objects, size_t count, const struct history_sink *sink);
void history_end(struct history_parent *parent);

/* For tests only: called in the worker before it reads, so that it can crash, hang or
 * lie; set before the zygote starts. Nothing in the product sets it. */
extern void (*history_test_hook)(struct plat_channel *channel,
				 const struct history_question *question);

#endif
