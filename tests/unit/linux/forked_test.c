/* SPDX-License-Identifier: MIT */
/* How forked workers are locked in, live and end, and that none is left; what they say and
 * hear is in workers_test.c. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/look/handles.h"
#include "linux/look/sandbox.h"
#include "attempts.h"
#include "base/mem.h"
#include "orders.h"

static const struct plat_worker_limits roomy = {256 * MIB, 60};

enum { ORDER_SPIN = ORDER_ECHO + 1, ORDER_EAT, ORDER_TRY };

static size_t obey(struct plat_channel *channel, int order, uint8_t *room, size_t len,
		   struct plat_file **files, size_t count)
{
	struct sheet sheet = {0};
	(void)channel;
	(void)files;
	(void)count;
	switch (order) {
	case ORDER_SPIN:
		for (volatile int i = 0;; i = !i)
			;
	case ORDER_EAT:
		for (;;)
			memset(mem_alloc(MIB), 1, MIB);
	case ORDER_TRY:
		sheet_fill(&sheet);
		memcpy(room, &sheet, sizeof sheet);
		return sizeof sheet;
	}
	return len;
}

static void worker_serve(struct plat_channel *channel, void *context)
{
	(void)context;
	orders_serve(channel, obey);
}

static struct plat_zygote *zygote_ready(void)
{
	struct plat_zygote *zygote = NULL;
	struct plat_worker_limits limits = {64 * MIB, 60};
	assert_int_equal(plat_zygote_start(NULL, worker_serve, NULL, &limits, &zygote), 0);
	return zygote;
}

static struct plat_channel *worker_ready(struct plat_zygote *zygote)
{
	struct plat_channel *channel = NULL;
	unsigned guards = 0;
	assert_int_equal(plat_worker_start(zygote, &channel, &guards), 0);
	assert_int_equal(guards, guards_expected());
	return channel;
}

static size_t descriptors(void)
{
	size_t count = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* A zombie is as dead as a missing process. */
static bool alive(pid_t pid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	ssize_t got = read(fd, text, sizeof text - 1);
	close(fd);
	const char *state = got > 0 ? strrchr(text, ')') : NULL;
	return state && state[2] != 'Z' && state[2] != 'X';
}

static bool gone_within(pid_t pid, int seconds)
{
	for (int i = 0; i < seconds * 100; i++) {
		if (!alive(pid))
			return true;
		usleep(10000);
	}
	return false;
}

static void test_worker_is_locked(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *channel = worker_ready(zygote);
	struct sheet sheet = {0};
	order(channel, ORDER_TRY);
	assert_int_equal(plat_receive(channel, &sheet, sizeof sheet, NULL, NULL), sizeof sheet);
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (sheet.done[i])
			fail_msg("a worker could %s", attempts[i].name);
	plat_worker_end(channel, false);
	plat_zygote_stop(zygote);
}

