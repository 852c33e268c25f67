/* SPDX-License-Identifier: MIT */
/* What package databases say of the files that packages brought: path and digest.
 *
 *     packages_read(PACKAGES_RPM_SQLITE, files, 2, on_record, context);
 *
 * Small readers of bytes that nobody vouches for: every length and place is
 * checked, a page is taken once. They run in a worker without privilege. No
 * package manager's library is used, since those open files by name. */
#ifndef PACKAGES_PACKAGES_H
#define PACKAGES_PACKAGES_H

#include "platform.h"

enum packages_kind {
	PACKAGES_DPKG_STATUS, /* each file: configuration files of all packages */
	PACKAGES_DPKG_SUMS,   /* each file: the others of one package */
	PACKAGES_RPM_SQLITE,  /* the database and, if there is one, its log */
	PACKAGES_RPM_NDB,
	PACKAGES_RPM_BDB,
	PACKAGES_APK,
	PACKAGES_PACMAN, /* each file: the list of one package, packed */
	PACKAGES_KINDS
};

enum packages_algorithm {
	PACKAGES_MD5,
	PACKAGES_SHA1,
	PACKAGES_SHA224,
	PACKAGES_SHA256,
	PACKAGES_SHA384,
	PACKAGES_SHA512,
	PACKAGES_ALGORITHMS
};

enum {
	PACKAGES_DIGEST_MAX = 64,
	PACKAGES_PATH_MAX = 4096, /* with its NUL */
};

/* Who opened it also asked for its size: a worker may not. */
struct packages_file {
	struct plat_file *file;
	uint64_t size;
	uint32_t written; /* when, in seconds since 1970 */
};

struct packages_record {
	const char *path; /* begins with a slash */
	enum packages_algorithm algorithm;
	const uint8_t *digest;
	uint32_t built; /* no younger is the file that was packed; 0: not known */
};

typedef void packages_sink(const struct packages_record *record, void *context);

size_t packages_digest_size(enum packages_algorithm algorithm);

/* Gives every record to the sink. -EBADMSG for a database that is damaged or of
 * a form that is not known, -EFBIG for one that is too large; what was read
 * before that holds. */
int packages_read(enum packages_kind kind, const struct packages_file *files, size_t count,
		  packages_sink *sink, void *context);

/* packages_read, wherever it runs. */
struct packages_reader {
	int (*read)(enum packages_kind kind, const struct packages_file *files, size_t count,
		    packages_sink *sink, void *sink_context, void *context);
	void *context;
};

#endif
