/* SPDX-License-Identifier: MIT */
/* What a locked-down worker can not do, tried from inside, and how workers
 * live and end. */
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

#include "../../platform/linux/look/handles.h"
#include "../../platform/linux/look/sandbox.h"
#include "base/mem.h"

#define MIB ((uint64_t)1 << 20)
static const struct plat_worker_limits roomy = {256 * MIB, 60};

/* Set before any worker is born. */
static pid_t victim;
static char scratch[] = "/tmp/imgsan-sandbox-XXXXXX";
static char socket_path[64], abstract_name[64];

/* ---- the attempts: each gives true when it succeeded ---- */

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool try_absolute(void)
{
	return opens("/etc/passwd", O_RDONLY);
}

static bool try_relative(void)
{
	return opens("here", O_RDONLY) || opens("../etc/passwd", O_RDONLY) ||
	       opens("etc/passwd", O_RDONLY);
}

static bool try_proc(void)
{
	return opens("/proc/self/status", O_RDONLY) || opens("proc/self/status", O_RDONLY);
}

static bool try_create(void)
{
	return opens("made", O_RDWR | O_CREAT) || opens("/made", O_RDWR | O_CREAT);
}

static bool try_list(void)
{
	DIR *dir = opendir("/");
	int members = 0;
	for (struct dirent *at; dir && (at = readdir(dir));)
		members += at->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return members > 0;
}

static bool try_inet(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool connects(const char *name, bool abstract)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	memcpy(to.sun_path + abstract, name, len);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool done = fd >= 0 &&
		    connect(fd, (struct sockaddr *)&to,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1)) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static bool try_unix(void)
{
	return connects(socket_path, false);
}

static bool try_abstract(void)
{
	return connects(abstract_name, true);
}

static bool try_fork(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid > 0;
}

/* Tried in the process itself, as a fork may be refused: if it succeeds no
 * report arrives, and that counts as success. */
static bool try_execute(void)
{
	char *const args[] = {(char *)(uintptr_t) "true", NULL};
	execve("/bin/true", args, args + 1);
	return false;
}

static bool try_signal(void)
{
	return kill(victim, 0) == 0;
}

static bool try_trace(void)
{
	if (ptrace(PTRACE_ATTACH, victim, NULL, NULL) < 0)
		return false;
	waitpid(victim, NULL, __WALL);
	ptrace(PTRACE_DETACH, victim, NULL, NULL);
	return true;
}

static bool try_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return false;
	munmap(page, 4096);
	return true;
}

/* Each with the guards that stop it alone. Scopes came with Landlock 6. */
static const struct attempt {
	const char *name;
	bool (*try)(void);
	unsigned stopped_by;
	bool by_scope;
} attempts[] = {
	{"open a file", try_absolute, PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT,
	 false},
	{"open below the working directory", try_relative,
	 PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT, false},
	{"read /proc", try_proc, PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT,
	 false},
	{"create a file", try_create, PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT,
	 false},
	{"list the root", try_list, PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT,
	 false},
	{"make a network socket", try_inet, PLAT_GUARD_CALLS, false},
	{"connect to a local socket", try_unix, PLAT_GUARD_CALLS | PLAT_GUARD_ROOT, false},
	{"connect to an abstract socket", try_abstract, PLAT_GUARD_CALLS, true},
	{"fork", try_fork, PLAT_GUARD_CALLS | PLAT_GUARD_LIMITS, false},
	{"signal another process", try_signal, PLAT_GUARD_CALLS | PLAT_GUARD_UID, true},
	{"trace another process", try_trace,
	 PLAT_GUARD_CALLS | PLAT_GUARD_UID | PLAT_GUARD_LANDLOCK, false},
	{"make code", try_code, PLAT_GUARD_CALLS, false},
	{"run a program", try_execute, PLAT_GUARD_CALLS | PLAT_GUARD_LANDLOCK | PLAT_GUARD_ROOT,
	 false},
};
enum { ATTEMPTS = sizeof attempts / sizeof *attempts, EXECUTE = ATTEMPTS - 1 };

struct sheet {
	unsigned holds;
	bool done[ATTEMPTS];
};

static void sheet_fill(struct sheet *sheet)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		sheet->done[i] = attempts[i].try();
}

