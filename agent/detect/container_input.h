/* SPDX-License-Identifier: MIT */
/* What libarchive reads: never a name or a descriptor, only bytes through these
 * callbacks. A stream is read once from front to back; what libarchive took too
 * much of is given back, so that what follows an archive can be looked at.
 *
 *     struct input *in = input_new(examiner, source, anywhere);
 *     input_begin(in, kind);
 *     ... libarchive with input_read (and input_seek) ...
 *     input_end(in, archive_filter_bytes(a, -1));     then the next one
 *     input_free(in);                                  wipes */
#ifndef DETECT_CONTAINER_INPUT_H
#define DETECT_CONTAINER_INPUT_H

#include <archive.h>

#include "detect/container_frames.h"
#include "detect/examine.h"

enum { INPUT_BLOCK = 64 << 10 };

struct input {
	struct examiner *examiner;
	struct source *source;
	bool anywhere;	/* libarchive may seek: no stream */
	uint64_t at;	/* next byte of a source that can be read anywhere */
	uint64_t given; /* since input_begin */
	uint64_t hole;	/* zeros to come before what is read next */
	struct frames frames;
	size_t from, to; /* of bytes: not given yet; what was given stays before it */
	uint8_t bytes[2 * INPUT_BLOCK];
};

struct input *input_new(struct examiner *examiner, struct source *source, bool anywhere);
void input_free(struct input *in);

void input_begin(struct input *in, enum container_kind kind);
/* False when more was taken than can be given back. */
bool input_end(struct input *in, int64_t used);

/* Bytes that come next, without taking them; fewer than `most` only at the end
 * (or when reading fails). At most INPUT_BLOCK. */
size_t input_peek(struct input *in, size_t most, const uint8_t **ret);
/* At most INPUT_BLOCK; false: there are not so many. */
bool input_skip(struct input *in, size_t count);
/* Passes over zero bytes; false: nothing else follows. */
bool input_skip_zeros(struct input *in);

la_ssize_t input_read(struct archive *a, void *in, const void **ret);
la_int64_t input_seek(struct archive *a, void *in, la_int64_t offset, int whence);

/* What is left (of the frames, if they were begun), as a source. */
void input_source(struct input *in, struct source *ret);

#endif
