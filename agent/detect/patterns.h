/* SPDX-License-Identifier: MIT */
/* The secret rules made ready for matching: keywords in prefilters, patterns
 * compiled. Made once in the zygote, before the lock; workers inherit it. */
#ifndef DETECT_PATTERNS_H
#define DETECT_PATTERNS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "detect/judge.h"
#include "detect/prefilter.h"

enum {
	PATTERNS_MAX = 1024, /* rules; bounds what one file's mask takes */
	BOXES_MAX = 64,	     /* artefacts with members; likewise */
};

/* The artefacts that are about members of archives, in their order. */
typedef VEC(const struct artefact *) box_list;

struct pattern {
	pcre2_code *code;
	pcre2_code *then; /* tried behind a keyword before `code` is; NULL: that is */
	unsigned group;	  /* of the secret; 0: the whole match */
	const struct secret_rule *rule;
	judge_function *judge;
	VEC(uint16_t) beside; /* the rules near whose matches it is asked; none: anywhere */
	bool has_beside;      /* others are asked near its own */
};

/* Which rules a prefilter is about, besides those for words and those that stand beside
 * others. */
enum scope {
	SCOPE_ANYWHERE, /* of a text */
	SCOPE_LISTED,	/* of a text that a package lists */
	SCOPE_BINARY,	/* that look into binaries */
	SCOPE_PLACED,	/* of certain paths: few texts are looked through for them, too */
	SCOPE_COUNT,
};

struct allow;

struct patterns {
	const struct rules *rules;
	struct prefilter *prefilters[SCOPE_COUNT]; /* but for the keywords of: */
	struct prefilter *beside;		   /* rules that stand beside others, */
	struct prefilter *tokens;		   /* and those for words */
	VEC(struct pattern) each;		   /* same index as rules->secrets */
	VEC(uint16_t) expensive;		   /* of them: those without keyword, */
	/* A bit for each that asks for certain paths, that is unlisted. */
	uint8_t placed[PATTERNS_MAX / 8], unlisted[PATTERNS_MAX / 8];
	box_list boxes;
	struct allow *allow; /* what more rules ask, or NULL (detect/allow.h) */
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* -EINVAL with a text in *fault. The rules must outlive the result. */
int patterns_new(const struct rules *rules, struct patterns **ret, struct buf *fault);
/* Compiles a rule that is seldom tried, when it is; false: it can not be. */
bool patterns_ready(const struct patterns *patterns, size_t rule);
void patterns_free(struct patterns *patterns);
CLEANUP_POINTER(struct patterns, patterns_free);

/* Whether a rule that asks for certain paths wants this one. A "~/" of a rule
 * stands at any depth: who has which home is not known here. */
bool patterns_want_path(const struct secret_rule *rule, const char *path);

/* The first BOXES_MAX of them; true when that were all. */
bool patterns_boxes(const struct rules *rules, box_list *ret);

#endif
