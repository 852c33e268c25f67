/* SPDX-License-Identifier: MIT */
/* The configurations of gitleaks (github.com/gitleaks/gitleaks, config/config.go and
 * detect/detect.go as of version 8.28): a rule of theirs becomes a struct secret_rule,
 * and what it asks beyond a pattern stands here. detect/allow.c applies it.
 *
 * Their own set of rules is not here: our packs stand in its place. `useDefault` lets a
 * configuration speak of them: its allowlists for all rules are then for ours, too,
 * `disabledRules` names some of them, and a rule with the name of one of ours and no
 * expression adds to it. */
#ifndef RULES_GITLEAKS_H
#define RULES_GITLEAKS_H

#include "rules/rules.h"

enum {
	GITLEAKS_DEPTH = 2,  /* configurations that one extends */
	GITLEAKS_LISTS = 64, /* for one rule, those for all included */
};

enum gitleaks_target { GITLEAKS_SECRET, GITLEAKS_MATCH, GITLEAKS_LINE };

/* What is set aside although a rule matches. */
struct gitleaks_list {
	bool all;		    /* every kind that is given has to apply, not just one */
	strings commits, stopwords; /* lower case */
	strings paths, regexes;	    /* PCRE2 */
	enum gitleaks_target target;
	bool of_rule;  /* it stands in a rule */
	strings rules; /* of these; neither of them: of all */
	const char *file;
	unsigned line;
};

/* A match counts only with one of that rule near it. */
struct gitleaks_required {
	char *id;
	size_t rule;		/* index in the rules' secrets */
	int64_t lines, columns; /* at most so far; -1: anywhere in the file */
};

struct gitleaks_rule {
	char *id, *title, *regex; /* regex NULL: about a path alone, or adds to one of ours */
	char *path;		  /* PCRE2, or NULL */
	strings keywords, tags;
	unsigned group; /* of the secret; 0: the first that is not empty, or the match */
	double entropy; /* bits per byte; a secret has to have more. 0: not asked */
	bool silent;	/* found only for those that require it */
	VEC(struct gitleaks_required) required;
	VEC(unsigned) lists; /* indices, in this rule's order */
	bool own;	     /* of our packs: nothing but this is added */
	size_t rule;	     /* index in the rules' secrets */
	const char *file;
	unsigned line;
};

/* A line of .gitleaksignore. */
struct gitleaks_ignored {
	char *commit; /* or NULL */
	char *path, *rule;
	unsigned line;
};

struct gitleaks {
	VEC(struct gitleaks_rule) rules;
	VEC(struct gitleaks_list) lists;
	VEC(struct gitleaks_ignored) ignored;
	strings disabled; /* rules of ours that were there */
	bool with_ours;	  /* useDefault */
	strings idle;	  /* what it says that has no effect here, for a reader */
};

/* Adds the rules of a configuration, and of those that it extends, to rules->secrets. It
 * needs the same owner and mode as a pack. `files` keeps names of files. */
int gitleaks_load(struct rules *rules, strings *files, const char *host_path,
		  struct buf *fault);
/* The same of a text; `name` is for messages. */
int gitleaks_take(struct rules *rules, strings *files, const struct buf *text, const char *name,
		  struct buf *fault);
/* Adds the lines of a .gitleaksignore. `maybe`: it need not exist. */
int gitleaks_load_ignored(struct rules *rules, const char *host_path, bool maybe,
			  struct buf *fault);
/* Whether a rule of ours was taken away. `gitleaks` may be NULL. */
bool gitleaks_disabled(const struct gitleaks *gitleaks, const char *name);
void gitleaks_free(struct gitleaks *gitleaks); /* NULL is fine */

/* Whether an expression speaks of characters beyond ASCII, or counts what may be such: RE2
 * counts characters. */
bool gitleaks_regex_wide(const char *regex);

#endif
