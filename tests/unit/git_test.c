/* SPDX-License-Identifier: MIT */
/* The reader of git objects against packs made here, right and wrong ones. What the
 * real git makes is read in tests/e2e/git.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "git/reader.h"
#include "packmaker.h"

#define WIDE (1u << 30)
#define GIT_HELLO "ce013625030ba8dba906f756967f9e9ca394464a"

struct told {
	VEC(struct git_object) objects;
	VEC(char *) texts; /* of the small ones */
	uint64_t streamed;
	unsigned troubles; /* bits */
	unsigned ticks, patience;
};

static void on_object(const struct git_object *object, void *context)
{
	struct told *told = context;
	static uint8_t piece[100000];
	*vec_add(&told->objects) = *object;
	*vec_add(&told->texts) = object->bytes ? mem_strndup((const char *)object->bytes,
							     object->size)
					       : mem_strdup("");
	for (int64_t n; object->large;) {
		n = git_stream_read(object->large, piece, sizeof piece);
		if (n <= 0)
			break;
		told->streamed += (uint64_t)n;
	}
}

static void on_trouble(enum git_trouble trouble, void *context)
{
	struct told *told = context;
	assert_false(told->troubles & 1u << trouble);
	told->troubles |= 1u << trouble;
}

static bool on_tick(void *context)
{
	struct told *told = context;
	return told->patience && ++told->ticks > told->patience;
}

static void told_clear(struct told *told)
{
	vec_each(&told->texts, text)
		free(*text);
	vec_free(&told->texts);
	vec_free(&told->objects);
	*told = (struct told){0};
}

static struct git *reader(struct told *told, uint64_t expand)
{
	struct git_sink sink = {on_object, on_trouble, on_tick, told};
	*told = (struct told){0};
	return git_new(false, expand, &sink);
}

static void add_pack(struct git *git, const struct buf *pack)
{
	struct plat_file *file = file_of(pack->data, pack->len);
	assert_non_null(file);
	git_add_pack(git, file, pack->len);
}

static void add_loose(struct git *git, const struct buf *loose)
{
	struct plat_file *file = file_of(loose->data, loose->len);
	assert_non_null(file);
	git_add_loose(git, file, loose->len);
	plat_file_close(file);
}

/* Reads one pack and frees it. */
static void read_pack(struct told *told, struct buf *pack)
{
	struct git *git = reader(told, WIDE);
	add_pack(git, pack);
	git_free(git);
	buf_cut(pack, 0);
}

static struct git_id id_of(const char *hex)
{
	struct git_id id = {{0}};
	for (size_t i = 0; hex[2 * i]; i++) {
		char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};
		id.bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	return id;
}

static bool was_told(const struct told *told, const char *text)
{
	vec_each(&told->texts, it)
		if (strcmp(*it, text) == 0)
			return true;
	return false;
}

/* ---- what is right ---- */

static void ids_are_those_of_git(void **state)
{
	struct told told;
	struct git_id wanted = id_of(GIT_HELLO);
	_cleanup_(buf_free) struct buf pack = {0}, loose = {0};
	(void)state;
	pack_begin(&pack, 1);
	put_object(&pack, GIT_BLOB, "hello\n", 6);
	pack_end(&pack);
	read_pack(&told, &pack);
	assert_int_equal(told.objects.n, 1);
	assert_memory_equal(&told.objects.v[0].id, &wanted, sizeof wanted);
	assert_int_equal(told.troubles, 0);
	told_clear(&told);

	struct git_sink sink = {on_object, on_trouble, NULL, &told};
	struct git *git = git_new(true, WIDE, &sink);
	put_loose(&loose, "blob", "hello\n", 6);
	add_loose(git, &loose);
	wanted = id_of("2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4");
	assert_int_equal(told.objects.n, 1);
	assert_memory_equal(&told.objects.v[0].id, &wanted, sizeof wanted);
	git_free(git);
	told_clear(&told);
}

static void deltas_are_applied(void **state)
{
	struct told told;
	struct git_id hello = id_of(GIT_HELLO);
	_cleanup_(buf_free) struct buf pack = {0}, delta = {0};
	(void)state;
	pack_begin(&pack, 4);
	delta_begin(&delta, 6, 8); /* its base comes behind it */
	delta_copy(&delta, 0, 5);
	delta_insert(&delta, " b\n");
	put_ref_delta(&pack, &hello, &delta);
	size_t base = put_object(&pack, GIT_BLOB, "hello\n", 6);
	delta_begin(&delta, 6, 8);
	delta_insert(&delta, "a ");
	delta_copy(&delta, 0, 6);
	base = put_ofs_delta(&pack, base, &delta);
	delta_begin(&delta, 8, 5);
	delta_copy(&delta, 2, 4);
	delta_insert(&delta, "!");
	put_ofs_delta(&pack, base, &delta);
	pack_end(&pack);
	struct git *git = reader(&told, WIDE);
	add_pack(git, &pack);
	assert_int_equal(told.troubles, 0);
	assert_int_equal(told.objects.n, 4);
	vec_each(&told.objects, object) {
		size_t len, number = (size_t)(object - told.objects.v);
		const uint8_t *bytes = git_blob(git, &object->id, &len);
		assert_int_equal(len, object->size);
		assert_memory_equal(bytes, told.texts.v[number], len);
	}
	git_free(git);
	assert_true(was_told(&told, "hello\n"));
	assert_true(was_told(&told, "hello b\n"));
	assert_true(was_told(&told, "a hello\n"));
	assert_true(was_told(&told, "hell!"));
	told_clear(&told);
}

