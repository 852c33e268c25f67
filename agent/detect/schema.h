/* SPDX-License-Identifier: MIT */
/* The tables of an SQLite database and what their columns are called, out of the
 * text of CREATE TABLE that the database keeps. Only read as far as names go: what
 * is not understood has no names. */
#ifndef DETECT_SCHEMA_H
#define DETECT_SCHEMA_H

#include <stdbool.h>

#include "base/vec.h"
#include "packages/sqlite.h"

enum {
	SCHEMA_TABLES_MAX = 60000,
	SCHEMA_COLUMNS_MAX = 200, /* of one table; those behind have no name */
	SCHEMA_NAME_MAX = 64,	  /* bytes of a name that are kept */
};

struct column {
	char *name;
	size_t len;
	bool any_value; /* "value": another column says what it is */
	bool telling;	/* "password": worth it even where it is a number */
	bool primary;
};

struct table {
	char *name;
	bool is_index;
	bool keyed; /* has a column that another one explains */
	VEC(struct column) columns;
};

struct schema {
	VEC(struct table) tables;
	size_t columns; /* of all tables: bounds memory */
};

/* Adds the table; `sql` may be empty. The index in schema->tables, or -1 when there
 * are too many. */
long schema_add(struct schema *schema, struct bytes name, struct bytes sql, bool is_index);
/* A table without rowid keeps the columns of its key first. */
void schema_key_first(struct table *table);
void schema_free(struct schema *schema);

#endif