/* The attempts in a process of their own, locked by what `without` leaves. */
static struct sheet sheet_from_inside(unsigned without, bool lock)
{
	int ends[2];
	assert_int_equal(channel_pair(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct sheet sheet = {0};
		if (chdir(scratch) < 0)
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

static long landlock_version(void)
{
	return syscall(444, NULL, 0, 1U);
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

/* What can be had here at all. */
static unsigned guards_expected(void)
{
	unsigned guards = PLAT_GUARD_NNP | PLAT_GUARD_LIMITS | PLAT_GUARD_CALLS;
	if (landlock_version() >= 1)
		guards |= PLAT_GUARD_LANDLOCK;
	if (geteuid() == 0)
		guards |= PLAT_GUARD_UID | PLAT_GUARD_ROOT;
	return guards;
}

/* Without the lock every attempt works: the tests below can fail. */
static void test_attempts_are_real(void **state)
{
	(void)state;
	struct sheet sheet = sheet_from_inside(0, false);
	assert_true(sheet.done[EXECUTE]);
	struct sheet bare = {0};
	int back = open(".", O_RDONLY | O_DIRECTORY);
	assert_int_equal(chdir(scratch), 0);
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

/* ---- workers ---- */

enum order { ORDER_ECHO = 1, ORDER_READ, ORDER_SPIN, ORDER_EAT, ORDER_TRY, ORDER_FULL };

static void worker_serve(struct plat_channel *channel, void *context)
{
	static char room[PLAT_MESSAGE_MAX];
	struct plat_file *files[PLAT_FILES_MAX];
	size_t count;
	(void)context;
	for (int64_t got;
	     (got = plat_receive(channel, room, sizeof room, files, &count)) > 0;) {
		size_t len = (size_t)got;
		struct sheet sheet = {0};
		switch ((enum order)room[0]) {
		case ORDER_ECHO:
			break;
		case ORDER_READ:
			len = (size_t)pread(files[count - 1]->fd, room, sizeof room, 0);
			break;
		case ORDER_SPIN:
			for (volatile int i = 0;; i = !i)
				;
		case ORDER_EAT:
			for (;;)
				memset(mem_alloc(MIB), 1, MIB);
		case ORDER_TRY:
			sheet_fill(&sheet);
			memcpy(room, &sheet, len = sizeof sheet);
			break;
		case ORDER_FULL:
			len = sizeof room;
			memset(room, ORDER_FULL, len);
			break;
		}
		for (size_t i = 0; i < count; i++) {
			close(files[i]->fd);
			free(files[i]);
		}
		plat_send(channel, room, len, NULL, 0);
	}
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

static void order(struct plat_channel *channel, enum order what)
{
	char message[2] = {(char)what, 'x'};
	assert_int_equal(plat_send(channel, message, 2, NULL, 0), 0);
}

static void echo_works(struct plat_channel *channel)
{
	char back[8] = "";
	order(channel, ORDER_ECHO);
	assert_int_equal(plat_wait(&channel, 1, 5000), 0);
	assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 2);
	assert_int_equal(back[1], 'x');
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

static void test_messages_and_files(void **state)
{
	(void)state;
	static char room[PLAT_MESSAGE_MAX];
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *channel = worker_ready(zygote);
	struct plat_file *files[PLAT_FILES_MAX];
	char message[2] = {ORDER_READ, 0};
	char path[128];
	snprintf(path, sizeof path, "%s/here", scratch);
	for (int i = 0; i < PLAT_FILES_MAX; i++)
		files[i] = plat_file_wrap(open(path, O_RDONLY | O_CLOEXEC));
	for (int round = 0; round < 5; round++) {
		assert_int_equal(plat_send(channel, message, 2, files, PLAT_FILES_MAX), 0);
		assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), 7);
		assert_memory_equal(room, "content", 7);
	}
	for (int i = 0; i < PLAT_FILES_MAX; i++) {
		close(files[i]->fd);
		free(files[i]);
	}
	order(channel, ORDER_FULL);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), sizeof room);
	assert_int_equal(room[sizeof room - 1], ORDER_FULL);
	order(channel, ORDER_FULL);
	assert_int_equal(plat_receive(channel, room, 100, NULL, NULL), -EBADMSG);
	assert_int_equal(plat_send(channel, room, 0, NULL, 0), -EMSGSIZE);
	assert_int_equal(plat_send(channel, room, sizeof room + 1, NULL, 0), -EMSGSIZE);
	echo_works(channel);
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

/* A worker that dies with a message unread resets the connection; what it had
 * answered before counts all the same. */
static void test_answers_outlive_the_worker(void **state)
{
	(void)state;
	char back[8] = "";
	struct plat_zygote *zygote = zygote_ready();
	struct plat_channel *channel = worker_ready(zygote);
	order(channel, ORDER_ECHO);
	assert_int_equal(plat_wait(&channel, 1, 5000), 0);
	order(channel, ORDER_SPIN);
	order(channel, ORDER_ECHO); /* never read */
	assert_int_equal(kill(channel->worker, SIGKILL), 0);
	assert_true(gone_within(channel->worker, 5));
	assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 2);
	assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 0);
	plat_worker_end(channel, true);
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
			 -ENOEXEC);
	assert_null(zygote);
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

/* ---- the surroundings ---- */

static int listener_start(const char *name, bool abstract)
{
	struct sockaddr_un here = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	memcpy(here.sun_path + abstract, name, len);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1)),
			 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

static int listeners[2];

static int surroundings_make(void **state)
{
	char path[128];
	(void)state;
	if (!mkdtemp(scratch))
		return -1;
	snprintf(path, sizeof path, "%s/here", scratch);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "content", 7) != 7)
		return -1;
	close(fd);
	snprintf(socket_path, sizeof socket_path, "%s/socket", scratch);
	snprintf(abstract_name, sizeof abstract_name, "imgsan-test-%d", (int)getpid());
	listeners[0] = listener_start(socket_path, false);
	listeners[1] = listener_start(abstract_name, true);
	victim = fork();
	if (victim == 0)
		for (;;)
			pause();
	return 0;
}

static int surroundings_remove(void **state)
{
	char path[128];
	(void)state;
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	close(listeners[0]);
	close(listeners[1]);
	unlink(socket_path);
	snprintf(path, sizeof path, "%s/here", scratch);
	unlink(path);
	snprintf(path, sizeof path, "%s/made", scratch);
	unlink(path);
	return rmdir(scratch);
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
		cmocka_unit_test(test_worker_is_locked),
		cmocka_unit_test(test_messages_and_files),
		cmocka_unit_test(test_lying_peer),
		cmocka_unit_test(test_fifty_rounds_leave_nothing),
		cmocka_unit_test(test_killed_worker_is_noticed),
		cmocka_unit_test(test_answers_outlive_the_worker),
		cmocka_unit_test(test_spinning_and_eating),
		cmocka_unit_test(test_stop_before_end),
		cmocka_unit_test(test_failed_preparation),
		cmocka_unit_test(test_nothing_outlives_the_parent),
	};
	return cmocka_run_group_tests_name("sandbox", tests, surroundings_make,
					   surroundings_remove);
}
