/* SPDX-License-Identifier: MIT */
/* SQLite's write-ahead log: pages that are newer than those in the database. */
#ifndef PACKAGES_WAL_H
#define PACKAGES_WAL_H

#include "packages/reader.h"

struct wal {
	const struct packages_file *file;
	uint32_t page_size;
	uint32_t pages;	 /* of the database after the last commit; 0: nothing is in the log */
	uint32_t *frame; /* for each page its newest frame, counted from 1; 0: none */
};

/* Only what was committed counts; a log of another time or a broken one is empty
 * from there on, as it is for SQLite. */
int wal_open(struct wal *ret, const struct packages_file *file);
void wal_close(struct wal *wal);

/* 1 when the log has the page. */
int wal_page(const struct wal *wal, uint32_t number, uint8_t *out);

#endif
