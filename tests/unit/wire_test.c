/* SPDX-License-Identifier: MIT */
/* Paths behind the files of a batch: as long as they say, or the batch is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/wire.h"

struct fixture {
	struct wire_batch batch;
	size_t len;
};

static void make(struct fixture *f, const char *const *paths, size_t count)
{
	memset(f, 0, sizeof *f);
	f->batch.magic = WIRE_MAGIC;
	f->batch.count = (uint32_t)count;
	f->len = wire_batch_size(count);
	for (size_t i = 0; i < count; i++) {
		size_t size = paths[i] ? strlen(paths[i]) + 1 : 0;
		f->batch.files[i].path = (uint32_t)size;
		if (size)
			memcpy((char *)&f->batch + f->len, paths[i], size);
		f->len += size;
	}
}

static void test_paths(void **state)
{
	(void)state;
	struct fixture *f = malloc(sizeof *f);
	make(f, (const char *const[]){"/a", NULL, "/b/c"}, 3);
	assert_true(wire_batch_holds(&f->batch, f->len, 3));
	assert_string_equal(wire_path(&f->batch, 0), "/a");
	assert_null(wire_path(&f->batch, 1));
	assert_string_equal(wire_path(&f->batch, 2), "/b/c");
	free(f);
}

static void test_lengths(void **state)
{
	(void)state;
	static const char *const paths[] = {"/a", "/b/c"};
	struct fixture *f = malloc(sizeof *f);
	make(f, paths, 2);
	assert_false(wire_batch_holds(&f->batch, f->len - 1, 2));
	assert_false(wire_batch_holds(&f->batch, f->len + 1, 2));
	assert_false(wire_batch_holds(&f->batch, f->len, 1));
	f->batch.files[1].path = UINT32_MAX;
	assert_false(wire_batch_holds(&f->batch, f->len, 2));
	make(f, paths, 2);
	((char *)&f->batch)[f->len - 1] = 'x'; /* nothing ends the last */
	assert_false(wire_batch_holds(&f->batch, f->len, 2));
	make(f, paths, 2);
	f->batch.files[0].path = WIRE_PATH_MAX + 1;
	f->batch.files[1].path = 0;
	assert_false(wire_batch_holds(&f->batch, wire_batch_size(2) + WIRE_PATH_MAX + 1, 2));
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
