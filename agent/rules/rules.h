/* SPDX-License-Identifier: MIT */
/* The packs and the policy as the rest of the program sees them: read-only
 * tables, loaded once, alive until the end of the run.
 *
 *     struct rules *rules;
 *     struct buf fault = {0};
 *     if (rules_load(&options, &rules, &fault) < 0)
 *             die(2, buf_text(&fault));   "file:line: what is wrong"
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "base/cleanup.h"
#include "base/vec.h"
#include "model/finding.h"
#include "model/guest.h"
#include "model/plan.h"
#include "rules/weights.h"

typedef VEC(char *) strings;

struct gitleaks;
struct gitleaks_rule;

enum { KEYWORD_MIN = 3, KEYWORD_MAX = 200 }; /* bytes of a keyword */

/* What a credential looks like (patterns/secrets). */
struct secret_rule {
	char *name, *title, *why, *advice, *source;
	char *provider, *kind; /* whose credential, and what it is; or NULL */
	enum class class;
	enum severity severity;
	enum confidence confidence; /* before the judge */
	strings keywords;	    /* one has to be near; with a capital letter exactly so */
	bool expensive;		    /* has no keywords: tried at every byte */
	bool unlisted;		    /* not asked of what a package lists below /usr */
	bool token;		    /* a word that begins with a keyword and is long */
	strings beside;		    /* keywords count only near a match of such a rule */
	bool partner;		    /* no secret: told only as the id of a finding by a rule in
				       beside */
	unsigned before;	    /* a match holds a keyword and begins at most so many bytes
				       before that one's end; 0: anywhere near one */
	char *then;		    /* PCRE2; what follows a keyword of each match, or NULL */
	char *pattern;		    /* PCRE2; group `secret` or the whole match */
	char *shown;		    /* fixed prefix that may be printed, or NULL */
	strings paths;		    /* only in such files; empty: anywhere */
	bool in_binary;		    /* fixed shape: also looked for in binaries */
	char *judge;		    /* name of the judge in detect/judge.c */
	bool far;		    /* a keyword counts for all of the file near it, not only
				       where a match may begin (rules/gitleaks.h) */
	bool wide;		    /* the pattern speaks of characters, not bytes */
	const struct gitleaks_rule *terms; /* what more is asked of a match, or NULL */
	char *reader;		/* of whole files of a kind (detect/keystore.c): then there
				   is neither keyword nor pattern; or NULL */
	strings match, nomatch; /* sample templates */
	const char *file;	/* the pack's file, for messages */
	unsigned line;
};

struct rules;
const struct secret_rule *secret_rule_find(const struct rules *rules,
					   const char *name); /* or NULL */

/* A rule for names like "password" says less than one for a token's own form. So does one
 * that is not known. */
bool secret_rule_is_generic(const struct rules *rules, const char *name);

/* Whether the first is an id ("access key ID") that is used with the second. */
bool secret_rule_is_id_of(const struct secret_rule *id, const struct secret_rule *secret);

/* Which paths, which action, why (patterns/artefacts). */
struct artefact {
	char *name, *title, *why, *advice;
	enum class class;
	enum severity severity;
	unsigned os; /* bits 1 << enum guest_os */
	bool report; /* never acted on: a finding */
	enum action action;
	strings paths;		/* globs; "~/" stands for every home */
	strings registry;	/* globs of places in it (model/keyglob.h) */
	strings members;	/* globs inside an archive: then `paths` name archives */
	strings keep;		/* globs that stay although they match or lie below */
	strings match, nomatch; /* sample paths */
	strings held_by;	/* services that hold it open while they run */
	char *reopen;		/* what makes them go on with a new one, or NULL */
	bool last;		/* something writes it to the end: acted on behind the rest */
	const char *file;
	unsigned line;
};

/* Whether a member of an archive is one that the artefact tells of; its name as
 * the archive has it. */
bool artefact_has_member(const struct artefact *artefact, const char *member);

