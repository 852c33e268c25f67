/* SPDX-License-Identifier: MIT */
/* What the parts of the reader share. */
#ifndef GIT_READER_H
#define GIT_READER_H

#include <openssl/evp.h>
#include <zlib.h>

#include "base/vec.h"
#include "git/git.h"

enum {
	OBJECT_MAX = 32 << 20, /* held at once: what is larger and no plain blob is left */
	CACHE_MAX = 64 << 20,  /* results of deltas that others stand on */
	CACHE_SLOTS = 4096,    /* likewise */
	CHAIN_MAX = 4096,      /* deltas on each other; git makes at most 4095 */
	OBJECTS_MAX = 2 << 20, /* of all packs */
	LOOSE_MAX = 64 << 20,  /* bytes of loose trees that are kept */
	COMMITS_MAX = 1 << 20, /* that are kept */
	PACKS_OPEN = 500,      /* a worker may keep 512 files open */
	WINDOW = 16 << 10,     /* of a file, read at once */
	EXPAND_FACTOR = 256,   /* bytes out of one byte of a pack, over all */
	HEAD_ROOM = 32,	       /* "commit 123" and its NUL */
};

#define NONE UINT32_MAX

/* ---- inflate.c: a stretch of a file, unpacked ---- */

struct inflow {
	z_stream z;
	bool ready, ended;
	struct plat_file *file; /* whose bytes the window holds, or NULL */
	uint64_t end, at;	/* of the file; at: what follows the window */
	uint8_t window[WINDOW];
};

/* The bytes at `offset`; how many lie in one piece, at least `want` unless the
 * file ends. Negative errno. */
int64_t inflow_look(struct inflow *in, struct plat_file *file, uint64_t end, uint64_t offset,
		    size_t want, const uint8_t **ret);
/* Begins to unpack at an offset; the rest of the stream follows with inflow_read:
 * bytes, 0 at the end of the stream, -EBADMSG. */
int inflow_begin(struct inflow *in, struct plat_file *file, uint64_t end, uint64_t offset);
int64_t inflow_read(struct inflow *in, void *out, size_t cap);
/* All of a stream that has to be of this size. */
int inflow_all(struct inflow *in, uint8_t *out, size_t size);
uint64_t inflow_where(const struct inflow *in); /* what follows the stream */
void inflow_forget(struct inflow *in);		/* the file is about to be closed */
void inflow_clear(struct inflow *in);

/* ---- delta.c ---- */

/* The sizes that a delta is for; bytes that they take, 0 when they are cut off. */
size_t delta_sizes(const uint8_t *delta, size_t len, uint64_t *ret_from, uint64_t *ret_to);
/* 0, or -EBADMSG unless it fills `out` exactly. */
int delta_apply(const uint8_t *base, size_t base_len, const uint8_t *delta, size_t len,
		uint8_t *out, size_t out_len);

/* ---- object.c: what is in them ---- */

struct commit {
	struct git_id id, tree;
	int64_t date;
};

/* Bytes of an object with HEAD_ROOM bytes in front of them. */
struct held {
	uint8_t *room;
	size_t len;
};

static inline uint8_t *held_bytes(const struct held *held)
{
	return held->room + HEAD_ROOM;
}

struct held held_new(size_t len);
void held_clear(struct held *held); /* wipes */

struct git_id object_id(struct git *git, enum git_type type, const struct held *held);
/* Tells an object that is whole; NULL when none of its kind is kept. */
void object_tell(struct git *git, enum git_type type, const struct git_id *id,
		 const struct held *held);
/* A blob of more than OBJECT_MAX bytes, whose stream begins at `offset` with
 * `skip` bytes that are not its own. */
void object_tell_large(struct git *git, struct plat_file *file, uint64_t end, uint64_t offset,
		       size_t skip, uint64_t size);

/* The next entry of a tree; bytes that it takes, 0 when there is none. */
struct tree_entry {
	bool folder, link; /* link: a commit of another repository */
	const char *name;
	struct git_id id;
};
size_t tree_next(const uint8_t *tree, size_t len, size_t id_size, struct tree_entry *ret);

/* ---- pack.c ---- */

struct entry {
	uint64_t offset;
	uint32_t base;		 /* whose delta it is */
	uint32_t child, sibling; /* deltas on it; the next one on the same base */
	uint32_t slot;		 /* of the cache */
	uint8_t type;		 /* 0: a delta whose base was not come to */
	bool told, visited;
};

struct waiting { /* a delta that names its base */
	struct git_id base;
	uint32_t entry;
};

struct pack {
	struct plat_file *file; /* NULL: not kept open */
	uint64_t size, end;	/* end: of the objects */
	uint32_t count;
	struct entry *entries;
	struct git_id *ids;
	struct git_id **order; /* of those told, sorted */
	uint32_t ordered;
	VEC(struct waiting) waiting; /* sorted */
	bool trees;		     /* deltas of trees were applied, too */
};

int packed_read(struct git *git, struct pack *pack);
/* Also the trees that are deltas: nobody needs them before something was found. */
void packed_trees(struct git *git, struct pack *pack);
/* The bytes of an entry, which are the cache's, or NULL. */
const struct held *packed_content(struct git *git, struct pack *pack, uint32_t entry);
uint32_t packed_find(const struct pack *pack, const struct git_id *id); /* or NONE */
void packed_clear(struct pack *pack);
int git_id_compare_pointed(const void *a, const void *b); /* of pointers to ids */

/* ---- git.c ---- */

struct slot {
	struct pack *pack; /* NULL: free */
	uint32_t entry;
	bool used;
	struct held held;
};

struct loose {
	struct git_id id;
	struct held held; /* of a tree */
	bool visited;
};

struct git {
	struct git_sink sink;
	size_t id_size;
	const EVP_MD *digest;
	EVP_MD_CTX *hash;
	struct inflow in;
	uint64_t expanded, may_expand; /* bytes */
	unsigned told;		       /* bits of troubles */
	bool over;

	VEC(struct pack *) packs;
	size_t open;
	uint32_t objects; /* of all packs */
	VEC(struct loose) loose;
	size_t loose_bytes;
	VEC(struct commit) commits;
	bool forgot;	       /* something that the walk needs was not kept */
	struct search *search; /* while it walks */
	bool walked;

	struct slot slots[CACHE_SLOTS];
	size_t cached, hand;
};

/* Each is told once. */
void git_trouble(struct git *git, enum git_trouble trouble);
/* True when it is time to end. */
bool git_over(struct git *git);
/* Counts bytes that are about to be made; false when that is too many. */
bool git_spend(struct git *git, uint64_t bytes);
/* Whether an object was told before, out of another pack than `but`. */
bool git_knows(const struct git *git, const struct git_id *id, const struct pack *but);

const struct held *cache_get(struct git *git, const struct pack *pack, uint32_t entry);
const struct held *cache_put(struct git *git, struct pack *pack, uint32_t entry,
			     struct held *held); /* takes what is held */
void cache_clear(struct git *git);

#endif
