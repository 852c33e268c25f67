/* SPDX-License-Identifier: MIT */
/* The reader of git objects against packs and objects that are broken, lie or swell. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "git_told.h"

/* Whatever it is, it is said, and the blob in front of it was told. */
static void is_damaged(struct buf *pack, unsigned trouble)
{
	struct told told;
	read_pack(&told, pack);
	assert_true(told.troubles & 1u << trouble);
	assert_true(was_told(&told, "first"));
	told_clear(&told);
}

static size_t begin_with_first(struct buf *pack, uint32_t count)
{
	pack_begin(pack, count);
	return put_object(pack, GIT_BLOB, "first", 5);
}

static void damaged_packs_are_said(void **state)
{
	_cleanup_(buf_free) struct buf pack = {0}, delta = {0};
	struct git_id nobody = id_of("00112233");
	(void)state;
	delta_begin(&delta, 5, 1);
	delta_insert(&delta, "x");

	begin_with_first(&pack, 2); /* a base that is nowhere: what a ring looks like */
	put_ref_delta(&pack, &nobody, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* a base before the beginning */
	put_ofs_delta(&pack, (size_t)0 - 5000, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* on itself */
	put_ofs_delta(&pack, pack.len, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	size_t base = begin_with_first(&pack, 2); /* into the middle of an object */
	put_ofs_delta(&pack, base + 3, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	base = begin_with_first(&pack, 2); /* for a base of another size */
	delta_begin(&delta, 6, 1);
	delta_insert(&delta, "x");
	put_ofs_delta(&pack, base, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 1000000); /* fewer than it says */
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 1); /* more than it says */
	put_object(&pack, GIT_BLOB, "x", 1);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* another size than it says */
	put_head(&pack, GIT_BLOB, 7);
	put_deflated(&pack, "123456", 6);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2);
	put_head(&pack, GIT_BLOB, 5);
	put_deflated(&pack, "123456", 6);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* no such type */
	put_object(&pack, 5, "x", 1);
	pack_end(&pack);
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* a size that never ends */
	for (int i = 0; i < 100; i++)
		buf_puts(&pack, "\xff");
	is_damaged(&pack, GIT_DAMAGED);

	begin_with_first(&pack, 2); /* cut off */
	put_object(&pack, GIT_BLOB, "a longer one, so that the end of it is lost", 40);
	is_damaged(&pack, GIT_DAMAGED);
}

static void what_is_no_pack_is_damaged(void **state)
{
	static const char *const texts[] = {"", "PACK", "PACK\0\0\0\2\0\0\0\1",
					    "KCAP0000000000000000000000000000000000"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct told told;
		struct buf pack = {0};
		buf_add(&pack, texts[i], i == 2 ? 12 : strlen(texts[i]));
		read_pack(&told, &pack);
		assert_int_equal(told.troubles, 1u << GIT_DAMAGED);
		buf_free(&pack);
	}
}

static void bombs_are_not_unpacked(void **state)
{
	_cleanup_(buf_free) struct buf pack = {0}, delta = {0}, piece = {0};
	struct told told;
	(void)state;
	size_t base = begin_with_first(&pack, 2); /* a result of a terabyte */
	delta_begin(&delta, 5, (uint64_t)1 << 40);
	delta_copy(&delta, 0, 5);
	put_ofs_delta(&pack, base, &delta);
	pack_end(&pack);
	is_damaged(&pack, GIT_LARGE);

	/* A thousand results of 31 MiB, each out of a hundred bytes. */
	uint32_t half = 1 << 20, whole = 31u << 20;
	memset(buf_reserve(&piece, half), 0, half);
	piece.len = half;
	pack_begin(&pack, 1002);
	put_object(&pack, GIT_BLOB, "first", 5);
	base = put_object(&pack, GIT_BLOB, piece.data, piece.len);
	for (uint32_t i = 0; i < 1000; i++) {
		delta_begin(&delta, half, whole);
		for (uint32_t made = 0; made < whole; made += half)
			delta_copy(&delta, 0, half);
		put_ofs_delta(&pack, base, &delta);
	}
	pack_end(&pack);
	struct git *git = told_reader(&told, false, 100 << 20);
	add_pack(git, &pack);
	assert_int_equal(told.troubles, 1u << GIT_LARGE);
	assert_true(told.objects.n > 2 && told.objects.n < 12);
	git_free(git);
	told_clear(&told);
}

static void it_ends_when_it_is_told_to(void **state)
{
	struct told told;
	_cleanup_(buf_free) struct buf pack = {0};
	(void)state;
	pack_begin(&pack, 1000);
	for (int i = 0; i < 1000; i++)
		put_object(&pack, GIT_BLOB, "first", 5);
	pack_end(&pack);
	struct git *git = told_reader(&told, false, WIDE);
	told.patience = 10;
	add_pack(git, &pack);
	assert_int_equal(told.troubles, 1u << GIT_OVER);
	assert_true(told.objects.n < 11);
	git_free(git);
	told_clear(&told);
}

static void deltas_stay_inside(void **state)
{
	_cleanup_(buf_free) struct buf delta = {0};
	uint8_t base[100] = {0}, out[200];
	(void)state;
	struct {
		uint32_t from, size, to;
	} copies[] = {
		{101, 1, 1}, {90, 11, 11}, {0, 101, 101}, {0xffffffff, 1, 1}, {0, 50, 49}};
	for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
		delta_begin(&delta, sizeof base, copies[i].to);
		delta_copy(&delta, copies[i].from, copies[i].size);
		assert_int_equal(delta_apply(base, sizeof base, (uint8_t *)delta.data,
					     delta.len, out, copies[i].to),
				 -EBADMSG);
	}
	static const char *const ends[] = {"", "\5abcd", "\xff\x01", "\x00"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		delta_begin(&delta, sizeof base, 5);
		buf_add(&delta, ends[i], i == 3 ? 1 : strlen(ends[i]));
		assert_int_equal(delta_apply(base, sizeof base, (uint8_t *)delta.data,
					     delta.len, out, 5),
				 -EBADMSG);
	}
	delta_begin(&delta, sizeof base, 102);
	delta_insert(&delta, "ab");
	delta_copy(&delta, 0, 100);
	assert_int_equal(
		delta_apply(base, sizeof base, (uint8_t *)delta.data, delta.len, out, 102), 0);
}

static void damaged_loose_objects_are_said(void **state)
{
	static const char *const heads[] = {"blob 6",	     "blob 4",
					    "blog 5",	     "blob",
					    "blob 99999999", "tree 99999999999999999999999",
					    "commit x"};
	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct told told;
		struct git *git = told_reader(&told, false, WIDE);
		struct buf all = {0}, loose = {0};
		buf_puts(&all, heads[i]);
		buf_add(&all, "\0first", 6);
		put_deflated(&loose, all.data, all.len);
		add_loose(git, &loose);
		assert_int_not_equal(told.troubles, 0);
		git_free(git);
		told_clear(&told);
		buf_free(&all);
		buf_free(&loose);
	}
}

