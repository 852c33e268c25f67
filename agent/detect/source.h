/* SPDX-License-Identifier: MIT */
/* Bytes in order, wherever they come from. A look at the first bytes does not
 * take them: what a stream is gets decided before it is read. */
#ifndef DETECT_SOURCE_H
#define DETECT_SOURCE_H

#include "model/coding.h"
#include "platform.h"

enum { SOURCE_HEAD = 8192 };

/* Where files are read to, one after the other. Who has it wipes it. */
struct source_room {
	uint8_t *bytes;
	size_t cap;
	size_t used; /* of it, by any file since it was wiped */
};

struct source {
	/* Bytes read, 0 at the end, negative errno. *ret_hole: zero bytes that
	 * were passed over before these. */
	int64_t (*read)(struct source *source, void *out, size_t cap, uint64_t *ret_hole);
	void *context;		/* of `read` */
	struct plat_file *file; /* or NULL; its bytes can be read anywhere */
	const uint8_t *memory;	/* or NULL; likewise */
	uint64_t size;		/* of file or memory */
	uint64_t at;		/* next byte of file or memory */
	uint64_t data_end;	/* end of the present run of data */
	bool sparse;
	bool mapped;		  /* memory is that of the file */
	struct source_room *room; /* or NULL */
	uint8_t *head;		  /* looked at, not yet taken; in the room or of its own */
	size_t head_len, head_at, head_cap;
	size_t looked;	     /* bytes that a look was asked for */
	uint64_t head_hole;  /* a hole that was met while looking */
	size_t head_hole_at; /* and the byte of head that it comes before */
	bool head_ended;     /* it ends there, or a hole begins */
	int64_t failed;	     /* 0, or why no more could be looked at */
};

void source_file(struct source *ret, struct plat_file *file, uint64_t size, bool sparse);
void source_memory(struct source *ret, const void *bytes, size_t len);
/* Then a look at a file that fits the room takes all of it in at once. `room` must
 * outlive the source and serve no other meanwhile. */
void source_lend(struct source *source, struct source_room *room);

/* A file that no stranger writes is used where it lies in memory, if it does. Ended by
 * source_unmap, which tells whether all of it could be had: 0 or negative errno. */
void source_map(struct source *source);
int source_unmap(struct source *source);

int64_t source_read(struct source *source, void *out, size_t cap, uint64_t *ret_hole);
/* Up to SOURCE_HEAD bytes from the start; fewer when it ends or a hole comes. */
int64_t source_peek(struct source *source, const uint8_t **ret);
/* Likewise up to `most` bytes, where a first look was not enough. */
int64_t source_peek_more(struct source *source, size_t most, const uint8_t **ret);
/* All of it where it lies, when it was looked at and is at hand as a whole; NULL:
 * it has to be read. */
const uint8_t *source_all(const struct source *source, size_t *ret_len);
/* Anywhere in a file or memory; 0 behind the end. */
int64_t source_pread(struct source *source, void *out, size_t cap, uint64_t offset);
/* Of a seekable one: what is read next. */
void source_seek(struct source *source, uint64_t offset);
bool source_seekable(const struct source *source);
void source_clear(struct source *source); /* wipes the head, but not in a room */
void source_room_make(struct source_room *room, size_t cap);
void source_room_wipe(struct source_room *room);
void source_room_free(struct source_room *room);

/* UTF-16 or UTF-32 as one byte a unit: letters keep their place (at twice or four
 * times its offset); the mark and what is beyond ASCII become 0xff. */
void source_wide(struct source *ret, struct source *from, enum coding coding);
/* Bytes of one unit, 1 for what is not wide. */
unsigned source_unit(enum coding coding);

#endif
