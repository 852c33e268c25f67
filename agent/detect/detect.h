/* SPDX-License-Identifier: MIT */
/* Secrets in files. The walk hands over open files; workers without privilege
 * read and parse them; findings come back through a callback.
 *
 *     detect_prepare(rules, jobs, &detect, &fault);   early: forks the zygotes
 *     detect_begin(detect);                           asks for workers, may be left out
 *     detect_start(detect, on_finding, context);      spawns the workers
 *     detect_file(detect, path, &info, file, flags);  any number, takes `file`
 *     detect_text(detect, place, &info, text, len);   likewise, bytes without a file
 *     detect_finish(detect);                          waits for all replies
 *     detect_history(detect, guest);                  git objects met on the way
 *     detect_free(detect);
 *
 * One file is read by one worker, a big one that is neither container nor UTF-16 by
 * several, part by part. A worker that dies, hangs, outgrows its budget
 * or lies costs the file it had in hand one FINDING_UNEXAMINED and is replaced;
 * what was queued behind that file goes to another worker. */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "model/guest.h"
#include "model/outcome.h"
#include "packages/sum.h"
#include "rules/rules.h"

struct detect;

/* Takes over nothing: copy what has to stay (path, member and text are freed
 * after the call). */
typedef void detect_sink(const struct finding *finding, void *context);

struct detect_limits {
	unsigned stall_ms;	 /* a worker silent for longer is ended: 0 = 20000 */
	uint64_t file_ms;	 /* one file may take: 0 = 60000 + 1 ms per 20 kB */
	uint64_t memory;	 /* bytes per worker: 0 = 512 MiB of address space */
	uint64_t expand_bytes;	 /* out of the containers of one file: 0 = 1 GiB; 16 times
				  * the file's size is always allowed. Beyond 64 MiB never
				  * more than 1000 times its size */
	uint64_t expand_entries; /* of all containers of one file: 0 = 1,000,000 */
	unsigned expand_depth;	 /* containers in containers: 0 = 8 */
	unsigned per_file;   /* finds in one file: 0 = 4000; two or three are of one secret */
	uint64_t part_bytes; /* of a big file, for one worker: 0 = 64 MiB */
	bool timed;	     /* measure where the workers' time goes */
	bool tell_paths;     /* set by detect_prepare: rules ask workers for them */
	bool later;	     /* known rules: detect_start tells what becomes of them */
};

/* Compiles the rules in the zygote and starts it. -EINVAL with a text in *fault
 * when a rule does not compile. The rules must outlive the detector. */
int detect_prepare(const struct rules *rules, unsigned jobs, const struct detect_limits *limits,
		   struct detect **ret, struct buf *fault);
/* Secrets are told apart by a keyed hash. The key is random unless these bytes (at least
 * DETECT_KEY_LEAST) make it; before detect_start. */
enum { DETECT_KEY_LEAST = 16 };
void detect_use_key(struct detect *detect, const void *bytes, size_t len);
/* Tells keys apart without telling them; "" of a random one. */
const char *detect_key_id(const struct detect *detect);

/* Asks for the workers, which get ready while the caller does something else. */
int detect_begin(struct detect *detect);
/* Waits for the first of them, so that a run that has none ends before it begins; for
 * detect_packages it is not needed. */
int detect_start(struct detect *detect, detect_sink *sink, void *context);

enum {
	DETECT_NO_CONTAINER = 1, /* do not look inside archives */
	DETECT_AS_BUILT = 2,	 /* the file is no younger than its package */
	DETECT_ANY_CASE = 4,	 /* names of this guest ignore case */
};

/* Takes `file` and closes it when it has been examined. `path` is copied. `listed` is
 * what a package says of the file, or NULL: while that holds, an archive or
 * database is not looked into. */
int detect_file(struct detect *detect, const char *path, const struct plat_info *info,
		struct plat_file *file, const struct sum *listed, unsigned flags);
/* A text that no file holds, as a value of the registry: findings tell its place, and where
 * in the text. Everything is copied. */
int detect_text(struct detect *detect, const char *place, const struct plat_info *info,
		const char *text, size_t len);
/* Waits for all that was handed over; the workers stay for a next round. -EINTR
 * at once when the run has to stop: what was not answered yet is dropped. */
int detect_finish(struct detect *detect);

/* What lies in the git repositories whose files were handed over; after
 * detect_finish. -EINTR when the run has to stop. */
int detect_history(struct detect *detect, const struct guest *guest);

/* packages_read in a worker: at most PLAT_FILES_MAX files, which stay the
 * caller's. Besides the reader's errors -EPIPE when the worker died, -ETIMEDOUT when it
 * took too long, -EPROTO when it lied, -EINTR when the run has to stop. */
int detect_packages(struct detect *detect, enum packages_kind kind,
		    const struct packages_file *files, size_t count, packages_sink *sink,
		    void *context);

void detect_get_stats(const struct detect *detect, struct detect_stats *ret);
void detect_free(struct detect *detect); /* NULL is fine */

/* Runs the samples of every secret rule: each `match` has to be found by its
 * rule with confidence medium or higher, each `nomatch` must not. The number of
 * failures; each is a line in *out. */
int detect_check_samples(const struct rules *rules, struct buf *out);

#endif