/* Nothing can be said of what comes out, but it ends and stays inside. */
static void flipped_bits_do_no_harm(void **state)
{
	_cleanup_(buf_free) struct buf pack = {0}, delta = {0};
	struct git_id hello = id_of(GIT_HELLO);
	(void)state;
	pack_begin(&pack, 4);
	size_t base = put_object(&pack, GIT_BLOB, "hello\n", 6);
	put_object(&pack, GIT_TREE, "100644 a\0aaaaaaaaaaaaaaaaaaaa", 29);
	delta_begin(&delta, 6, 12);
	delta_copy(&delta, 0, 6);
	delta_copy(&delta, 0, 6);
	put_ofs_delta(&pack, base, &delta);
	put_ref_delta(&pack, &hello, &delta);
	pack_end(&pack);
	srand(4711);
	for (int i = 0; i < 3000; i++) {
		struct told told;
		struct buf wrong = {0};
		buf_add(&wrong, pack.data, pack.len);
		for (int flips = rand() % 4 + 1; flips; flips--)
			wrong.data[(size_t)rand() % wrong.len] ^= (char)(1 << rand() % 8);
		read_pack(&told, &wrong);
		told_clear(&told);
		buf_free(&wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_packs_are_said),
		cmocka_unit_test(what_is_no_pack_is_damaged),
		cmocka_unit_test(bombs_are_not_unpacked),
		cmocka_unit_test(it_ends_when_it_is_told_to),
		cmocka_unit_test(deltas_stay_inside),
		cmocka_unit_test(damaged_loose_objects_are_said),
		cmocka_unit_test(flipped_bits_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
