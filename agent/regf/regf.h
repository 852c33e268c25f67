/* SPDX-License-Identifier: MIT */
/* A hive of the Windows registry (a file of the form "regf"), changed in memory so that
 * nothing is left of what goes.
 *
 *     r = regf_fit(bytes.data, bytes.len);           clean, and of a form that is known
 *     r = regf_open(&bytes, &hive);                  all that can be reached is sound
 *     r = regf_remove_value(hive, "Vendor\\Agent", "Token");
 *     r = regf_sweep(hive);                          what can not be reached is zeros
 *     regf_close(hive);                              bytes is the new file
 *
 * Why not by libhivex: it leaves the bytes of what it removes, does not free the parts of
 * values of more than 16 KB, opens hives that are dirty, reads and writes files by their path,
 * and would run with all rights on bytes that nobody vouches for. Here a hive is first walked
 * as a whole, and one that is not sound to the last cell is refused and never changed.
 * Removing is then unlinking, and whatever the next walk does not reach is free: one
 * mechanism for what we remove and for what was removed before. Nothing that stays is
 * moved.
 *
 * Every length and place is checked, and no cell is taken twice, so that any bytes cost at
 * most a time that is linear in their number. Names are WTF-8 and compared without regard
 * to case, a NUL in one is C0 80; "a\\b" is a key below another one, "" the root. A key that is
 * a link to another one gives -ELOOP, what is not there -ENOENT.
 *
 * The form: "Windows registry file format specification" (M. Suhanov), its chapters about
 * primary files and the dirty state of a hive; that a log's entry with the hive's own number
 * was not applied is said elsewhere, and is of no account where the hive is clean. Versions
 * 1.3 (Windows NT 4) to 1.6. No hive of a real Windows was ever tried; what is not as the
 * specification has it is refused.
 */
#ifndef REGF_REGF_H
#define REGF_REGF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	REGF_MOST = 512 << 20, /* bytes of a file; COMPONENTS, the largest, has 100 to 200 MB */
};

/* What the first block says. -EBUSY: dirty, it was not written to its end and wants its
 * logs; -EBADMSG: no hive, or damaged; -ENOTSUP: of another version; -EFBIG. */
int regf_fit(const void *bytes, size_t len);
/* Whether a log (.LOG, .LOG1, .LOG2) holds changes that came after what the hive holds. A
 * log that is empty or none holds nothing. */
bool regf_log_is_newer(const void *hive, const void *log, size_t len);

struct regf;

/* `file` stays the caller's, and only the functions here may change it until regf_close. It
 * has to be fit. -EBADMSG. */
int regf_open(struct buf *file, struct regf **ret);
void regf_close(struct regf *hive); /* NULL is fine */

int regf_remove_value(struct regf *hive, const char *key, const char *name);
/* With all below it; never the root (-EINVAL). */
int regf_remove_key(struct regf *hive, const char *key);
/* All keys and values in it. */
int regf_empty_key(struct regf *hive, const char *key);
/* Appends the data of a value. */
int regf_read_value(const struct regf *hive, const char *key, const char *name, struct buf *out,
		    uint32_t *ret_type);
/* When a key was last written, in nanoseconds since 1970; changes here do not count. */
int regf_written(const struct regf *hive, const char *key, int64_t *ret);
/* Other data for a value that is there, of the same type. -EFBIG: more than fits a cell,
 * which only data of the same length may be. */
int regf_write_value(struct regf *hive, const char *key, const char *name, const void *data,
		     size_t len);

/* Zeros in all that can not be reached from the root: free cells, cells that nobody names,
 * what lies in a cell behind what it holds, the first block where nothing is told of it,
 * and behind the last bin. Cells that nobody names are free after that, neighbours are one,
 * and security descriptors without a key are out of their ring. */
int regf_sweep(struct regf *hive);

#endif