static void a_long_chain_is_no_trouble(void **state)
{
	enum { LINKS = 6000 };
	struct told told;
	_cleanup_(buf_free) struct buf pack = {0}, delta = {0};
	(void)state;
	pack_begin(&pack, LINKS + 1);
	size_t base = put_object(&pack, GIT_BLOB, "00000", 5);
	for (int i = 1; i <= LINKS; i++) {
		char text[8];
		snprintf(text, sizeof text, "%05d", i);
		delta_begin(&delta, 5, 5);
		delta_insert(&delta, text);
		base = put_ofs_delta(&pack, base, &delta);
	}
	pack_end(&pack);
	read_pack(&told, &pack);
	assert_int_equal(told.troubles, 0);
	assert_int_equal(told.objects.n, LINKS + 1);
	told_clear(&told);
}

static void messages_are_told_and_trees_are_not(void **state)
{
	static const char commit[] = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
				     "committer A <a@b> 1700000000 +0000\n\nthe message\n";
	static const char tag[] = "object " GIT_HELLO "\ntype blob\ntag v1\n\nof the tag\n";
	struct told told;
	_cleanup_(buf_free) struct buf pack = {0};
	(void)state;
	pack_begin(&pack, 3);
	put_object(&pack, GIT_COMMIT, commit, sizeof commit - 1);
	put_object(&pack, GIT_TREE, "", 0);
	put_object(&pack, GIT_TAG, tag, sizeof tag - 1);
	pack_end(&pack);
	read_pack(&told, &pack);
	assert_int_equal(told.troubles, 0);
	assert_int_equal(told.objects.n, 2);
	assert_true(was_told(&told, "the message\n"));
	assert_true(was_told(&told, "of the tag\n"));
	told_clear(&told);
}

static void a_large_blob_is_streamed(void **state)
{
	struct told told;
	size_t size = OBJECT_MAX + 12345;
	uint8_t *zeros = mem_alloc(size);
	_cleanup_(buf_free) struct buf pack = {0};
	(void)state;
	pack_begin(&pack, 2);
	put_object(&pack, GIT_BLOB, zeros, size);
	put_object(&pack, GIT_BLOB, "behind", 6);
	pack_end(&pack);
	free(zeros);
	read_pack(&told, &pack);
	assert_int_equal(told.troubles, 0);
	assert_int_equal(told.streamed, size);
	assert_int_equal(told.objects.n, 2);
	assert_true(was_told(&told, "behind"));
	told_clear(&told);
}

static void a_blob_is_told_once(void **state)
{
	struct told told;
	_cleanup_(buf_free) struct buf pack = {0}, loose = {0};
	struct git *git = reader(&told, WIDE);
	(void)state;
	pack_begin(&pack, 1);
	put_object(&pack, GIT_BLOB, "hello\n", 6);
	pack_end(&pack);
	put_loose(&loose, "blob", "hello\n", 6);
	add_pack(git, &pack);
	add_pack(git, &pack);
	add_loose(git, &loose);
	assert_int_equal(told.objects.n, 1);
	assert_int_equal(told.troubles, 0);
	git_free(git);
	told_clear(&told);
}

/* ---- places ---- */

struct places {
	struct git_id wanted, commit;
	size_t count;
	char path[64];
};

static void on_place(struct git *git, const struct git_place *place, void *context)
{
	struct places *places = context;
	if (git_id_compare(&place->blob, &places->wanted) != 0)
		return;
	places->count++;
	places->commit = place->commit;
	snprintf(places->path, sizeof places->path, "%s", git_path(git));
}

static struct git_id blob_id(const char *type, const void *bytes, size_t len)
{
	struct buf all = {0};
	struct git_id id = {{0}};
	unsigned size;
	buf_printf(&all, "%s %zu", type, len);
	buf_add(&all, "", 1);
	buf_add(&all, bytes, len);
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_Digest(all.data, all.len, digest, &size, EVP_sha1(), NULL);
	memcpy(id.bytes, digest, 20);
	buf_free(&all);
	return id;
}