/* What the policy makes of a class or of one named item. */
enum disposition {
	DISPOSE_KEEP,	/* nothing is done, nothing is said */
	DISPOSE_REPORT, /* stays and is a finding */
	DISPOSE_REDACT, /* credentials inside files go, whole files stay and are findings */
	DISPOSE_REMOVE, /* goes */
};
const char *disposition_name(enum disposition disposition);

struct policy_item {
	char *name; /* artefact, cleaner or rule */
	enum disposition disposition;
	unsigned line;
};

struct allowance {
	char *name; /* artefact, cleaner or rule; "*" for all */
	char *path; /* glob, "~/" allowed */
	char *reason;
	int64_t expires; /* seconds since 1970, 0: never */
	unsigned line;
};

struct policy {
	char *name, *title;
	enum disposition by_class[CLASS_COUNT];
	VEC(struct policy_item) items;
	VEC(struct allowance) allow;
	strings remove_accounts;  /* to be deleted, with all that is theirs */
	strings disable_accounts; /* to stay and be off; of a running Windows */
	enum severity fail_on;
	enum confidence redact_from; /* findings below it are only reported */
	/* A file that holds a secret which can not be overwritten in place goes. */
	bool remove_unredactable;
	bool no_inline; /* as in struct rules */
	const char *file;
};

struct rules {
	VEC(struct secret_rule) secrets;
	VEC(struct artefact) artefacts;
	size_t inside; /* so many of the secrets, the first, are of the packs inside */
	struct policy policy;
	struct weights weights;
	struct gitleaks *gitleaks; /* what a configuration of theirs adds, or NULL */
	bool no_inline;		   /* "imgsan:allow" in a file means nothing */
};

struct rules_options {
	const char *profile;	 /* NULL: default */
	const char *policy_file; /* instead of a profile; may be NULL */
	const char *const
		*pack_dirs; /* added to the packs inside; NULL-terminated, may be NULL */
	/* Added to the policy, likewise: "NAME=DISPOSITION", names of accounts. */
	const char *const *treat, *const *remove_accounts;
	const char *gitleaks_config, *gitleaks_ignore; /* files, or NULL */
	bool no_inline;				       /* as in struct rules */
	/* The packs inside as well are checked field by field and against their
	 * samples. That takes milliseconds of every run, and they do not change. */
	bool check_inside;
};

/* 0, or -EINVAL with the one fault (file, line, what) in *fault. */
int rules_load(const struct rules_options *options, struct rules **ret, struct buf *fault);
/* Every name in the policy has to be one of ours or a cleaner's, which only the
 * caller knows: 0, or -EINVAL with the fault. */
int rules_check_names(const struct rules *rules, bool (*is_cleaner)(const char *name),
		      struct buf *fault);
void rules_free(struct rules *rules);
CLEANUP_POINTER(struct rules, rules_free);

/* The disposition of something by name first, then by class. */
enum disposition policy_for(const struct policy *policy, const char *name, enum class class);

/* The allowance that covers a place now, or NULL; any_case: of a guest whose names ignore
 * case. *ret_expired (may be NULL) is
 * set when one would have covered it before it expired. */
const struct allowance *policy_allows(const struct policy *policy, const char *name,
				      const char *path, const char *home, bool any_case,
				      bool *ret_expired);

/* The names of the profiles inside, NULL-terminated. */
const char *const *rules_profiles(void);

/* A sample template with its random parts filled in: {alnum:N} {hex:N}
 * {HEX:N} {upper:N} {lower:N} {digit:N} {b64:N} {b64url:N} {word:N}
 * {crc32b62} (of the token before it, the letters behind its last '_'). Other
 * braces stay. -EINVAL for an unknown template name with digits. */
int sample_expand(const char *sample_template, struct buf *ret);
/* The text that differs from it in one property which the template marks: of {hex:=N} one
 * character less, a foreign one, one more; of {hex:>=N} the first two, of {hex:<=N} the
 * last; a letter at {edge}, where nothing stands; the first or last letter of {must:text}
 * another one. 1; 0: there are not so many. */
int sample_near(const char *sample_template, size_t number, struct buf *ret);

#endif
