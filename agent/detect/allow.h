/* SPDX-License-Identifier: MIT */
/* What is set aside although a rule matches, and what a rule of gitleaks' format asks
 * of a match beyond its pattern (rules/gitleaks.h). In a worker, in this order:
 *
 *     allow_mask(allow, &place, mask);          before a file: rules that can not count
 *     allow_secret(allow, rule, ...);           which part of a match is the secret
 *     allow_takes(patterns, rule, &sight, &found);      by what stands there
 *     allow_settle(allow, &match, &place);      by where it stands, and by other finds
 *
 * The comment "imgsan:allow" or "gitleaks:allow" on the lines of a match marks it
 * SEEN_ALLOWED; the parent tells of it, but as no finding. */
#ifndef DETECT_ALLOW_H
#define DETECT_ALLOW_H

#include "detect/match.h"

enum { ALLOW_FAR = 128 << 10 /* bytes that a keyword counts for on each side */ };

struct allow;

/* *ret is NULL where nobody brought such rules. -EINVAL with a fault. */
int allow_new(const struct rules *rules, struct allow **ret, struct buf *fault);
void allow_free(struct allow *allow); /* NULL is fine */

/* Where a stream is from. */
struct allow_place {
	const char *path;   /* NULL: not known */
	const char *member; /* inside it, or NULL */
	const char *commit; /* hexadecimal, or NULL */
};

/* Takes away the bits of rules that count nothing there. */
void allow_mask(struct allow *allow, const struct allow_place *place, uint8_t mask[MASK_SIZE]);

/* Sets the range of the secret in a match, whose groups are at[]. */
void allow_secret(const struct allow *allow, size_t rule, const uint8_t *window,
		  const size_t *at, size_t *start, size_t *end);

struct allow_sight {
	const uint8_t *window;
	size_t len;
	size_t start, end; /* of the secret */
	size_t match_start, match_end;
	bool binary;
};

/* False: it counts for nothing. May add SEEN_ALLOWED. */
bool allow_takes(const struct patterns *patterns, size_t rule, const struct allow_sight *sight,
		 struct found *found);

/* Whether a find counts at its place. */
bool allow_counts(struct allow *allow, const struct found *found,
		  const struct allow_place *place);
/* Takes what does not count out of all finds of a stream. */
void allow_settle(struct allow *allow, struct match *match, const struct allow_place *place);

/* Rules about paths alone that fit; each index is given once. */
void allow_named(struct allow *allow, const struct allow_place *place,
		 void (*tell)(size_t rule, void *context), void *context);

#endif
