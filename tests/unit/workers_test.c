/* SPDX-License-Identifier: MIT */
/* What workers and their parent say to each other, and how that ends, on every system; what
 * is each system's own is in linux/forked_test.c and windows/restarted_test.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orders.h"
#include "scratch_os.h"

enum { MIB = 1 << 20 };
enum { ORDER_READ = ORDER_ECHO + 1, ORDER_FULL, ORDER_SPIN, ORDER_DIE };
/* One for each test. */
enum which { MESSAGES, DEATH, ANSWERS, STOPPED, FAILS, FAILS_LATE, WORKS, UNASKED, ZYGOTES };

static struct plat_zygote *zygotes[ZYGOTES];
static int prepared; /* in a worker */

/* ---- in the worker ---- */

static size_t obey(struct plat_channel *channel, int order, uint8_t *room, size_t len,
		   struct plat_file **files, size_t count)
{
	int64_t got = 0;
	(void)channel;
	switch (order) {
	case ORDER_READ:
		for (size_t i = 0; i < count && got >= 0; i++)
			got = plat_file_read(files[i], room, 100, 0);
		return got > 0 ? (size_t)got : 1;
	case ORDER_FULL:
		memset(room, ORDER_FULL, PLAT_MESSAGE_MAX);
		return PLAT_MESSAGE_MAX;
	case ORDER_SPIN:
		for (volatile int i = 0;; i = !i)
			;
	case ORDER_DIE:
		_Exit(9);
	}
	return len;
}

static void worker_serve(struct plat_channel *channel, void *context)
{
	(void)context;
	orders_serve(channel, obey);
}

static int prepare_fails(void *context)
{
	(void)context;
	return -ENOEXEC;
}

static int prepare_works(void *context)
{
	*(int *)context = 1;
	return 0;
}

/* ---- in the parent ---- */

/* Before any test: a worker that is started again comes to its zygote, and stays there. */
static int start_zygotes(void **state)
{
	static const struct plat_worker_limits limits = {64 * MIB, 60};
	(void)state;
	for (enum which i = 0; i < ZYGOTES; i++) {
		plat_worker_prepare *prepare = i == FAILS || i == FAILS_LATE ? prepare_fails
					       : i == WORKS || i == UNASKED  ? prepare_works
									     : NULL;
		if (plat_zygote_start(prepare, worker_serve, &prepared, &limits, &zygotes[i]) <
		    0)
			return -1;
	}
	return prepared; /* that is for the workers */
}

static struct plat_channel *worker_of(enum which which)
{
	struct plat_channel *channel = NULL;
	unsigned guards;
	assert_int_equal(plat_worker_start(zygotes[which], &channel, &guards), 0);
	return channel;
}

static void messages_and_files_arrive(void **state)
{
	static uint8_t room[PLAT_MESSAGE_MAX];
	static const char text[2] = {ORDER_READ, 0};
	struct plat_channel *channel = worker_of(MESSAGES);
	struct plat_file *file = os_file_of("content", 7, false), *files[PLAT_FILES_MAX + 1];
	(void)state;
	assert_non_null(file);
	for (int i = 0; i <= PLAT_FILES_MAX; i++)
		files[i] = file;
	for (int round = 0; round < 5; round++) {
		assert_int_equal(plat_send(channel, text, 2, files, PLAT_FILES_MAX), 0);
		assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), 7);
		assert_memory_equal(room, "content", 7);
	}
	order(channel, ORDER_FULL);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), sizeof room);
	assert_int_equal(room[sizeof room - 1], ORDER_FULL);
	room[0] = ORDER_ECHO;
	assert_int_equal(plat_send(channel, room, sizeof room, files, PLAT_FILES_MAX), 0);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), sizeof room);
	order(channel, ORDER_FULL);
	assert_int_equal(plat_receive(channel, room, 100, NULL, NULL), -EBADMSG);
	assert_int_equal(plat_send(channel, room, 0, NULL, 0), -EMSGSIZE);
	assert_int_equal(plat_send(channel, room, sizeof room + 1, NULL, 0), -EMSGSIZE);
	echo_works(channel);
	plat_file_close(file);
	plat_worker_end(channel, false);
}

static void a_dead_worker_is_noticed(void **state)
{
	char byte[4];
	struct plat_channel *first = worker_of(DEATH), *second = worker_of(DEATH);
	struct plat_channel *both[] = {NULL, first, second};
	(void)state;
	assert_int_equal(plat_wait(both, 3, 20), -EAGAIN);
	order(second, ORDER_DIE);
	assert_int_equal(plat_wait(both, 3, 20000), 2);
	assert_int_equal(plat_receive(second, byte, sizeof byte, NULL, NULL), 0);
	echo_works(first);
	plat_worker_end(first, true);
	plat_worker_end(second, true);
	plat_worker_end(worker_of(DEATH), false); /* it has others */
}

/* What a worker had answered before it died counts all the same, though it left a message
 * unread. */
static void answers_outlive_the_worker(void **state)
{
	char back[8] = "";
	struct plat_channel *channel = worker_of(ANSWERS);
	(void)state;
	order(channel, ORDER_ECHO);
	order(channel, ORDER_ECHO);
	order(channel, ORDER_DIE);
	(void)plat_send(channel, "xx", 2, NULL, 0); /* never read */
	for (int i = 0; i < 2; i++)
		assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 2);
	assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 0);
	plat_worker_end(channel, true);
}

static void a_stopped_zygote_gives_none(void **state)
{
	struct plat_channel *channel = worker_of(STOPPED), *late = NULL;
	unsigned guards;
	(void)state;
	order(channel, ORDER_SPIN);
	assert_int_equal(plat_wait(&channel, 1, 100), -EAGAIN);
	plat_zygote_stop(zygotes[STOPPED]);
	assert_int_equal(plat_worker_start(zygotes[STOPPED], &late, &guards), -ECHILD);
	plat_worker_end(channel, true);
	zygotes[STOPPED] = NULL;
}

static void what_preparation_gives_is_told(void **state)
{
	struct plat_channel *channel;
	unsigned guards;
	(void)state;
	assert_int_equal(plat_zygote_await(zygotes[FAILS]), -ENOEXEC);
	assert_int_equal(plat_zygote_await(zygotes[FAILS]), -ENOEXEC);
	assert_int_equal(plat_worker_start(zygotes[FAILS], &channel, &guards), -ECHILD);
	assert_int_equal(plat_worker_start(zygotes[FAILS_LATE], &channel, &guards), -ENOEXEC);
	channel = worker_of(WORKS);
	assert_int_equal(plat_zygote_await(zygotes[WORKS]), 0);
	echo_works(channel);
	plat_worker_end(channel, false);
}

/* Also one that nobody asked for a worker. */
static int stop_zygotes(void **state)
{
	(void)state;
	for (enum which i = 0; i < ZYGOTES; i++)
		if (zygotes[i])
			plat_zygote_stop(zygotes[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_and_files_arrive),
		cmocka_unit_test(a_dead_worker_is_noticed),
		cmocka_unit_test(answers_outlive_the_worker),
		cmocka_unit_test(a_stopped_zygote_gives_none),
		cmocka_unit_test(what_preparation_gives_is_told),
	};
	return cmocka_run_group_tests(tests, start_zygotes, stop_zygotes);
}
