/* SPDX-License-Identifier: MIT */
/* Databases that other programs made (tests/lib/packagedb.py) are read whole;
 * damaged ones are read without harm. */
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/vec.h"
#include "made.h"
#include "packages/packages.h"

/* Of one database; the second file only of SQLite. */
static const struct form {
	enum packages_kind kind;
	const char *name, *files[2];
	bool checks; /* most damage is noticed; else it is text, and a line less */
} forms[] = {
	{PACKAGES_RPM_SQLITE, "sqlite", {"rpmdb.sqlite", NULL}, true},
	{PACKAGES_RPM_SQLITE, "log", {"rpmdb.sqlite", "rpmdb.sqlite-wal"}, true},
	{PACKAGES_RPM_NDB, "ndb", {"Packages.db", NULL}, true},
	{PACKAGES_RPM_BDB, "bdb", {"Packages", NULL}, true},
	{PACKAGES_RPM_BDB, "wide", {"Packages", NULL}, true},
	{PACKAGES_APK, "apk", {"installed", NULL}, false},
	{PACKAGES_PACMAN, "pacman", {"mtree", NULL}, true},
};
enum { FORMS = sizeof forms / sizeof *forms };

typedef VEC(char *) lines;

static void lines_clear(lines *list)
{
	vec_each(list, line)
		free(*line);
	vec_free(list);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "path TAB digest TAB time", as rpm's own query was asked to print it. */
static void on_record(const struct packages_record *record, void *context)
{
	struct buf text = {0};
	assert_true(record->path[0] == '/');
	assert_true(strlen(record->path) < PACKAGES_PATH_MAX);
	buf_printf(&text, "%s\t", record->path);
	for (size_t i = 0; i < packages_digest_size(record->algorithm); i++)
		buf_printf(&text, "%02x", record->digest[i]);
	buf_printf(&text, "\t%u", record->built);
	if (context)
		*vec_add((lines *)context) = text.data;
	else
		buf_free(&text);
}

static struct plat_file *file_of(const char *path)
{
	struct plat_file *file;
	assert_int_equal(plat_file_open(path, &file), 0);
	return file;
}

static int read_form(const struct form *form, lines *found)
{
	struct packages_file files[2] = {{0}};
	size_t count = 0;
	for (; count < 2 && form->files[count]; count++) {
		_cleanup_free_ char *path = mem_printf("%s/%s/%s", scratch_root, form->name,
						       form->files[count]);
		struct plat_info info;
		files[count].file = file_of(path);
		assert_int_equal(plat_file_info(files[count].file, &info), 0);
		files[count].size = info.size;
	}
	int r = packages_read(form->kind, files, count, on_record, found);
	while (count)
		plat_file_close(files[--count].file);
	return r;
}

static bool is_there(const struct form *form)
{
	_cleanup_free_ char *path = mem_printf("%s/%s/%s", scratch_root, form->name,
					       form->files[0]);
	return os_exists(path);
}

static void everything_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		lines found = {0};
		struct buf wanted = {0}, text = {0};
		if (!is_there(&forms[i])) {
			print_message("skipped: %s\n", forms[i].name);
			continue;
		}
		assert_int_equal(read_form(&forms[i], &found), 0);
		assert_true(found.n > 5);
		qsort(found.v, found.n, sizeof *found.v, compare);
		vec_each(&found, line)
			if (line == found.v || strcmp(*line, line[-1]) != 0)
				buf_printf(&text, "%s\n", *line);
		_cleanup_free_ char *path = mem_printf("%s/%s.expected", scratch_root,
						       forms[i].name);
		struct plat_file *file = file_of(path);
		assert_int_equal(plat_file_slurp(file, 1 << 20, &wanted), 0);
		assert_string_equal(buf_text(&text), buf_text(&wanted));
		plat_file_close(file);
		buf_free(&wanted);
		buf_free(&text);
		lines_clear(&found);
	}
}

/* ---- damage ---- */

static uint64_t random_state;

/* The same in every run, so that a failure can be looked at. */
static size_t any(size_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(random_state >> 33) % below;
}

static struct buf bytes_of(const char *path)
{
	struct buf bytes = {0};
	struct plat_file *file = file_of(path);
	assert_int_equal(plat_file_slurp(file, 16 << 20, &bytes), 0);
	plat_file_close(file);
	return bytes;
}

/* One to thirty bytes are others; half of them near the beginning, where the
 * structure is told, or at the head of a page. */
static void garble(struct buf *bytes)
{
	static const char extremes[] = {0, 1, 127, -128, -1};
	for (size_t n = any(30) + 1; n; n--) {
		size_t at = any(bytes->len), how = any(4);
		if (how == 0)
			at = any(bytes->len < 200 ? bytes->len : 200);
		else if (how == 1)
			at = at / 4096 * 4096 + any(32);
		if (at < bytes->len)
			bytes->data[at] = any(2) ? (char)any(256) : extremes[any(5)];
	}
}

static void survive(const struct form *form, unsigned rounds, bool cut)
{
	size_t which = form->files[1] ? 1 : 0; /* the log is the harder part */
	unsigned noticed = 0;
	_cleanup_free_ char *path = mem_printf("/%s/%s", form->name, form->files[which]);
	struct buf good = bytes_of(scratch_at(path));
	for (unsigned i = 0; i < rounds; i++) {
		struct buf bad = {0};
		buf_add(&bad, good.data, good.len);
		if (!cut)
			garble(&bad);
		scratch_put_bytes(path, bad.data, cut ? any(bad.len) : bad.len);
		uint64_t begun = clock_ms();
		noticed += read_form(form, NULL) < 0;
		assert_true(clock_ms() - begun < 5000);
		buf_free(&bad);
	}
	scratch_put_bytes(path, good.data, good.len);
	buf_free(&good);
	/* What the log has not got is in the database: as if it had ended earlier. */
	if (form->checks && !form->files[1])
		assert_true(noticed > rounds / 4);
}

