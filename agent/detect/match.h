/* SPDX-License-Identifier: MIT */
/* All rules over one stream of any length in constant memory.
 *
 *     struct match match = {.patterns = ..., .enabled = mask, .most = 1000};
 *     match_stream(&match, &source);      0 or a read error
 *     vec_each(&match.found, it) ...      sorted by place, none inside another
 *     match_free(&match);
 *
 * `found`, `failed`, ... are of the last stream. */
#ifndef DETECT_MATCH_H
#define DETECT_MATCH_H

#include "detect/patterns.h"
#include "detect/source.h"

enum {
	DIGEST_SIZE = 32,
	MASK_SIZE = PATTERNS_MAX / 8,
	MATCH_LEAD = 64 << 10, /* read before a part; more than a match is long */
};

struct found {
	uint16_t rule;
	enum confidence confidence;
	unsigned seen;
	uint64_t offset, length;
	uint64_t match_start, match_end;
	uint32_t line, column;
	uint32_t codings; /* as in struct finding */
	unsigned lead;
	uint8_t digest[DIGEST_SIZE]; /* SHA-256 of the secret's bytes */
};

struct match {
	const struct patterns *patterns;
	const uint8_t *enabled;	     /* bit for each rule */
	bool binary;		     /* only rules that look into binaries */
	size_t most;		     /* findings of one stream */
	bool (*tick)(void *context); /* called often; true: stop. May be NULL */
	void *tick_context;
	/* A part of a file: what keywords ending in (from, to] lead to. Lines are then
	 * counted from MATCH_LEAD bytes before `from`. `to` 0: the whole stream. */
	uint64_t from, to;

	VEC(struct found) found;
	bool too_many; /* there were more than `most` */
	bool failed;   /* a pattern gave up: not examined fully */
	bool stopped;  /* by tick */
	uint64_t bytes;
	/* Of a part, as far as MATCH_LEAD bytes before `to`: how many lines end there,
	 * and where the last begins. Not `marked`: it did not come so far. */
	bool marked;
	uint64_t mark_lines, mark_start;

	const struct prefilter *prefilter;
	uint8_t *window;
	uint64_t *done; /* by rule: where its next match may begin */
	/* the window in hand */
	uint64_t base; /* offset of its first byte */
	size_t len, scanned;
	bool muted;	     /* the keyword in hand belongs to the part before */
	bool last;	     /* nothing follows it */
	uint64_t lines;	     /* before base */
	uint64_t line_start; /* offset of the line that base lies in */
};

int match_stream(struct match *match, struct source *source);
void match_free(struct match *match);

#endif
