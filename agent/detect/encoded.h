/* SPDX-License-Identifier: MIT */
/* Encoded runs in a stream: found in passing, decoded, handed over.
 *
 *     struct encoded encoded = {.on_piece = ..., .context = ...};
 *     encoded_reset(&encoded);                      a new stream
 *     encoded_seek(&encoded, &view, upto);          again and again
 *     encoded_place(&encoded, run);                 what on_piece got: its lines
 *     encoded_keep(&encoded, &view, &tally);        before bytes are forgotten
 *     encoded_free(&encoded);
 *
 * The finders pass over what can not be a run by the bits of a sieve, and drop what
 * can not be anybody's text after some 30 characters. */
#ifndef DETECT_ENCODED_H
#define DETECT_ENCODED_H

#include "detect/decoding.h"
#include "detect/sieve.h"

/* A kind of run: how one is found, how it goes on. */
struct coder {
	/* The first run from *at on that begins before `upto`: *at is its first
	 * character, and the coding is told. NONE: *at is where to look next; it may
	 * go back to `low`. */
	enum coding (*find)(const struct view *view, const struct sieve *sieve, size_t *at,
			    size_t low, size_t upto);
	/* Decodes on from `at`; the end of the run, or view->limit when it goes on
	 * there, or less when the piece is full. */
	size_t (*take)(struct decoding *d, const struct view *view, size_t at, bool *ret_ended);
};

extern const struct coder coder_base64; /* and hex */
extern const struct coder coder_percent, coder_escapes, coder_wide;

enum { CODERS = 4 };

struct encoded {
	/* A piece of a run; `last`: the run ends with it. True: enough. */
	bool (*on_piece)(const struct decoding *d, bool last, void *context);
	void *context;
	bool stopped;
	const struct view *view; /* at hand now */
	uint64_t sought;	 /* offset up to which runs were looked for */
	uint64_t behind;	 /* and before which none begins any more */
	struct tally common;	 /* not further than that, or what was kept */
	struct sieve sieve;
	uint64_t sieved; /* offset of its first byte; from there up to `sought` */
	struct seeker {
		uint64_t next; /* offset where to look on */
		uint64_t low;  /* before it all is decoded */
		bool open;     /* `run` goes on at `next` */
		bool placed;   /* its lines were counted */
		struct decoding run;
		struct tally counted; /* up to the last one that was placed */
	} seekers[CODERS];
};

void encoded_reset(struct encoded *e);
/* Runs that begin before view->at[upto]. */
void encoded_seek(struct encoded *e, const struct view *view, size_t upto);
/* Whether `sieve` is of these bytes of the stream, from its first on. */
bool encoded_has_sieve(const struct encoded *e, uint64_t from, uint64_t to);
/* Counts the lines before a run, when somebody wants to know; from within on_piece. */
void encoded_place(struct encoded *e, const struct decoding *run);
/* What lies before tally->offset in the view goes. */
void encoded_keep(struct encoded *e, const struct view *view, const struct tally *tally);
/* The stream goes on there: no run goes on behind a hole. */
void encoded_jump(struct encoded *e, const struct tally *tally);
void encoded_free(struct encoded *e);

#endif
