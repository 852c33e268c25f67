/* SPDX-License-Identifier: MIT */
/* MD5 side by side against OpenSSL's, and the archives of a batch that are known by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "detect/shipped.h"
#include "packages/md5.h"
#include "scratch.h"

enum { MOST = 3 * MD5_LANES };

static void digest_of(const void *at, size_t len, uint8_t ret[MD5_SIZE])
{
	unsigned size = MD5_SIZE;
	assert_true(EVP_Digest(at, len, ret, &size, EVP_md5(), NULL));
}

static void check(const size_t *sizes, size_t count)
{
	struct md5_message messages[MOST];
	for (size_t i = 0; i < count; i++) {
		uint8_t *bytes = mem_alloc(sizes[i] ? sizes[i] : 1);
		for (size_t k = 0; k < sizes[i]; k++)
			bytes[k] = (uint8_t)rand();
		messages[i] = (struct md5_message){.at = bytes, .len = sizes[i]};
	}
	md5_many(messages, count);
	for (size_t i = 0; i < count; i++) {
		uint8_t want[MD5_SIZE];
		digest_of(messages[i].at, messages[i].len, want);
		assert_memory_equal(messages[i].digest, want, MD5_SIZE);
		free((void *)(uintptr_t)messages[i].at);
	}
}

/* Padding takes one block or two; lanes end one after the other or all at once. */
static void same_as_openssl(void **unused)
{
	(void)unused;
	size_t sizes[MOST];
	for (size_t size = 0; size < 200; size++)
		check(&size, 1);
	for (unsigned round = 0; round < 400; round++) {
		size_t count = (size_t)rand() % (MOST + 1), most = round % 2 ? 200 : 9000;
		for (size_t i = 0; i < count; i++)
			sizes[i] = round % 3 ? (size_t)rand() % most : most;
		check(sizes, count);
	}
}

static bool never(void *unused)
{
	(void)unused;
	return false;
}

static const struct one {
	const char *path, *head;
	size_t len;
	bool packed, changed, known;
} all[] = {
	{"/a.gz", "\x1f\x8b\x08", 900, true, false, true},
	{"/b.gz", "\x1f\x8b\x08", 2000, true, true, false},
	{"/c.gz", "no archive", 1500, true, false, false}, /* still to be looked into */
	{"/d", "\x1f\x8b\x08", 1100, false, false, false}, /* by itself, then */
	{"/e.xz",
	 "\xfd"
	 "7zXZ\0",
	 64, true, false, true},
	{"/f.gz", "\x1f\x8b\x08", 20000, true, false, false}, /* alone, it is too long */
	{"/g.gz", "\x1f\x8b\x08", 1800, true, false, true},
};
enum { COUNT = sizeof all / sizeof *all };

static struct plat_file *put(const struct one *one, struct wire_file *ret)
{
	struct plat_file *file;
	char bytes[20000];
	for (size_t i = 0; i < one->len; i++)
		bytes[i] = (char)rand();
	memcpy(bytes, one->head, strlen(one->head) + 1);
	*ret = (struct wire_file){
		.size = one->len, .packed = one->packed, .listed.known = true};
	digest_of(bytes, one->len, ret->listed.bytes);
	bytes[one->len - 1] ^= one->changed;
	scratch_put_bytes(one->path, bytes, one->len);
	assert_int_equal(plat_file_open(scratch_at(one->path), &file), 0);
	return file;
}

static void archives_of_a_batch(void **unused)
{
	(void)unused;
	struct plat_file *files[COUNT];
	struct shipped shipped = {0};
	struct wire_batch *batch = mem_alloc(sizeof *batch);
	batch->count = COUNT;
	for (size_t i = 0; i < COUNT; i++)
		files[i] = put(&all[i], &batch->files[i]);
	shipped_look(&shipped, batch, files, never, NULL);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(shipped.known[i], all[i].known);
	/* What became shorter is not what was listed. */
	batch->files[0].size++;
	batch->files[4].flags = DETECT_NO_CONTAINER;
	batch->files[6].listed.algorithm = PACKAGES_SHA1;
	shipped_look(&shipped, batch, files, never, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		assert_false(shipped.known[i]);
		plat_file_close(files[i]);
	}
	shipped_free(&shipped);
	free(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_openssl),
		cmocka_unit_test_setup_teardown(archives_of_a_batch, scratch_make,
						scratch_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
