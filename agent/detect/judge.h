/* SPDX-License-Identifier: MIT */
/* What a match is worth. A judge sees the secret, what was matched round it and
 * its line; it drops what is no secret and notes what speaks for and against the rest.
 *
 *     struct verdict verdict = {0};
 *     if (judge_decide(judge, &evidence, weights, &verdict))
 *             verdict.because, verdict.confidence
 *
 * What the file's path says is added by the parent (place.h), which alone knows it. */
#ifndef DETECT_JUDGE_H
#define DETECT_JUDGE_H

#include "model/reason.h"
#include "rules/rules.h"

struct span {
	const uint8_t *at;
	size_t len;
};

struct evidence {
	const struct secret_rule *rule;
	struct span secret;
	struct span match;  /* holds the secret */
	struct span line;   /* of the secret's first byte, at most 256 bytes
			     * either side; without its end */
	struct span around; /* some lines before and behind it; may be empty */
	bool binary;	    /* the file is no text */
};

struct verdict {
	enum confidence confidence;
	unsigned seen;	     /* SEEN_* that the judge found out */
	uint64_t because;    /* REASON_BITs */
	enum reason dropped; /* where it is no secret: why */
};

/* False: no secret, *ret tells in `dropped` why. Adds to what *ret holds. */
typedef bool judge_function(const struct evidence *evidence, struct verdict *ret);

/* By the name a rule gives, NULL for "token"; NULL if there is none. */
judge_function *judge_named(const char *name);

/* The judge's reasons and those that hold for all, weighed. Fills *ret. */
bool judge_decide(judge_function *judge, const struct evidence *evidence,
		  const struct weights *weights, struct verdict *ret);

/* The reason that a rule is by itself; NULL: a rule of medium confidence. */
uint64_t judge_rule_reason(const struct secret_rule *rule);

/* For judges: notes the reason, gives false. */
static inline bool judge_drop(struct verdict *verdict, enum reason reason)
{
	verdict->dropped = reason;
	return false;
}

#endif
