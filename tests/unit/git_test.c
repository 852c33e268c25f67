/* SPDX-License-Identifier: MIT */
/* The reader of git objects against packs made here; broken ones are in
 * git_damaged_test.c. What the real git makes is read in tests/e2e/git.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "git_told.h"

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

	struct git *git = told_reader(&told, true, WIDE);
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
	struct git *git = told_reader(&told, false, WIDE);
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
	struct git *git = told_reader(&told, false, WIDE);
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
	struct git *git = told_reader(&told, false, WIDE);
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
	struct git *git = told_reader(&told, false, WIDE);
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