static void tree_add(struct buf *tree, const char *mode, const char *name,
		     const struct git_id *id)
{
	buf_printf(tree, "%s %s", mode, name);
	buf_add(tree, "", 1);
	buf_add(tree, id->bytes, 20);
}

static struct git_id put_tree(struct git *git, const struct buf *tree)
{
	struct buf loose = {0};
	put_loose(&loose, "tree", tree->data, tree->len);
	add_loose(git, &loose);
	buf_free(&loose);
	return blob_id("tree", tree->data, tree->len);
}

static struct git_id put_commit(struct git *git, const struct git_id *tree, int date)
{
	struct buf text = {0}, loose = {0};
	buf_puts(&text, "tree ");
	for (int i = 0; i < 20; i++)
		buf_printf(&text, "%02x", tree->bytes[i]);
	buf_printf(&text, "\ncommitter A <a@b> %d +0000\n\n", date);
	put_loose(&loose, "commit", text.data, text.len);
	add_loose(git, &loose);
	struct git_id id = blob_id("commit", text.data, text.len);
	buf_free(&text);
	buf_free(&loose);
	return id;
}

static void the_newest_commit_and_the_path_are_found(void **state)
{
	struct told told;
	struct places places = {.wanted = id_of(GIT_HELLO)};
	struct git_id hello = id_of(GIT_HELLO), gone = id_of("12");
	_cleanup_(buf_free) struct buf inner = {0}, outer = {0}, other = {0};
	size_t size;
	struct git *git = reader(&told, WIDE);
	(void)state;
	tree_add(&inner, "100644", "a", &gone);
	tree_add(&inner, "100600", "key.pem", &hello);
	struct git_id id = put_tree(git, &inner);
	tree_add(&outer, "40000", "conf", &id);
	tree_add(&outer, "40000", "missing", &gone);
	tree_add(&outer, "160000", "module", &hello);
	id = put_tree(git, &outer);
	put_commit(git, &id, 100);
	struct git_id newest = put_commit(git, &id, 300);
	put_commit(git, &id, 200);
	tree_add(&other, "160000", "module", &hello);
	id = put_tree(git, &other);
	put_commit(git, &id, 400);
	assert_null(git_blob(git, &hello, &size)); /* nobody has it */
	assert_true(git_walk(git, on_place, &places));
	assert_int_equal(places.count, 1);
	assert_string_equal(places.path, "conf/key.pem");
	assert_memory_equal(&places.commit, &newest, sizeof newest);
	assert_int_equal(told.troubles, 0);
	git_free(git);
	told_clear(&told);
}

static void a_tree_that_is_a_delta_is_gone_through(void **state)
{
	struct told told;
	struct places places = {.wanted = id_of(GIT_HELLO)};
	struct git_id hello = id_of(GIT_HELLO), other = id_of("12");
	_cleanup_(buf_free) struct buf tree = {0}, made = {0}, delta = {0}, pack = {0};
	struct git *git = reader(&told, WIDE);
	(void)state;
	tree_add(&tree, "100644", "a", &other);
	tree_add(&made, "100644", "a", &other);
	tree_add(&made, "100644", "b", &hello);
	delta_begin(&delta, tree.len, made.len);
	delta_copy(&delta, 0, (uint32_t)tree.len);
	buf_add(&delta, &(uint8_t){(uint8_t)(made.len - tree.len)}, 1);
	buf_add(&delta, made.data + tree.len, made.len - tree.len);
	pack_begin(&pack, 2);
	put_ofs_delta(&pack, put_object(&pack, GIT_TREE, tree.data, tree.len), &delta);
	pack_end(&pack);
	add_pack(git, &pack);
	struct git_id id = blob_id("tree", made.data, made.len);
	put_commit(git, &id, 1);
	assert_true(git_walk(git, on_place, &places));
	assert_int_equal(places.count, 1);
	assert_string_equal(places.path, "b");
	git_free(git);
	told_clear(&told);
}

/* ---- what is wrong ---- */

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
	struct git *git = reader(&told, 100 << 20);
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
	struct git *git = reader(&told, WIDE);
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
		struct git *git = reader(&told, WIDE);
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
		cmocka_unit_test(ids_are_those_of_git),
		cmocka_unit_test(deltas_are_applied),
		cmocka_unit_test(a_long_chain_is_no_trouble),
		cmocka_unit_test(messages_are_told_and_trees_are_not),
		cmocka_unit_test(a_large_blob_is_streamed),
		cmocka_unit_test(a_blob_is_told_once),
		cmocka_unit_test(the_newest_commit_and_the_path_are_found),
		cmocka_unit_test(a_tree_that_is_a_delta_is_gone_through),
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
