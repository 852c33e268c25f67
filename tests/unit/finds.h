/* SPDX-License-Identifier: MIT */
/* What is found in bytes by a few rules of a test's own:
 *
 *     set up     finds_token_rule(), own_rule(&finds_rules, ...), then finds_begin()
 *     test       struct seen seen = finds_in(bytes, len)
 *     tear down  finds_end()
 */
#pragma once

#include "detect/samples.h"
#include "own_rules.h"

struct seen {
	size_t count, troubles;
	struct found last;
	const char *rule;   /* the last one's */
	unsigned always;    /* what of SEEN_ is true of each that was found */
	char members[4096]; /* of all that was found, each with a line end behind it */
	enum trouble trouble;
	char where[256]; /* the last trouble was, or nothing */
};

extern struct rules finds_rules;
extern struct patterns *finds_patterns;

/* Adds the rule for tokens, which stand in binaries as well. */
void finds_token_rule(void);
/* The rules are complete: what a group's setup returns. */
int finds_begin(void);
int finds_end(void **unused);

struct seen finds_in(const void *bytes, size_t len);
/* By an examiner that lacks patterns and what to tell; the source is closed. */
struct seen finds_through(struct examiner x, struct source *source);

/* For an examiner of a test's own; the context is a struct seen, zeroed but for
 * `always`, of which all bits are set. */
void finds_on_found(const struct found *found, const char *member, void *context);
void finds_on_trouble(enum trouble trouble, const char *member, void *context);
