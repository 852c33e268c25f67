/* SPDX-License-Identifier: MIT */
/* One hive of the Windows registry (a file of the form "regf") as a tree of keys.
 *
 *     struct hive *hive;
 *     struct hive_key root;
 *     if (!hive_open(file, size, &hive) && !hive_root(hive, &root))
 *             r = hive_each_key(hive, &root, visit, context);
 *     hive_close(hive);
 *
 * A small reader of bytes that nobody vouches for: every length and place is checked, and
 * the number of cells that one hive gives is limited by its size, so that no ring of them
 * holds who walks it. It does not apply what stands in the hive's logs only. -EBADMSG: it is
 * no hive or a damaged one; -EFBIG: more had to be read than a hive of this size holds. */
#ifndef REGISTRY_HIVE_H
#define REGISTRY_HIVE_H

#include "platform.h"

enum {
	HIVE_NAME_MAX = 1024,	    /* bytes of a key's name with its NUL: 255 characters */
	HIVE_VALUE_MAX = 3 * 16384, /* likewise of a value's: 16,383 characters */
	HIVE_DATA_MAX = 1 << 20,    /* bytes of a value that can be had */
	HIVE_DEPTH_MAX = 512,	    /* levels of keys (Registry Element Size Limits) */
};

struct hive;

struct hive_key {
	char name[HIVE_NAME_MAX]; /* WTF-8, as all names; a NUL in it is C0 80 */
	int64_t written;	  /* nanoseconds since 1970 */
	bool link;		  /* its value says which key is meant */
	uint32_t subkeys, list;	  /* their number, where the list is */
	uint32_t values, value_list;
};

struct hive_value {
	const char *name; /* "": the key's default value; valid during the visit */
	uint32_t type;	  /* REG_SZ and so on (winnt.h) */
	uint32_t len;	  /* bytes of its data */
	uint32_t place;	  /* of the data, or the data itself */
	bool inside;	  /* the latter */
};

/* `file` stays the caller's and has to outlive the hive. */
int hive_open(struct plat_file *file, uint64_t size, struct hive **ret);
struct hive *hive_close(struct hive *hive); /* gives NULL; NULL is fine */

int hive_root(struct hive *hive, struct hive_key *ret);
/* What is not 0 ends the round and is what that gives. */
typedef int hive_key_visit(const struct hive_key *key, void *context);
int hive_each_key(struct hive *hive, const struct hive_key *key, hive_key_visit *visit,
		  void *context);
/* The subkey of this name, without regard to case: 1, or 0. */
int hive_find_key(struct hive *hive, const struct hive_key *key, const char *name,
		  struct hive_key *ret);
typedef int hive_value_visit(const struct hive_value *value, void *context);
int hive_each_value(struct hive *hive, const struct hive_key *key, hive_value_visit *visit,
		    void *context);
/* Appends the data of a value; -EFBIG beyond HIVE_DATA_MAX. */
int hive_data(struct hive *hive, const struct hive_value *value, struct buf *out);

/* Whether all that was written is in the file: NULL, or what is wrong. Windows applies the
 * logs beside a hive when its two sequence numbers differ or the sum of its first block is
 * false, and ignores them otherwise. */
const char *hive_dirty(struct plat_file *file);

/* Appends UTF-16 as WTF-8, up to its first NUL. */
void hive_add_wide(const uint8_t *from, size_t units, struct buf *out);

#endif
