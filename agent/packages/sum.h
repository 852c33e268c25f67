/* SPDX-License-Identifier: MIT */
/* The digest of a file as a package database tells it, cut to what is enough to
 * know a file by. */
#ifndef PACKAGES_SUM_H
#define PACKAGES_SUM_H

#include "packages/packages.h"

enum { SUM_SIZE = 20 };

struct sum {
	bool known; /* false: no package lists the file */
	enum packages_algorithm algorithm;
	uint8_t bytes[SUM_SIZE];
};

struct sum sum_of_record(const struct packages_record *record);

/* Bytes read at `offset`, 0 at the end, negative errno. */
typedef int64_t sum_read(void *context, void *out, size_t cap, uint64_t offset);

/* The sum of all bytes, in pieces; false when they can not be read or are more
 * than any package brings. */
bool sum_make(enum packages_algorithm algorithm, sum_read *read, void *context,
	      struct sum *ret);
/* Of bytes that lie in memory. */
bool sum_of_bytes(enum packages_algorithm algorithm, const void *bytes, size_t len,
		  struct sum *ret);
bool sum_same(const struct sum *a, const struct sum *b);

#endif
