/* SPDX-License-Identifier: MIT */
/* Short texts that come without a file, as values of the registry do, on their way to a
 * worker: each is a line NAME=TEXT, so that rules see what it is called, and many go at once.
 * Those that belong together follow each other; others are further apart than an id may be
 * from its secret. */
#ifndef DETECT_TEXTS_H
#define DETECT_TEXTS_H

#include "base/vec.h"
#include "base/buf.h"
#include "platform.h"

struct text_piece {
	size_t at, prefix, len; /* of the line; of "NAME="; of the text, or of this part */
	uint64_t skipped;	/* of the text, before this part */
	char *place;
	struct plat_info info;
};

struct texts {
	struct buf bytes;
	VEC(struct text_piece) pieces;
};

/* What a worker found, by its place in all of them. */
struct text_spot {
	const struct text_piece *piece;
	uint64_t offset, length; /* in the text */
	uint32_t line;		 /* from 1; 0: it has but one, or it is not known */
};

/* Adds a text as far as there is room for it and returns how much that was; 0: none, begin
 * anew. `skipped`: what of it went before. */
size_t texts_add(struct texts *texts, const char *place, const struct plat_info *info,
		 const char *text, size_t len, uint64_t skipped);
/* False: it is not in the text of any. */
bool texts_find(const struct texts *texts, uint64_t offset, uint64_t length,
		struct text_spot *ret);
void texts_free(struct texts *texts); /* wipes; NULL is fine */

#endif
