/* SPDX-License-Identifier: MIT */
/* What the parent and a worker say to each other. The parent believes nothing
 * that is not checked here. */
#ifndef DETECT_WIRE_H
#define DETECT_WIRE_H

#include "detect/examine.h"

enum {
	WIRE_MAGIC = 0x696d6773,
	WIRE_FILES = 24,	/* in one batch */
	WIRE_MEMBER_MAX = 1024, /* with its NUL */
	WIRE_SEEN = SEEN_WHOLE_FILE | SEEN_ENCRYPTED | SEEN_CHECKSUM | SEEN_IN_CONTAINER |
		    SEEN_BINARY | SEEN_PARSED,
};

struct wire_file {
	uint64_t size;
	uint64_t ms;		/* it may take */
	uint64_t boxes;		/* bits: the artefacts to tell members of */
	uint32_t sparse, flags; /* DETECT_* */
	struct sum listed;
	uint8_t enabled[MASK_SIZE];
};

struct wire_batch {
	uint32_t magic, number, count, unused;
	struct wire_file files[WIRE_FILES];
};

enum wire_type { WIRE_FOUND = 1, WIRE_MEMBER, WIRE_TROUBLE, WIRE_DONE, WIRE_ALIVE };

/* Sent without `member` when there is none. */
struct wire_reply {
	uint32_t magic, type, batch, slot;
	uint32_t rule /* MEMBER: box */, confidence, seen, trouble;
	uint32_t line, column, codings, lead;
	uint64_t offset, length;
	uint8_t digest[DIGEST_SIZE];
	char member[WIRE_MEMBER_MAX];
};

size_t wire_batch_size(size_t count);
/* True when a batch of that length is whole and well-formed. */
bool wire_batch_holds(const struct wire_batch *batch, size_t len, size_t files);

size_t wire_reply_size(const struct wire_reply *reply);
/* True when a reply speaks of this file and could be true of it. */
bool wire_reply_holds(const struct wire_reply *reply, size_t len, uint32_t batch, uint32_t slot,
		      const struct wire_file *file, size_t rules);

/* A sentence for a reader. */
const char *wire_trouble_text(enum trouble trouble);

#endif
