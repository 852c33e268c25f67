/* SPDX-License-Identifier: MIT */
/* What a database keeps, made into streams that the rules understand. The values of
 * many records are put together, as lines "column: value", because a stream has its
 * price; what is found in one is told as of its own record. Values that are no text
 * go to a second stream, containers and very long ones are looked into one by one.
 *
 *     struct rows rows;
 *     rows_begin(&rows, examiner, member, depth, name, context);
 *     rows_add(&rows, &place, table, record);        any number, and
 *     rows_add_raw(&rows, &place, bytes);
 *     rows_end(&rows);
 */
#ifndef DETECT_ROWS_H
#define DETECT_ROWS_H

#include "base/buf.h"
#include "detect/examine.h"
#include "detect/schema.h"

enum row_kind {
	ROW_RECORD, /* row `number` of a table */
	ROW_CELL,   /* record `number` of a page */
	ROW_PAGE,   /* a whole page */
	ROW_GAP,    /* what a page does not use */
};

struct row_place {
	enum row_kind kind;
	uint32_t slot; /* of the page */
	uint64_t number;
	bool again; /* what it holds may have been met before: not told twice */
};

/* Writes what a place is called. */
typedef void row_name(const struct row_place *place, struct buf *out, void *context);

struct row_piece {
	struct row_place place;
	size_t at; /* in the stream */
};

struct row_stream {
	struct buf text;
	VEC(struct row_piece) pieces;
};

struct told {
	uint16_t rule;
	uint8_t digest[14];
};

struct rows {
	struct examiner *examiner;
	const char *outer; /* the database's own member name, or NULL */
	unsigned depth;
	unsigned encoding; /* of text, SQLITE_UTF8...; 0: not known */
	row_name *name;
	void *context;
	struct row_stream text, binary;
	struct row_stream *now;	   /* being scanned */
	const struct value *alone; /* likewise */
	char *stand_in;		   /* what it is called until something is told of it */
	VEC(struct told) told;
	struct examiner relayed; /* where the findings go to */
};

void rows_begin(struct rows *rows, struct examiner *examiner, const char *outer, unsigned depth,
		row_name *name, void *context);
void rows_end(struct rows *rows);

/* False: this is no record; nothing was taken then. `table` may be NULL. */
bool rows_add(struct rows *rows, const struct row_place *place, const struct table *table,
	      struct bytes record);
/* Pages that follow each other stay together in the stream. */
void rows_add_raw(struct rows *rows, const struct row_place *place, struct bytes bytes);

/* One column of a record as it lies there. False: there is none. */
bool rows_column(struct bytes record, unsigned number, uint64_t *ret_type, struct bytes *ret);

#endif
