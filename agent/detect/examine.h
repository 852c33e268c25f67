/* SPDX-License-Identifier: MIT */
/* One file from its first byte to its findings: text, binary, UTF-16 or
 * container. Runs in a worker. */
#ifndef DETECT_EXAMINE_H
#define DETECT_EXAMINE_H

#include "detect/detect.h"
#include "detect/match.h"

/* Why something could not be examined (fully). The sentences stand in wire.c. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_READ,
	TROUBLE_PATTERN,
	TROUBLE_TOO_MANY,
	TROUBLE_TIME,
	TROUBLE_DAMAGED,
	TROUBLE_ENCRYPTED,
	TROUBLE_DEPTH,
	TROUBLE_EXPANDED,
	TROUBLE_NESTED_SIZE,
	TROUBLE_TRAILING,
	TROUBLE_GIT_DAMAGED,
	TROUBLE_GIT_LARGE,
	TROUBLE_RATIO,
	TROUBLE_ENTRIES,
	TROUBLE_MEMORY,
	TROUBLE_SEALED,
	TROUBLE_DISK,
	TROUBLE_FILE_SYSTEM,
	TROUBLE_FOREIGN,
	TROUBLE_DATABASE,
	TROUBLE_KEYSTORE,
	TROUBLE_DECODED,
	TROUBLE_ENCODED_SIZE,
	TROUBLE_DIED, /* from here on: only the parent says so */
	TROUBLE_SILENT,
	TROUBLE_LIED,
	TROUBLE_COUNT
};

struct examiner {
	const struct patterns *patterns;
	struct detect_limits limits;
	void (*on_found)(const struct found *found, const char *member, void *context);
	/* A member that box number `box` tells of. NULL: nobody asks. */
	void (*on_member)(unsigned box, const char *member, void *context);
	/* A member that a rule about paths alone fits. NULL: nobody asks. */
	void (*on_named)(size_t rule, const char *member, void *context);
	void (*on_trouble)(enum trouble trouble, const char *member, void *context);
	/* Writes what the stream `member` is called at this place, gives the line of the
	 * place there; `line` is that in the stream. NULL: a stream has one name. */
	uint32_t (*on_run)(const char *member, uint64_t offset, uint32_t line, struct buf *out,
			   void *context);
	bool (*tick)(void *context); /* true: the file's time is over */
	/* Asked of a plain file before it is read: true leaves it to be examined in
	 * parts. NULL: never. */
	bool (*wants_split)(void *context);
	void *context;

	VEC(struct match *) matches; /* one for each stream inside another */
	size_t busy;		     /* of them */
	size_t window;		     /* as `room` in struct match */
	struct source_room room;     /* of the file in hand */
	struct match_part part;	     /* of the file, or all of it; set by the caller */
	const uint8_t *enabled;	     /* rules for the outer path */
	const char *path;	     /* of the file, or NULL; set by the caller */
	uint64_t boxes;		     /* bits of those for the outer path; set by the caller */
	struct sum listed;	     /* what a package says of the file; likewise */
	void *magic;		     /* libmagic, or NULL */
	void *magic_database;	     /* libmagic reads it where it lies */
	bool magic_tried;
	unsigned flags;	   /* DETECT_*, of this file */
	uint64_t size;	   /* likewise */
	uint64_t expanded; /* bytes out of containers of this file */
	uint64_t entries;  /* of all those containers */
	uint64_t held;	   /* bytes of inner archives that are kept in memory now */
	uint64_t decoded;  /* bytes out of encoded runs */
	size_t count;	   /* findings of this file */
	unsigned told;	   /* bits of troubles that were said already */
	bool stopped;
};

/* `enabled`: MASK_SIZE bytes, a bit for each rule that wants this path. */
void examine_file(struct examiner *examiner, struct source *source, const uint8_t *enabled,
		  unsigned flags);

/* What is counted for each file begins anew; for who calls examine_member itself. */
void examine_begin(struct examiner *examiner, const uint8_t *enabled, uint64_t size);

/* A stream inside a container; `member` names it as outer!inner. */
void examine_member(struct examiner *examiner, struct source *source, const char *member,
		    unsigned depth);

/* Whether the file is as a package brought it: then it is not opened up. */
bool examine_unchanged(struct examiner *examiner, struct source *file);
/* False: none of the forms that hold something inside; nothing was taken. */
bool examine_inside(struct examiner *examiner, struct source *source, const char *member,
		    unsigned depth);
/* Whether bytes decoded from text may hold something inside. A single key in DER does
 * not count: it is what stands in PEM, and told by the rule for that. */
bool examine_may_hold(const uint8_t *bytes, size_t len);
/* As it stands, by the rules for the outer path and those for the member's own. */
void examine_plain(struct examiner *examiner, struct source *source, const char *member,
		   unsigned depth);

/* `path`: where the archive keeps it. */
void examine_name(struct examiner *examiner, const char *path, const char *member);

/* By rules about paths alone; member NULL: the file itself. */
void examine_named(struct examiner *examiner, const char *member);

/* Opens what a worker is given one after the other, in one read where it is small;
 * examine_wipe when some are done. */
void examine_source(struct examiner *examiner, struct source *ret, struct plat_file *file,
		    uint64_t size, bool sparse);
void examine_wipe(struct examiner *examiner);

/* Says it once for each file. */
void examine_trouble(struct examiner *examiner, enum trouble trouble, const char *member);
/* Whether bytes that are neither ASCII nor UTF-8 are text. */
bool examine_is_text(struct examiner *examiner, const uint8_t *head, size_t len);
void examine_clear(struct examiner *examiner);

#endif
