/* SPDX-License-Identifier: MIT */
#include "attempts.h"

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

/* Set before any worker is born. */
static pid_t victim;
char attempts_home[] = "/tmp/imgsan-sandbox-XXXXXX";
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

bool try_trace(void)
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

const struct attempt attempts[ATTEMPTS] = {
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
void sheet_fill(struct sheet *sheet)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		sheet->done[i] = attempts[i].try();
}

long landlock_version(void)
{
	return syscall(444, NULL, 0, 1U);
}

/* What can be had here at all. */
unsigned guards_expected(void)
{
	unsigned guards = PLAT_GUARD_NNP | PLAT_GUARD_LIMITS | PLAT_GUARD_CALLS;
	if (landlock_version() >= 1)
		guards |= PLAT_GUARD_LANDLOCK;
	if (geteuid() == 0)
		guards |= PLAT_GUARD_UID | PLAT_GUARD_ROOT;
	return guards;
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

int surroundings_make(void **state)
{
	char path[128];
	(void)state;
	if (!mkdtemp(attempts_home))
		return -1;
	snprintf(path, sizeof path, "%s/here", attempts_home);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "content", 7) != 7)
		return -1;
	close(fd);
	snprintf(socket_path, sizeof socket_path, "%s/socket", attempts_home);
	snprintf(abstract_name, sizeof abstract_name, "imgsan-test-%d", (int)getpid());
	listeners[0] = listener_start(socket_path, false);
	listeners[1] = listener_start(abstract_name, true);
	victim = fork();
	if (victim == 0)
		for (;;)
			pause();
	return 0;
}

int surroundings_remove(void **state)
{
	char path[128];
	(void)state;
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	close(listeners[0]);
	close(listeners[1]);
	unlink(socket_path);
	snprintf(path, sizeof path, "%s/here", attempts_home);
	unlink(path);
	snprintf(path, sizeof path, "%s/made", attempts_home);
	unlink(path);
	return rmdir(attempts_home);
}
