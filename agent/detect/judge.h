/* SPDX-License-Identifier: MIT */
/* What a match is worth. A judge sees the secret, what was matched round it and
 * its line; it drops what is no secret and says how sure it is of the rest. */
#ifndef DETECT_JUDGE_H
#define DETECT_JUDGE_H

#include "rules/rules.h"

struct span {
	const uint8_t *at;
	size_t len;
};

struct evidence {
	const struct secret_rule *rule;
	struct span secret;
	struct span match; /* holds the secret */
	struct span line;  /* of the secret's first byte, at most some 100 bytes
			    * either side; without its end */
	bool binary;	   /* the file is no text */
};

struct verdict {
	enum confidence confidence;
	unsigned seen; /* SEEN_* that the judge found out */
};

/* False: no secret. *ret holds the rule's confidence when called. */
typedef bool judge_function(const struct evidence *evidence, struct verdict *ret);

/* By the name a rule gives, NULL for "token"; NULL if there is none. */
judge_function *judge_named(const char *name);

#endif
