/* SPDX-License-Identifier: MIT */
/* Databases made here byte by byte, whole and broken; what SQLite itself makes is
 * tests/e2e/databases.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/pages.h"
#include "detect/schema.h"
#include "finds.h"
#include "packing.h"

enum { PAGE = 512, PAGES = 12, ROOM = PAGE * PAGES };

static int set_up(void **unused)
{
	(void)unused;
	finds_token_rule();
	own_rule(&finds_rules, "setting", "password",
		 "^[a-z_]*password: (?<secret>[^\\s]{8,64})$");
	return finds_begin();
}

static struct seen look(const void *bytes, size_t len)
{
	struct seen seen = finds_in(bytes, len);
	assert_true(seen.always & SEEN_DATABASE);
	return seen;
}

/* ---- a database ---- */

static void put16(uint8_t *at, uint32_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static void put32(uint8_t *at, uint32_t n)
{
	put16(at, n >> 16);
	put16(at + 2, n & 0xffff);
}

static uint8_t *page_of(uint8_t *file, unsigned number)
{
	return file + (size_t)(number - 1) * PAGE;
}

static size_t head_of(unsigned number)
{
	return number == 1 ? 100 : 0;
}

static void make_page(uint8_t *file, unsigned number, uint8_t type)
{
	uint8_t *head = page_of(file, number) + head_of(number);
	memset(head, 0, 12);
	head[0] = type;
	put16(head + 5, PAGE);
}

static void add_cell(uint8_t *file, unsigned number, const void *cell, size_t len)
{
	uint8_t *page = page_of(file, number), *head = page + head_of(number);
	unsigned count = be16(head + 3), start = be16(head + 5) - (unsigned)len;
	size_t places = head[0] == 5 || head[0] == 2 ? 12 : 8;
	memcpy(page + start, cell, len);
	put16(head + places + 2 * (size_t)count, start);
	put16(head + 3, count + 1);
	put16(head + 5, start);
}

/* Texts as a record, with length and rowid in front; all shorter than 57 bytes. */
static size_t make_row(uint8_t *out, uint8_t id, const char *const *texts, size_t n)
{
	uint8_t record[400];
	size_t len = n + 1;
	record[0] = (uint8_t)(n + 1);
	for (size_t i = 0; i < n; i++) {
		size_t size = texts[i] ? strlen(texts[i]) : 0;
		record[1 + i] = texts[i] ? (uint8_t)(13 + 2 * size) : 0;
		memcpy(record + len, texts[i] ? texts[i] : "", size);
		len += size;
	}
	assert_true(len < 128);
	out[0] = (uint8_t)len;
	out[1] = id;
	memcpy(out + 2, record, len);
	return len + 2;
}

static void add_row(uint8_t *file, unsigned number, uint8_t id, const char *const *texts,
		    size_t n)
{
	uint8_t row[512];
	size_t len = make_row(row, id, texts, n);
	add_cell(file, number, row, len);
}

static void add_table(uint8_t *file, uint8_t id, const char *name, uint8_t root,
		      const char *sql)
{
	uint8_t row[512], record[300];
	size_t name_len = strlen(name), sql_len = strlen(sql), len = 7;
	/* Its text is longer than 57 bytes: a type of two bytes. */
	record[0] = 7;
	record[1] = 13 + 2 * 5;
	record[2] = record[3] = (uint8_t)(13 + 2 * name_len);
	record[4] = 1;
	record[5] = (uint8_t)(0x80 | (13 + 2 * sql_len) >> 7);
	record[6] = (13 + 2 * sql_len) & 0x7f;
	memcpy(record + len, "table", 5), len += 5;
	memcpy(record + len, name, name_len), len += name_len;
	memcpy(record + len, name, name_len), len += name_len;
	record[len++] = root;
	memcpy(record + len, sql, sql_len), len += sql_len;
	row[0] = (uint8_t)(0x80 | len >> 7);
	row[1] = len & 0x7f;
	row[2] = id;
	memcpy(row + 3, record, len);
	add_cell(file, 1, row, len + 3);
}

static uint8_t *new_database(void)
{
	uint8_t *file = mem_alloc(ROOM);
	memcpy(file, "SQLite format 3", 16);
	put16(file + 16, PAGE);
	file[18] = file[19] = 1;
	put32(file + 56, SQLITE_UTF8);
	make_page(file, 1, 13);
	add_table(file, 1, "users", 2,
		  "CREATE TABLE users (name TEXT, password TEXT, note TEXT)");
	add_table(file, 2, "app", 3,
		  "CREATE TABLE app(key text, value text /* , x */ )        ");
	make_page(file, 2, 13);
	make_page(file, 3, 13);
	return file;
}

#define ROW(file, page, id, ...)                               \
	add_row(file, page, id, (const char *[]){__VA_ARGS__}, \
		sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static void rows_are_told_by_table_and_row(void **unused)
{
	(void)unused;
	char token[TOKEN + 1], word[TOKEN + 1];
	_cleanup_free_ uint8_t *file = new_database();
	token_make(token);
	token_make(word);
	ROW(file, 2, 1, "alice", NULL, "nothing");
	ROW(file, 2, 7, "bob", word + 4, token);
	ROW(file, 3, 9, "smtp_password", word + 4);
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members,
			    "table users row 7\ntable users row 7\ntable app row 9\n");
	assert_int_equal(seen.last.line, 2);
	assert_int_equal(seen.last.column, 16);
	assert_int_equal(seen.last.offset, strlen("key: smtp_password\nsmtp_password: "));
}

static void decoys_say_nothing(void **unused)
{
	(void)unused;
	_cleanup_free_ uint8_t *file = new_database();
	ROW(file, 2, 1, "password", "short", "the password: is in my head");
	ROW(file, 3, 2, "colour", "vermilion99");
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.count + seen.troubles, 0);
}

