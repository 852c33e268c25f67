/* SPDX-License-Identifier: MIT */
/* The objects of a git repository, from open packs and loose object files.
 *
 *     struct git *git = git_new(false, expand_bytes, &sink);
 *     git_add_pack(git, file, size);        any number; each object is told once
 *     git_add_loose(git, file, size);
 *     git_walk(git, visit, context);        which commit and path has which blob
 *     git_free(git);
 *
 * A small reader of bytes that nobody vouches for (gitformat-pack(5)): a pack is
 * read from its first object to its last, the index beside it is not believed in,
 * every id is computed. A delta is applied to what was told already, so no chain
 * of them can be a ring. Runs in a worker without privilege. */
#ifndef GIT_GIT_H
#define GIT_GIT_H

#include "platform.h"

enum git_type { GIT_COMMIT = 1, GIT_TREE, GIT_BLOB, GIT_TAG };

enum git_trouble {
	GIT_DAMAGED, /* something can not be read, or hangs on nothing */
	GIT_LARGE,   /* an object, or all of them, are larger than is looked at */
	GIT_OVER,    /* the tick said so */
};

enum { GIT_ID_SIZE = 32 };

struct git_id { /* SHA-1 is followed by zeros */
	uint8_t bytes[GIT_ID_SIZE];
};

/* A blob, or the message of a commit or tag. */
struct git_object {
	enum git_type type;
	struct git_id id;
	const uint8_t *bytes;	  /* NULL: it is large, and read in order */
	uint64_t size;		  /* of bytes */
	struct git_stream *large; /* or NULL */
};

/* Bytes read, 0 at the end, -EBADMSG. */
int64_t git_stream_read(struct git_stream *stream, void *out, size_t cap);

struct git_sink {
	void (*object)(const struct git_object *object, void *context);
	void (*trouble)(enum git_trouble trouble, void *context);
	bool (*tick)(void *context); /* called often; true: stop. May be NULL */
	void *context;
};

struct git;

/* `expand_bytes`: of all packs and loose objects together, on top of 256 times
 * their size. */
struct git *git_new(bool sha256, uint64_t expand_bytes, const struct git_sink *sink);
void git_free(struct git *git); /* NULL is fine */

/* Takes the file and may keep it open until git_free. */
void git_add_pack(struct git *git, struct plat_file *file, uint64_t size);
/* The file stays the caller's and is not needed any more. */
void git_add_loose(struct git *git, struct plat_file *file, uint64_t size);

/* Where a blob stands. */
struct git_place {
	struct git_id blob, commit;
	int64_t date;	  /* of the commit */
	const char *name; /* the path's last component */
};

typedef void git_visit(struct git *git, const struct git_place *place, void *context);

/* Gives every blob in every tree, from the newest commit to the oldest; a tree that
 * several hold is gone through once, so a blob's first place is in the newest commit
 * that has it. Only once, after the last git_add_*. True when all trees could be
 * had; otherwise a blob that was not given may be in a commit all the same. */
bool git_walk(struct git *git, git_visit *visit, void *context);
/* In a visit only: the whole path, valid until the visit ends. */
const char *git_path(struct git *git);

/* The bytes of a blob in a pack, valid until the next call; NULL without it. Not in a
 * visit. Those of a loose one come by adding its file again, which tells it again. */
const uint8_t *git_blob(struct git *git, const struct git_id *id, size_t *ret_len);

int git_id_compare(const void *a, const void *b); /* for qsort and bsearch */

#endif
