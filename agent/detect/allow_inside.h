/* SPDX-License-Identifier: MIT */
/* Inside of allow*.c: the configuration, compiled. */
#ifndef DETECT_ALLOW_INSIDE_H
#define DETECT_ALLOW_INSIDE_H

#include "detect/allow.h"
#include "rules/gitleaks.h"

typedef VEC(pcre2_code *) code_list;

struct allow_list {
	const struct gitleaks_list *from;
	code_list paths, regexes;
	bool path_hit; /* at the place in hand */
};

struct allow_rule {
	const struct gitleaks_rule *terms; /* NULL: nothing more is asked */
	pcre2_code *path;
	unsigned groups; /* of the pattern */
	bool path_hit;	 /* at the place in hand */
};

struct allow {
	const struct rules *rules;
	const struct gitleaks *from;
	VEC(struct allow_list) lists;
	VEC(struct allow_rule) each; /* same index as rules->secrets */
	char *path, *member;	     /* the place in hand; path NULL: not known */
	bool placed;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* A pattern that gives up has not matched: then nothing is set aside. */
bool allow_hits(const struct allow *allow, const code_list *codes, const void *text,
		size_t len);
/* Makes this the place in hand. */
void allow_go(struct allow *allow, const struct allow_place *place);

#endif