/* A row of 1500 bytes: 40 on its leaf or so, the rest on three pages. */
static size_t make_long(uint8_t *file, const char *token, const unsigned chain[3])
{
	static char text[1500];
	uint8_t cell[PAGE] = {0x80 | 1506 >> 7, 1506 & 0x7f, 5};
	size_t here = (size_t)sqlite_local_part(PAGE, 1506, true), at = here;
	memset(text, '.', sizeof text);
	size_t border = here - 6 + PAGE - 4; /* between the second and the third part */
	memcpy(text + border - 11, token, 24);
	uint8_t record[1506] = {6, 0, 0, 0x80 | 3013 >> 7, 3013 & 0x7f, 0};
	memcpy(record + 6, text, sizeof text);
	memcpy(cell + 3, record, here);
	put32(cell + 3 + here, chain[0]);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *page = page_of(file, chain[i]);
		size_t n = sizeof record - at < PAGE - 4 ? sizeof record - at : PAGE - 4;
		put32(page, i < 2 ? chain[i + 1] : 0);
		memcpy(page + 4, record + at, n);
		at += n;
	}
	assert_int_equal(at, sizeof record);
	add_cell(file, 2, cell, 3 + here + 4);
	return border - 11;
}

static void a_long_value_is_put_together(void **unused)
{
	(void)unused;
	char token[TOKEN + 1];
	_cleanup_free_ uint8_t *file = new_database();
	token_make(token);
	/* The chain goes back and forth. */
	size_t at = make_long(file, token, (unsigned[]){9, 4, 7});
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members, "table users row 5\n");
	assert_int_equal(seen.last.offset, strlen("note: ") + at);
}

static void a_ring_ends(void **unused)
{
	(void)unused;
	char token[TOKEN + 1];
	_cleanup_free_ uint8_t *file = new_database();
	token_make(token);
	make_long(file, token, (unsigned[]){9, 4, 7});
	put32(page_of(file, 4), 9); /* and round again */
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.trouble, TROUBLE_DATABASE);
	assert_int_equal(seen.count, 1);
}

