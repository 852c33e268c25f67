/* SPDX-License-Identifier: MIT */
/* What all readers of package databases need. */
#ifndef PACKAGES_READER_H
#define PACKAGES_READER_H

#include "base/number.h"
#include "packages/packages.h"

enum {
	READER_FILE_MAX = 1 << 30, /* bytes of a database */
	READER_BLOB_MAX = 64 << 20 /* bytes that it holds for one package */
};

struct reader {
	packages_sink *sink;
	void *context;
	uint32_t built; /* what the records that follow say of that */
};

/* ---- bytes of a database ---- */

/* All of the bytes, or -EBADMSG. */
int reader_bytes(const struct packages_file *file, void *out, size_t len, uint64_t offset);

/* Numbered places that may be come to once: no chain of them can be a ring. */
struct visits {
	uint8_t *bits;
	uint32_t count;
};

void visits_make(struct visits *visits, uint32_t count);
int visits_add(struct visits *visits, uint32_t number); /* -EBADMSG: not again */
void visits_free(struct visits *visits);

/* ---- text ---- */

/* One line, without its end and without NUL in it; may be changed. */
typedef void reader_line(char *line, void *context);

/* Cuts a stream into lines. A line that is longer than any path and its digest
 * says nothing that is understood, and is left out. */
struct lines {
	reader_line *take;
	void *context;
	size_t len;
	bool overlong;
	char line[5 * PACKAGES_PATH_MAX];
};

void lines_add(struct lines *lines, const char *bytes, size_t len);
void lines_end(struct lines *lines); /* the last one may lack its newline */

int reader_lines(const struct packages_file *file, reader_line *take, void *context);

/* ---- records ---- */

void reader_tell(const struct reader *reader, const char *path,
		 enum packages_algorithm algorithm, const uint8_t *digest);
/* False when `hex` is no digest of that kind; nothing is told then. */
bool reader_tell_hex(const struct reader *reader, const char *path,
		     enum packages_algorithm algorithm, const char *hex);

/* ---- one for each form, in the file of that name ---- */

int header_read(const struct reader *reader, const uint8_t *blob, size_t len);
int dpkg_status(const struct reader *reader, const struct packages_file *file);
int dpkg_sums(const struct reader *reader, const struct packages_file *file);
int sqlite_read(const struct reader *reader, const struct packages_file *file,
		const struct packages_file *log);
int ndb_read(const struct reader *reader, const struct packages_file *file);
int bdb_read(const struct reader *reader, const struct packages_file *file);
int apk_read(const struct reader *reader, const struct packages_file *file);
int pacman_read(const struct reader *reader, const struct packages_file *file);

#endif
