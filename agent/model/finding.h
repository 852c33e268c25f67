/* SPDX-License-Identifier: MIT */
/* What was noticed and stays true without a step: a secret, something that
 * could not be examined, a posture remark. It never holds a secret's bytes. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "platform.h"

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

/* Whose loss it would be; the policy decides for each class. */
enum class {
	CLASS_PERSONAL, /* a person's keys, tokens, histories */
	CLASS_IDENTITY, /* what makes this machine this machine */
	CLASS_SERVICE,	/* a credential that a service here needs */
	CLASS_TRACE,	/* logs, caches, leftovers */
	CLASS_BUSINESS, /* data that the machine is there for */
	CLASS_COUNT
};

const char *severity_name(enum severity severity);
bool severity_parse(const char *text, enum severity *ret);
const char *confidence_name(enum confidence confidence);
bool confidence_parse(const char *text, enum confidence *ret);
const char *class_name(enum class class);
bool class_parse(const char *text, enum class *ret);

enum finding_kind {
	FINDING_SECRET,	    /* a credential at a place */
	FINDING_UNEXAMINED, /* could not be looked at (fully): not "clean" */
	FINDING_POSTURE,    /* a remark about the guest that needs a human */
	FINDING_NOTE,	    /* informs; never changes the exit code */
};
const char *finding_kind_name(enum finding_kind kind);

/* Bits of what the detector saw round a secret. */
enum {
	SEEN_WHOLE_FILE = 1,   /* the file is nothing but this secret */
	SEEN_ENCRYPTED = 2,    /* a key behind a passphrase */
	SEEN_CHECKSUM = 4,     /* the format's own checksum holds */
	SEEN_IN_CONTAINER = 8, /* member names an inner file */
	SEEN_BINARY = 16,      /* the file is not text: no redaction in it */
	SEEN_PARSED = 32,      /* a key that OpenSSL could read */
	SEEN_VENDOR = 64,      /* in an unmodified file of a package */
	SEEN_HISTORY = 128,    /* in a git object; member names its commit and path */
	SEEN_DATABASE = 256,   /* in a database; member names the row or page */
	SEEN_ALLOWED = 512,    /* a comment on its lines says that it may stay */
	SEEN_NAMED = 1024,     /* told by a rule about paths alone: no place in the file */
};

#define FINDING_ID_SIZE 16

/* The id that a secret is used with, in the same file and member: the other place of one
 * finding. */
struct partner {
	const char *name;	 /* its rule; NULL: no id is known. Not owned */
	const char *shown;	 /* as in struct finding */
	uint64_t offset, length; /* bytes in the file (or member) */
	uint32_t line, column;	 /* from 1; 0: none */
};

struct finding {
	enum finding_kind kind;
	const char *name; /* rule, cleaner or built-in reason; not owned */
	enum class class;
	enum severity severity;
	enum confidence confidence;
	uint64_t because;	 /* of a secret: REASON_BITs (model/reason.h) */
	char *path;		 /* inside the guest; "" when it is about the whole guest */
	char *member;		 /* inside a container, or NULL */
	char *text;		 /* a sentence for kinds but SECRET, or NULL */
	const char *shown;	 /* the format's fixed prefix ("ghp_"), or NULL; not owned */
	uint64_t offset, length; /* bytes in the file (or member) */
	uint64_t files, bytes;	 /* what stays at the path; 0 where it was not counted */
	uint32_t line, column;	 /* from 1; 0: none */
	uint32_t codings;	 /* what was undone to read it (model/coding.h) */
	unsigned lead;		 /* with one coding: as in struct coded */
	unsigned seen;
	uint8_t secret_id[FINDING_ID_SIZE]; /* keyed HMAC: same secret, same id */
	struct plat_info target;	    /* the file as it was examined */
	size_t pair;			    /* an id and its secret have the same; 0: none */
	bool is_id;			    /* with `pair`: the id of it */
	bool only_id;			    /* no secret: told with one, or not at all */
	struct partner partner;		    /* when its id is told with it */
};

void finding_clear(struct finding *finding);

#endif
