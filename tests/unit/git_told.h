/* SPDX-License-Identifier: MIT */
/* A reader of git objects that keeps what it is told, and ways to hand it packs and
 * loose objects (packmaker.h). */
#pragma once

#include "base/vec.h"
#include "git/reader.h"
#include "packmaker.h"

#define WIDE (1u << 30) /* more bytes than a test unpacks */
#define GIT_HELLO "ce013625030ba8dba906f756967f9e9ca394464a" /* the blob "hello\n" */

struct told {
	VEC(struct git_object) objects;
	VEC(char *) texts; /* of the small ones */
	uint64_t streamed;
	unsigned troubles;	  /* bits; none comes twice */
	unsigned ticks, patience; /* 0: as long as it takes */
};

/* Freed by git_free() and told_clear(); `expand` is in bytes. */
struct git *told_reader(struct told *told, bool sha256, uint64_t expand);
void told_clear(struct told *told);
bool was_told(const struct told *told, const char *text);

void add_pack(struct git *git, const struct buf *pack);
void add_loose(struct git *git, const struct buf *loose);
/* Reads one pack and empties it. */
void read_pack(struct told *told, struct buf *pack);

/* What hex leaves out is zero. */
struct git_id id_of(const char *hex);