static void free_pages_and_gaps_are_read(void **unused)
{
	(void)unused;
	char first[TOKEN + 1], second[TOKEN + 1], third[TOKEN + 1];
	_cleanup_free_ uint8_t *file = new_database();
	token_make(first);
	token_make(second);
	token_make(third);
	put32(file + 32, 5); /* a trunk with one leaf */
	put32(page_of(file, 5) + 4, 1);
	put32(page_of(file, 5) + 8, 6);
	memcpy(page_of(file, 5) + 300, first, 24);
	make_page(file, 6, 13);
	ROW(file, 6, 3, "x", second);
	memcpy(page_of(file, 3) + 200, third, 24);
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.troubles, 0);
	assert_int_equal(seen.count, 3);
	assert_non_null(strstr(seen.members, "page 5 (free)\n"));
	assert_non_null(strstr(seen.members, "page 6 (free) row 3\n"));
	assert_non_null(strstr(seen.members, "table app page 3 (unallocated)\n"));
}

/* What the trees have lost is still on its pages. */
static void no_page_is_lost(void **unused)
{
	(void)unused;
	char token[TOKEN + 1];
	_cleanup_free_ uint8_t *file = new_database();
	token_make(token);
	ROW(file, 2, 1, token);
	make_page(file, 8, 5); /* a tree that has itself for a child */
	put32(page_of(file, 8) + 8, 8);
	add_table(file, 3, "ring", 8, "CREATE TABLE ring(a)                                  ");
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.trouble, TROUBLE_DATABASE);
	assert_string_equal(seen.members, "table users row 1\n");
	put16(page_of(file, 1) + 103, 0); /* no table at all */
	seen = look(file, ROOM);
	assert_string_equal(seen.members, "page 2 row 1\n");
	put16(file + 16, 513); /* no pages */
	seen = look(file, ROOM);
	assert_int_equal(seen.trouble, TROUBLE_DATABASE);
	assert_int_equal(seen.count, 1);
}

/* A row whose third value is long; `kind`: 12 of bytes, 13 of text. */
static void add_long(uint8_t *file, unsigned number, uint8_t id, unsigned kind,
		     const void *value, size_t used)
{
	uint8_t cell[PAGE];
	size_t type = kind + 2 * used, len = used + 5;
	cell[0] = (uint8_t)(0x80 | len >> 7);
	cell[1] = len & 0x7f;
	cell[2] = id; /* row, then the record's head */
	cell[3] = 5;
	cell[4] = cell[5] = 0;
	cell[6] = (uint8_t)(0x80 | type >> 7);
	cell[7] = type & 0x7f;
	memcpy(cell + 8, value, used);
	add_cell(file, number, cell, used + 8);
}

static void values_can_hold_archives(void **unused)
{
	(void)unused;
	char token[TOKEN + 1];
	_cleanup_(buf_free) struct buf packed = {0};
	token_make(token);
	packing_one("zip", NULL, "in", token, TOKEN, &packed);
	assert_true(packed.len < 300);
	_cleanup_free_ uint8_t *file = new_database();
	add_long(file, 2, 4, 12, packed.data, packed.len);
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members, "table users row 4 column note!in\n");
}

/* A new token, packed, as text. */
static void packed_text(char *out, size_t room)
{
	char token[TOKEN + 1];
	_cleanup_(buf_free) struct buf packed = {0};
	token_make(token);
	packing_one("raw", "gzip", "", token, TOKEN, &packed);
	assert_true(packed.len / 3 * 4 + 5 < room);
	EVP_EncodeBlock((uint8_t *)out, (uint8_t *)packed.data, (int)packed.len);
}

static void values_can_hold_encoded_archives(void **unused)
{
	(void)unused;
	char packed[128], text[200];
	_cleanup_free_ uint8_t *file = new_database();
	for (uint8_t id = 4; id < 6; id++) {
		packed_text(packed, sizeof packed);
		snprintf(text, sizeof text, "one\ntwo\n%s\n", packed);
		add_long(file, 2, id, id == 4 ? 13 : 12, text, strlen(text));
	}
	packed_text(packed, sizeof packed);
	memcpy(page_of(file, 6) + 200, packed, strlen(packed));
	struct seen seen = look(file, ROOM);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members, "table users row 4!base64@3!content\n"
					  "table users row 5!base64@3!content\n"
					  "page 6!base64@1!content\n");
}

/* ---- logs and journals ---- */

