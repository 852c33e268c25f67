/* SPDX-License-Identifier: MIT */
/* What a locked-down process can not do, tried from inside. */
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

static const struct plat_worker_limits roomy = {256 * MIB, 60};

/* The attempts in a process of their own, locked by what `without` leaves. */
static struct sheet sheet_from_inside(unsigned without, bool lock)
{
	int ends[2];
	assert_int_equal(channel_pair(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct sheet sheet = {0};
		if (chdir(attempts_home) < 0)
			_exit(1);
		if (lock) {
			uint64_t base = sandbox_footprint();
			if (!(without & PLAT_GUARD_ROOT) && sandbox_empty_root())
				sheet.holds = PLAT_GUARD_ROOT;
			sheet.holds |= sandbox_lock(&roomy, base, without);
		}
		sheet_fill(&sheet);
		channel_send(ends[1], &sheet, sizeof sheet, NULL, 0);
		_exit(0);
	}
	close(ends[1]);
	struct sheet sheet = {0};
	size_t none;
	int64_t got = channel_receive(ends[0], &sheet, sizeof sheet, NULL, 0, &none);
	if (got != sizeof sheet)
		sheet.done[EXECUTE] = true;
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return sheet;
}

static void sheet_judge(const struct sheet *sheet, const char *mode)
{
	for (size_t i = 0; i < ATTEMPTS; i++) {
		unsigned stopped_by = attempts[i].stopped_by;
		if (attempts[i].by_scope && landlock_version() >= 6)
			stopped_by |= PLAT_GUARD_LANDLOCK;
		if (!(sheet->holds & stopped_by)) {
			print_message("%s: nothing to stop \"%s\", not judged\n", mode,
				      attempts[i].name);
			continue;
		}
		if (sheet->done[i])
			fail_msg("%s: a worker could %s", mode, attempts[i].name);
	}
}

/* Without the lock every attempt works: the tests below can fail. */
static void test_attempts_are_real(void **state)
{
	(void)state;
	struct sheet sheet = sheet_from_inside(0, false);
	assert_true(sheet.done[EXECUTE]);
	struct sheet bare = {0};
	int back = open(".", O_RDONLY | O_DIRECTORY);
	assert_int_equal(chdir(attempts_home), 0);
	for (size_t i = 0; i < EXECUTE; i++)
		bare.done[i] = attempts[i].try();
	unlink("made");
	assert_int_equal(fchdir(back), 0);
	close(back);
	for (size_t i = 0; i < EXECUTE; i++)
		if (!bare.done[i] && attempts[i].try != try_trace)
			fail_msg("can not even %s without a lock", attempts[i].name);
}

static void lock_test(unsigned without, const char *mode)
{
	struct sheet sheet = sheet_from_inside(without, true);
	assert_int_equal(sheet.holds, guards_expected() & ~without);
	sheet_judge(&sheet, mode);
}

static void test_all_guards(void **state)
{
	(void)state;
	lock_test(0, "all guards");
}

static void test_without_landlock(void **state)
{
	(void)state;
	lock_test(PLAT_GUARD_LANDLOCK, "without Landlock");
}

static void test_without_filter(void **state)
{
	(void)state;
	lock_test(PLAT_GUARD_CALLS, "without the call filter");
}

static void test_each_guard_alone(void **state)
{
	(void)state;
	lock_test(~(unsigned)(PLAT_GUARD_CALLS | PLAT_GUARD_NNP), "filter alone");
	lock_test(~(unsigned)(PLAT_GUARD_LANDLOCK | PLAT_GUARD_NNP), "Landlock alone");
	lock_test(~(unsigned)(PLAT_GUARD_ROOT | PLAT_GUARD_UID), "root and user");
}

/* A call that nothing innocent makes ends the process on the spot. */
static void test_strange_call_kills(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		sandbox_lock(&roomy, sandbox_footprint(), 0);
		syscall(SYS_mount, "a", "b", "c", 0, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void test_own_user_without_capabilities(void **state)
{
	(void)state;
	int status;
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		unsigned off = PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK;
		sandbox_lock(&roomy, sandbox_footprint(), off);
		bool kept = getuid() == 0 || geteuid() == 0 || getgid() == 0 ||
			    setuid(0) == 0 || setgid(0) == 0 || chroot("/") == 0 ||
			    getgroups(0, NULL) != 0;
		_exit(kept);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attempts_are_real),
		cmocka_unit_test(test_all_guards),
		cmocka_unit_test(test_without_landlock),
		cmocka_unit_test(test_without_filter),
		cmocka_unit_test(test_each_guard_alone),
		cmocka_unit_test(test_strange_call_kills),
		cmocka_unit_test(test_own_user_without_capabilities),
	};
	return cmocka_run_group_tests(tests, surroundings_make, surroundings_remove);
}