static void damage_does_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++)
		if (is_there(&forms[i])) {
			survive(&forms[i], 300, false);
			survive(&forms[i], 100, true);
		}
}

/* Every form is given to every reader. */
static void no_reader_takes_another_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++)
		for (size_t k = 0; k < FORMS; k++) {
			struct form form = forms[i];
			lines found = {0};
			form.kind = forms[k].kind;
			if (forms[k].kind == forms[i].kind || !is_there(&form))
				continue;
			int r = read_form(&form, &found);
			assert_int_equal(found.n, 0);
			assert_true(r < 0);
			lines_clear(&found);
		}
}

/* ---- chains that are rings ---- */

static void le(char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(value >> 8 * i);
}

/* A value of 50 MB on an overflow page that goes on at itself. */
static void a_ring_of_overflow_pages_ends(void **state)
{
	(void)state;
	enum { PAGE = 512 };
	static char db[3 * PAGE];
	le(db + 12, 0x061561);
	le(db + 16, 9);
	le(db + 20, PAGE);
	db[25] = 8;
	le(db + 32, 2);
	char *hash = db + PAGE, *ring = db + 2 * PAGE;
	hash[20] = 2;
	hash[25] = 13;
	hash[26] = (char)(500 & 255), hash[27] = 500 >> 8;
	hash[28] = (char)(488 & 255), hash[29] = 488 >> 8;
	hash[500] = 1;
	hash[501] = 7;
	hash[488] = 3;
	le(hash + 492, 2);
	le(hash + 496, 50 << 20);
	le(ring + 16, 2);
	ring[22] = 100;
	ring[25] = 7;
	scratch_put_bytes("/ring/Packages", db, sizeof db);
	struct form form = {PACKAGES_RPM_BDB, "ring", {"Packages", NULL}, true};
	assert_int_equal(read_form(&form, NULL), -EBADMSG);
}

/* The root of the tree is its own only child. */
static void a_ring_of_tree_pages_ends(void **state)
{
	(void)state;
	static char db[1024] = "SQLite format 3";
	db[16] = 2; /* pages of 512 */
	db[59] = 1; /* UTF-8 */
	db[100] = 5;
	db[111] = 1;
	scratch_put_bytes("/ring/rpmdb.sqlite", db, sizeof db);
	struct form form = {PACKAGES_RPM_SQLITE, "ring", {"rpmdb.sqlite", NULL}, true};
	assert_int_equal(read_form(&form, NULL), -EBADMSG);
}

static void nothing_is_an_empty_database(void **state)
{
	(void)state;
	scratch_put("/none/rpmdb.sqlite", "");
	scratch_put("/none/installed", "");
	struct form sqlite = {PACKAGES_RPM_SQLITE, "none", {"rpmdb.sqlite", NULL}, true};
	struct form apk = {PACKAGES_APK, "none", {"installed", NULL}, false};
	assert_int_equal(read_form(&sqlite, NULL), 0);
	assert_int_equal(read_form(&apk, NULL), 0);
}

static void dpkg_lines_are_read(void **state)
{
	(void)state;
	static const char sum[] = "0123456789abcdef0123456789ABCDEF";
	_cleanup_free_ char *sums = mem_printf("%s  usr/a b\n%s  \nshort  usr/x\n%s usr/y\n%s",
					       sum, sum, sum, sum);
	_cleanup_free_ char *status = mem_printf(
		"Conffiles:\n /etc/a %s obsolete\n /etc/b %s0\n /etc/c\n /\n", sum, sum);
	scratch_put("/dpkg/sums", sums);
	scratch_put("/dpkg/status", status);
	struct form form = {PACKAGES_DPKG_SUMS, "dpkg", {"sums", NULL}, false};
	lines found = {0};
	assert_int_equal(read_form(&form, &found), 0);
	form = (struct form){PACKAGES_DPKG_STATUS, "dpkg", {"status", NULL}, false};
	assert_int_equal(read_form(&form, &found), 0);
	assert_int_equal(found.n, 3);
	assert_memory_equal(found.v[0], "/usr/a b\t", 9);
	assert_memory_equal(found.v[2], "/etc/a\t", 7);
	lines_clear(&found);
}

static void take(const char *name)
{
	_cleanup_free_ char *to = mem_printf("/%s", name);
	if (!made_copy(name, to))
		print_message("skipped: %s was not made\n", name);
}

static int set_up(void **state)
{
	if (scratch_make(state) < 0)
		return -1;
	for (size_t i = 0; i < FORMS; i++) {
		_cleanup_free_ char *expected = mem_printf("%s.expected", forms[i].name);
		take(expected);
		for (size_t k = 0; k < 2 && forms[i].files[k]; k++) {
			_cleanup_free_ char *file = mem_printf("%s/%s", forms[i].name,
							       forms[i].files[k]);
			take(file);
		}
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(no_reader_takes_another_form),
		cmocka_unit_test(a_ring_of_overflow_pages_ends),
		cmocka_unit_test(a_ring_of_tree_pages_ends),
		cmocka_unit_test(nothing_is_an_empty_database),
		cmocka_unit_test(dpkg_lines_are_read),
	};
	return cmocka_run_group_tests(tests, set_up, scratch_remove);
}
