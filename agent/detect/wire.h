/* SPDX-License-Identifier: MIT */
/* What the parent and a worker say to each other. The parent believes nothing
 * that is not checked here. */
#ifndef DETECT_WIRE_H
#define DETECT_WIRE_H

#include "base/stage.h"
#include "detect/examine.h"

enum {
	WIRE_MAGIC = 0x696d6773,
	WIRE_FILES = 64,	/* in one batch */
	WIRE_MEMBER_MAX = 1024, /* with its NUL */
	WIRE_SEEN = SEEN_WHOLE_FILE | SEEN_ENCRYPTED | SEEN_CHECKSUM | SEEN_IN_CONTAINER |
		    SEEN_BINARY | SEEN_PARSED | SEEN_HISTORY | SEEN_DATABASE | SEEN_VENDOR |
		    SEEN_ALLOWED,
	WIRE_PATH_MAX = 1024, /* a longer one is not told */
	WIRE_TEXT_MAX = 48 << 10,
};

struct wire_file {
	uint64_t size;
	uint64_t ms;		    /* it may take */
	uint64_t boxes;		    /* bits: the artefacts to tell members of */
	uint64_t from, to;	    /* of a part; to is 0: the whole file */
	uint32_t sparse, flags;	    /* DETECT_* */
	uint32_t may_split, steady; /* only root writes it */
	uint32_t path;		    /* bytes of its path, with its NUL; 0: not told */
	uint32_t packed;	    /* its name is that of an archive */
	struct sum listed;
	uint8_t enabled[MASK_SIZE];
};

struct wire_batch {
	uint32_t magic, number, count;
	/* Bytes that stand behind all else and are examined as the only file; 0: files are
	 * passed. */
	uint32_t text;
	/* Those that are told stand right behind the last file, in the order of files. */
	struct wire_file files[WIRE_FILES];
	char paths[WIRE_FILES * WIRE_PATH_MAX];
};

/* Files are examined in the order of their slots. Most end without a word: DONE says
 * it of all up to this one. What is said of a file itself follows an ALIVE for it, so
 * that it is known which one a worker had in hand. */
enum wire_type {
	WIRE_FOUND = 1,
	WIRE_MEMBER,
	WIRE_TROUBLE,
	WIRE_DONE,  /* this file, and those before it */
	WIRE_ALIVE, /* those before it are done, this one is in hand */
	WIRE_SPLIT, /* it is better examined in parts; nothing was done, nor is DONE said */
	WIRE_LINES, /* of a part: length: lines that end in it, offset: where the last begins */
	WIRE_TIMES, /* struct wire_times */
	WIRE_NAMED, /* a rule about paths alone fits the file, or the member */
};

/* Sent without `member` when there is none. */
struct wire_reply {
	uint32_t magic, type, batch, slot;
	uint32_t rule /* MEMBER: box */, seen, trouble, lead;
	uint32_t line, column, codings, unused;
	uint64_t offset, length, because;
	uint8_t digest[DIGEST_SIZE];
	char member[WIRE_MEMBER_MAX];
};

/* Nanoseconds that a worker has spent since it began, by stage. */
struct wire_times {
	uint32_t magic, type, batch, slot; /* as above */
	uint64_t stages[STAGE_COUNT];
};

size_t wire_batch_size(size_t count); /* without paths */
/* Where the path of this file stands, in a batch that is well-formed; NULL: not told. */
const char *wire_path(const struct wire_batch *batch, size_t index);
/* The text of such a batch. */
const char *wire_text(const struct wire_batch *batch);
/* True when a batch of that length is whole and well-formed. */
bool wire_batch_holds(const struct wire_batch *batch, size_t len, size_t files);

/* What is told of a find, without its member. */
struct wire_reply wire_found(const struct found *found);
size_t wire_reply_size(const struct wire_reply *reply);
/* True when a reply speaks of this file and could be true of it. */
bool wire_reply_holds(const struct wire_reply *reply, size_t len, uint32_t batch, uint32_t slot,
		      const struct wire_file *file, size_t rules);

/* True when the times grew from `before` and are no longer than `most`; gives them. */
bool wire_times_hold(const void *message, size_t len, const uint64_t before[STAGE_COUNT],
		     uint64_t most, uint64_t ret[STAGE_COUNT]);

/* A sentence for a reader. */
const char *wire_trouble_text(enum trouble trouble);
enum severity wire_trouble_severity(enum trouble trouble);

#endif
