/* SPDX-License-Identifier: MIT */
/* All rules over one stream of any length in constant memory.
 *
 *     struct match match = {.patterns = ..., .enabled = mask, .most = 1000};
 *     match_stream(&match, &source);      0 or a read error
 *     vec_each(&match.found, it) ...      sorted by place, none inside another
 *     match_free(&match);
 *
 * `found`, `failed`, ... are of the last stream. With encoded.on_piece set, encoded
 * runs are handed over in passing; what is found in them is added by match_add. */
#ifndef DETECT_MATCH_H
#define DETECT_MATCH_H

#include "detect/encoded.h"
#include "detect/patterns.h"
#include "detect/source.h"

enum {
	DIGEST_SIZE = 32,
	MASK_SIZE = PATTERNS_MAX / 8,
	MATCH_LEAD = 64 << 10, /* read before a part; more than a match is long */
};

struct found {
	uint16_t rule;
	enum confidence confidence; /* as far as is known without the path */
	uint64_t because;	    /* REASON_BITs, likewise */
	unsigned seen;
	uint64_t offset, length;
	uint64_t match_start, match_end;
	uint32_t line, column;
	uint32_t codings; /* as in struct finding */
	unsigned lead;
	uint8_t digest[DIGEST_SIZE]; /* SHA-256 of the secret's bytes */
	/* For detect/allow.h: where the match begins, and lists that hold but for the place. */
	uint32_t match_line, match_column;
	uint64_t allow;
};

/* A part of a file: what keywords ending in (from, to] lead to, and encoded runs that
 * begin there. Lines are then counted from MATCH_LEAD bytes before `from`. `to` 0: the
 * whole stream. */
struct match_part {
	uint64_t from, to;
	/* As far as MATCH_LEAD bytes before `to`: how many lines end there, and where
	 * the last begins. Not `marked`: it did not come so far. */
	bool marked;
	uint64_t lines, line_start;
};

struct match {
	const struct patterns *patterns;
	const uint8_t *enabled;	     /* bit for each rule */
	bool binary;		     /* only rules that look into binaries */
	size_t most;		     /* findings of one stream */
	bool (*tick)(void *context); /* called often; true: stop. May be NULL */
	void *tick_context;
	struct match_part part;

	VEC(struct found) found;
	bool too_many; /* there were more than `most` */
	bool failed;   /* a pattern gave up: not examined fully */
	bool stopped;  /* by tick */
	uint64_t bytes;

	struct encoded encoded;
	size_t room; /* bytes of the window; 0: the usual. Tests make it small */

	const struct prefilter *prefilter, *placed; /* of this stream; the other or NULL */
	uint8_t *buffer; /* of the window, when it is no memory of others */
	uint64_t *done;	 /* by rule: where its next match may begin */
	bool tried;	 /* some are not 0 */
	uint64_t *awake; /* by rule: how far a keyword of a far one counts */
	/* the window in hand */
	const uint8_t *window;
	uint64_t base; /* offset of its first byte */
	size_t len, scanned;
	bool muted;	     /* the keyword in hand belongs to the part before */
	bool begun;	     /* something stands before it */
	bool last;	     /* nothing follows it */
	size_t counted;	     /* bytes of the window whose lines are counted */
	uint64_t lines;	     /* before that place */
	uint64_t line_start; /* offset of the line that it lies in */
};

int match_stream(struct match *match, struct source *source);
/* A piece of a stream where it lies; `first`, `last`: nothing stands before it,
 * behind it. Unless it is the last its final 20 KiB are only looked ahead into. */
void match_memory(struct match *match, const void *bytes, size_t len, bool first, bool last);
/* One more in the present stream, unless there are too many. */
void match_add(struct match *match, const struct found *found);
/* Whether the bytes round this place of the present stream are no text. */
bool match_is_binary_at(const struct match *match, uint64_t offset);
void match_free(struct match *match);

#endif