/* A peer that sends what does not fit leaves no descriptor behind. */
static void test_lying_peer(void **state)
{
	(void)state;
	int ends[2], many[3];
	assert_int_equal(channel_pair(ends), 0);
	for (int i = 0; i < 3; i++)
		many[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	size_t before = descriptors();
	struct plat_channel ours = {.fd = ends[0]};
	char byte[4];
	assert_int_equal(channel_send(ends[1], "abc", 3, many, 3), 0);
	assert_int_equal(plat_receive(&ours, byte, sizeof byte, NULL, NULL), -EBADMSG);
	struct plat_file *files[PLAT_FILES_MAX];
	size_t count = 0;
	assert_int_equal(channel_send(ends[1], "abcdef", 6, many, 3), 0);
	assert_int_equal(plat_receive(&ours, byte, sizeof byte, files, &count), -EBADMSG);
	assert_int_equal(descriptors(), before);
	for (int i = 0; i < 3; i++)
		close(many[i]);
	close(ends[0]);
	close(ends[1]);
}

static void test_fifty_rounds_leave_nothing(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_ready();
	size_t before = descriptors();
	for (int i = 0; i < 50; i++) {
		struct plat_channel *channel = worker_ready(zygote);
		pid_t worker = channel->worker;
		if (i % 5 == 0)
			echo_works(channel);
		assert_null(plat_worker_end(channel, i % 2));
		assert_true(gone_within(worker, 5));
	}
	assert_int_equal(descriptors(), before);
	plat_zygote_stop(zygote);
	pid_t child = waitpid(-1, NULL, WNOHANG);
	assert_int_equal(child, 0); /* the victim of this test alone */
	assert_int_equal(descriptors(), before - 1);
}

static void test_killed_worker_is_noticed(void **state)
{
	(void)state;
	char byte[4];
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *first = worker_ready(zygote);
	struct plat_channel *second = worker_ready(zygote);
	struct plat_channel *both[] = {NULL, first, second};
	assert_int_equal(plat_wait(both, 3, 20), -EAGAIN);
	assert_int_equal(kill(second->worker, SIGKILL), 0);
	assert_int_equal(plat_wait(both, 3, 5000), 2);
	assert_int_equal(plat_receive(second, byte, sizeof byte, NULL, NULL), 0);
	/* A signal from the terminal is not for the worker to hear. */
	assert_int_equal(kill(first->worker, SIGINT), 0);
	echo_works(first);
	plat_worker_end(first, true);
	plat_worker_end(second, true);
	plat_zygote_stop(zygote);
}

static void test_spinning_and_eating(void **state)
{
	(void)state;
	char byte[4];
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *channel = worker_ready(zygote);
	pid_t worker = channel->worker;
	order(channel, ORDER_SPIN);
	assert_int_equal(plat_wait(&channel, 1, 100), -EAGAIN);
	plat_worker_end(channel, true);
	assert_true(gone_within(worker, 5));
	if (SANDBOX_SANITIZED) {
		print_message("memory limit skipped: sanitizers reserve terabytes\n");
	} else {
		channel = worker_ready(zygote);
		order(channel, ORDER_EAT);
		assert_int_equal(plat_wait(&channel, 1, 10000), 0);
		assert_int_equal(plat_receive(channel, byte, sizeof byte, NULL, NULL), 0);
		plat_worker_end(channel, true);
	}
	channel = worker_ready(zygote);
	echo_works(channel);
	plat_worker_end(channel, false);
	plat_zygote_stop(zygote);
}

static void test_stop_before_end(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *channel = worker_ready(zygote), *late = NULL;
	pid_t worker = channel->worker;
	unsigned guards;
	order(channel, ORDER_SPIN);
	plat_zygote_stop(zygote);
	assert_true(gone_within(worker, 5));
	assert_int_equal(plat_worker_start(channel->zygote, &late, &guards), -ECHILD);
	plat_worker_end(channel, true);
}

static int prepare_fails(void *context)
{
	(void)context;
	return -ENOEXEC;
}

static void test_failed_preparation(void **state)
{
	(void)state;
	struct plat_zygote *zygote = NULL;
	size_t before = descriptors();
	assert_int_equal(plat_zygote_start(prepare_fails, worker_serve, NULL, &roomy, &zygote),
			 0);
	assert_int_equal(plat_zygote_await(zygote), -ENOEXEC);
	struct plat_channel *channel;
	unsigned guards;
	assert_int_equal(plat_worker_start(zygote, &channel, &guards), -ECHILD);
	plat_zygote_stop(zygote);
	assert_int_equal(descriptors(), before);
}

/* However the agent dies, nothing of it stays behind. */
static void test_nothing_outlives_the_parent(void **state)
{
	(void)state;
	int pipe_ends[2];
	pid_t worker = 0;
	assert_int_equal(pipe(pipe_ends), 0);
	pid_t agent = fork();
	if (agent == 0) {
		struct plat_zygote *zygote = zygote_ready();
		struct plat_channel *channel = worker_ready(zygote);
		order(channel, ORDER_SPIN);
		pid_t pids[2] = {channel->worker};
		if (write(pipe_ends[1], pids, sizeof *pids) < 0)
			_exit(1);
		pause();
	}
	assert_int_equal(read(pipe_ends[0], &worker, sizeof worker), sizeof worker);
	assert_true(alive(worker));
	kill(agent, SIGKILL);
	assert_int_equal(waitpid(agent, NULL, 0), agent);
	assert_true(gone_within(worker, 5));
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker_is_locked),
		cmocka_unit_test(test_lying_peer),
		cmocka_unit_test(test_fifty_rounds_leave_nothing),
		cmocka_unit_test(test_killed_worker_is_noticed),
		cmocka_unit_test(test_spinning_and_eating),
		cmocka_unit_test(test_stop_before_end),
		cmocka_unit_test(test_failed_preparation),
		cmocka_unit_test(test_nothing_outlives_the_parent),
	};
	return cmocka_run_group_tests(tests, surroundings_make, surroundings_remove);
}
