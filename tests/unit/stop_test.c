/* SPDX-License-Identifier: MIT */
/* A run that has to stop waits for no worker, and drops what was not answered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "detect/pool.h"
#include "scratch.h"

static unsigned told;

static void found(const struct pool_file *file, const struct wire_reply *reply, void *context)
{
	(void)file, (void)reply, (void)context;
	told++;
}

static void trouble(const struct pool_file *file, enum trouble what, const char *member,
		    void *context)
{
	(void)file, (void)what, (void)member, (void)context;
	told++;
}

static void done(const struct pool_file *file, void *context)
{
	(void)file, (void)context;
	told++;
}

static int no_preparation(void *context)
{
	(void)context;
	return 0;
}

static void hang(struct plat_channel *channel, void *context)
{
	(void)channel, (void)context;
	for (volatile unsigned i = 0;; i++)
		;
}

static struct plat_zygote *zygote;

static int prepare(void **state)
{
	struct plat_worker_limits limits = {.memory = 64 << 20};
	(void)state;
	return plat_zygote_start(no_preparation, hang, NULL, &limits, &zygote);
}

static int end(void **state)
{
	(void)state;
	plat_zygote_stop(zygote);
	return 0;
}

static int add(struct pool *pool, const char *path)
{
	struct pool_file file = {.path = mem_strdup(path),
				 .info = {.size = 4, .allocated = 4096}};
	file.wire = (struct wire_file){.size = 4, .ms = 600000};
	assert_int_equal(plat_file_open(path, &file.file), 0);
	return pool_add(pool, &file);
}

/* Looked at every 100 ms at most: while the pool waits for the worker. */
static void stop_in_the_middle(void)
{
	static unsigned looks;
	if (++looks == 3)
		stop_request(STOP_SIGNAL);
}

static void a_hanging_worker_holds_nobody_up(void **state)
{
	(void)state;
	scratch_put("/file", "1234");
	const char *path = scratch_at("/file");
	struct pool_sink sink = {found, trouble, done, NULL};
	struct detect_limits limits = {.stall_ms = 600000, .per_file = 10};
	struct pool *pool;
	assert_int_equal(pool_new(zygote, 1, 1, &limits, &sink, &pool), 0);
	for (unsigned i = 0; i < WIRE_FILES * 2 + 5; i++)
		assert_int_equal(add(pool, path), 0);
	uint64_t start = clock_ms();
	stop_set_watch(stop_in_the_middle);
	assert_int_equal(pool_finish(pool), -EINTR);
	for (unsigned i = 0; i < WIRE_FILES - 1; i++)
		assert_int_equal(add(pool, path), 0);
	assert_int_equal(add(pool, path), -EINTR);
	assert_in_range(clock_ms() - start, 200, 5000);
	assert_int_equal(told, 0); /* the whole run says it was cut off */
	pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		a_hanging_worker_holds_nobody_up, scratch_make, scratch_remove)};
	return cmocka_run_group_tests(tests, prepare, end);
}