static void all_images_in_a_log_are_read(void **unused)
{
	(void)unused;
	enum { FRAME = 24 + PAGE };
	char first[TOKEN + 1], second[TOKEN + 1];
	uint8_t log[32 + 4 * FRAME] = {0x37, 0x7f, 0x06, 0x82, 0, 0x2d, 0xe2, 0x18};
	token_make(first);
	token_make(second);
	put32(log + 8, PAGE);
	for (unsigned i = 0; i < 4; i++) { /* pages 1, 2, 2 and part of 3 */
		_cleanup_free_ uint8_t *file = new_database();
		unsigned number = i < 2 ? i + 1 : i;
		ROW(file, 2, 1, i == 1 ? first : second);
		put32(log + 32 + i * FRAME, number);
		memcpy(log + 32 + i * FRAME + 24, page_of(file, number), PAGE);
	}
	struct seen seen = look(log, sizeof log - 100);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members,
			    "frame 3 table users row 1\nframe 2 table users row 1\n");
}

static void a_journal_is_read(void **unused)
{
	(void)unused;
	enum { RECORD = 8 + PAGE };
	char token[TOKEN + 1];
	uint8_t journal[512 + 2 * RECORD] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
	_cleanup_free_ uint8_t *file = new_database();
	token_make(token);
	ROW(file, 2, 1, token);
	put32(journal + 8, UINT32_MAX);
	put32(journal + 20, 512);
	put32(journal + 24, PAGE);
	for (unsigned i = 0; i < 2; i++) {
		put32(journal + 512 + i * RECORD, i + 1);
		memcpy(journal + 512 + i * RECORD + 4, page_of(file, i + 1), PAGE);
	}
	struct seen seen = look(journal, sizeof journal);
	assert_int_equal(seen.troubles, 0);
	assert_string_equal(seen.members, "record 2 table users row 1\n");
}

/* ---- broken ---- */

/* Nothing to compare with: it ends, and the sanitizers see the rest. */
static void any_damage_ends(void **unused)
{
	(void)unused;
	char token[TOKEN + 1];
	token_make(token);
	for (unsigned round = 0; round < 400; round++) {
		srand(round);
		_cleanup_free_ uint8_t *file = new_database();
		ROW(file, 2, 1, "a", token);
		make_long(file, token, (unsigned[]){9, 4, 7});
		for (unsigned i = 0; i < 1 + round % 20; i++)
			file[rand() % ROOM] = (uint8_t)rand();
		look(file, round % 3 ? ROOM : (size_t)rand() % ROOM);
	}
}

/* ---- names ---- */

static void names_come_from_sql(void **unused)
{
	(void)unused;
	static const char sql[] =
		"CREATE TABLE \"a(b\" ( -- comment, with (\n id INTEGER CHECK (id > 0, 1),"
		" [the value] text default ')', `c``d` blob, e, CONSTRAINT k PRIMARY KEY (e, id))";
	struct schema schema = {0};
	struct bytes name = {(const uint8_t *)"t!\n", 3};
	assert_int_equal(schema_add(&schema, name,
				    (struct bytes){(const uint8_t *)sql, sizeof sql - 1},
				    false),
			 0);
	struct table *table = schema.tables.v;
	assert_string_equal(table->name, "t??");
	assert_true(table->columns.n >= 4);
	assert_string_equal(table->columns.v[0].name, "id");
	assert_string_equal(table->columns.v[1].name, "the value");
	assert_true(table->columns.v[1].any_value && table->keyed);
	assert_string_equal(table->columns.v[3].name, "e");
	schema_key_first(table);
	assert_string_equal(table->columns.v[0].name, "id");
	assert_string_equal(table->columns.v[1].name, "e");
	schema_free(&schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_told_by_table_and_row),
		cmocka_unit_test(decoys_say_nothing),
		cmocka_unit_test(a_long_value_is_put_together),
		cmocka_unit_test(a_ring_ends),
		cmocka_unit_test(free_pages_and_gaps_are_read),
		cmocka_unit_test(no_page_is_lost),
		cmocka_unit_test(values_can_hold_archives),
		cmocka_unit_test(values_can_hold_encoded_archives),
		cmocka_unit_test(all_images_in_a_log_are_read),
		cmocka_unit_test(a_journal_is_read),
		cmocka_unit_test(any_damage_ends),
		cmocka_unit_test(names_come_from_sql),
	};
	return cmocka_run_group_tests(tests, set_up, finds_end);
}
