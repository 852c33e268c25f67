/* SPDX-License-Identifier: MIT */
/* A file in a room gives the same bytes as one without, whatever was looked at first. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "detect/source.h"
#include "scratch.h"

enum { ROOM = 40000, LARGE = 300000 };

static struct source_room room;
static uint8_t bytes[LARGE];

static struct plat_file *file_of(size_t len)
{
	struct plat_file *file;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 251 + 1);
	scratch_put_bytes("/file", (const char *)bytes, len);
	assert_int_equal(plat_file_open(scratch_at("/file"), &file), 0);
	return file;
}

static void read_all(struct source *source, size_t len)
{
	_cleanup_free_ uint8_t *got = mem_alloc(len + 1);
	size_t at = 0;
	uint64_t hole;
	int64_t n;
	while ((n = source_read(source, got + at, len + 1 - at, &hole)) > 0) {
		assert_int_equal(hole, 0);
		at += (size_t)n;
	}
	assert_int_equal(n, 0);
	assert_int_equal(at, len);
	assert_memory_equal(got, bytes, len);
}

static void check(size_t len, bool whole)
{
	struct plat_file *file = file_of(len);
	struct source source;
	const uint8_t *head;
	uint8_t end[7];
	size_t all = 0, most = len < SOURCE_HEAD ? len : SOURCE_HEAD;
	source_file(&source, file, len, false);
	source_lend(&source, &room);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(source_peek(&source, &head), most);
		assert_memory_equal(head, bytes, most);
	}
	assert_int_equal(source_all(&source, &all) != NULL, whole);
	assert_int_equal(all, whole ? len : 0);
	assert_int_equal(source_pread(&source, end, sizeof end, len - 5), 5);
	assert_memory_equal(end, bytes + len - 5, 5);
	assert_int_equal(source_pread(&source, end, sizeof end, len), 0);
	most = len < 2 * SOURCE_HEAD ? len : 2 * SOURCE_HEAD;
	assert_int_equal(source_peek_more(&source, 2 * SOURCE_HEAD, &head), most);
	assert_memory_equal(head, bytes, most);
	read_all(&source, len);
	assert_null(source_all(&source, &all)); /* it was taken */
	source_clear(&source);
	plat_file_close(file);
}

static void test_room(void **state)
{
	(void)state;
	check(5, true);
	check(SOURCE_HEAD, true);
	check(SOURCE_HEAD + 1, true);
	check(ROOM, true);
	check(ROOM + 1, false);
	check(LARGE, false);
}

/* Also what an earlier, longer file left. */
static void test_wiped(void **state)
{
	(void)state;
	check(ROOM, true);
	check(100, true);
	source_room_wipe(&room);
	for (size_t i = 0; i < room.cap; i++)
		assert_int_equal(room.bytes[i], 0);
}

/* What became shorter since it was listed is all that there is. */
static void test_shrunk(void **state)
{
	(void)state;
	struct plat_file *file = file_of(9000);
	struct source source;
	const uint8_t *head;
	size_t all = 0;
	source_file(&source, file, 9500, false);
	source_lend(&source, &room);
	assert_int_equal(source_peek(&source, &head), SOURCE_HEAD);
	assert_non_null(source_all(&source, &all));
	assert_int_equal(all, 9000);
	read_all(&source, 9000);
	source_clear(&source);
	plat_file_close(file);
}

/* False where the kernel can not tell what is in memory. */
static bool map(struct source *source, struct plat_file *file, size_t len)
{
	source_file(source, file, len, false);
	source_lend(source, &room);
	source_map(source);
	return source->mapped;
}

static void not_here(struct plat_file *file)
{
	plat_file_close(file);
	skip();
}

static void test_mapped(void **state)
{
	(void)state;
	struct plat_file *file = file_of(LARGE);
	struct source source, other;
	const uint8_t *head;
	size_t all = 0;
	uint8_t end[7];
	if (!map(&source, file, LARGE))
		not_here(file);
	assert_int_equal(source_peek(&source, &head), SOURCE_HEAD);
	assert_memory_equal(head, bytes, SOURCE_HEAD);
	assert_ptr_equal(source_all(&source, &all), head);
	assert_int_equal(all, LARGE);
	assert_int_equal(source_pread(&source, end, sizeof end, LARGE - 5), 5);
	assert_memory_equal(end, bytes + LARGE - 5, 5);
	/* One at a time: the second one is read. */
	assert_false(map(&other, file, LARGE));
	read_all(&other, LARGE);
	source_clear(&other);
	read_all(&source, LARGE);
	source_seek(&source, 0);
	read_all(&source, LARGE);
	assert_int_equal(source_unmap(&source), 0);
	source_clear(&source);
	assert_true(map(&source, file, LARGE));
	assert_int_equal(source_unmap(&source), 0);
	source_clear(&source);
	plat_file_close(file);
}

/* Who empties a log while it is read leaves zeros, and nobody dies of it. */
static void test_cut_off_while_mapped(void **state)
{
	(void)state;
	enum { LEFT = 5000 };
	struct plat_file *file = file_of(LARGE);
	struct source source;
	if (!map(&source, file, LARGE))
		not_here(file);
	assert_int_equal(truncate(scratch_at("/file"), LEFT), 0);
	memset(bytes + LEFT, 0, LARGE - LEFT);
	read_all(&source, LARGE);
	assert_int_equal(source_unmap(&source), 0);
	source_clear(&source);
	plat_file_close(file);
}

/* What is small, sparse or large is read. */
static void test_not_mapped(void **state)
{
	(void)state;
	struct plat_file *file = file_of(50000);
	struct source source;
	assert_false(map(&source, file, 50000));
	source_clear(&source);
	source_file(&source, file, LARGE, true);
	source_map(&source);
	assert_false(source.mapped);
	source_file(&source, file, (uint64_t)1 << 30, false);
	source_map(&source);
	assert_false(source.mapped);
	assert_int_equal(source_unmap(&source), 0);
	plat_file_close(file);
}

static int64_t fail_to_read(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	(void)source, (void)out, (void)cap, (void)hole;
	return -5;
}

static void test_failure_stays(void **state)
{
	(void)state;
	struct source source = {.read = fail_to_read};
	const uint8_t *head;
	size_t all;
	for (int i = 0; i < 2; i++)
		assert_int_equal(source_peek(&source, &head), -5);
	assert_null(source_all(&source, &all));
	source_clear(&source);
}

static int make_room(void **state)
{
	(void)state;
	source_room_make(&room, ROOM);
	return 0;
}

static int free_room(void **state)
{
	(void)state;
	source_room_free(&room);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_room, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_wiped, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_shrunk, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_mapped, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_cut_off_while_mapped, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_not_mapped, scratch_make, scratch_remove),
		cmocka_unit_test(test_failure_stays),
	};
	return cmocka_run_group_tests(tests, make_room, free_room);
}
