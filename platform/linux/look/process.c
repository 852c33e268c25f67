/* SPDX-License-Identifier: MIT */
/* Our own process and what /proc tells about the others. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/vec.h"
#include "handles.h"

typedef VEC(struct plat_id) ids;

static pid_t first_parent;

const char *plat_system(void)
{
	return "linux";
}

bool plat_is_admin(void)
{
	return geteuid() == 0;
}

bool plat_parent_gone(void)
{
	return first_parent > 1 && getppid() != first_parent;
}

unsigned plat_cpus(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

static void on_signal(int number)
{
	(void)number;
	stop_request(STOP_SIGNAL);
}

void plat_process_setup(void)
{
	first_parent = getppid();
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	/* A walk holds one descriptor for each level it has gone down. */
	struct rlimit files;
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		rlim_t most = 1 << 20;
		if (geteuid() != 0 ||
		    setrlimit(RLIMIT_NOFILE, &(struct rlimit){most, most}) < 0) {
			files.rlim_cur = files.rlim_max;
			setrlimit(RLIMIT_NOFILE, &files);
		}
	}
	struct sigaction action = {.sa_handler = on_signal};
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		sigaction(ending[i], &action, NULL);
	/* Descriptors 0 to 2 have to be taken, or a file of the guest would
	 * become our standard output. */
	for (int fd = 0; fd < 3;) {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			break;
		if (fd > 2)
			close(fd);
	}
}

/* mlock(2): whoever has no privilege may lock RLIMIT_MEMLOCK bytes; the start of the
 * address is rounded down, that of madvise(2) has to be a page's. */
void plat_memory_secret(void *at, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)at & ~(page - 1);
	size_t whole = len + ((uintptr_t)at - start);
	(void)mlock(at, len);
	(void)madvise((char *)at - ((uintptr_t)at - start), whole, MADV_DONTDUMP);
}

/* Linux before 3.17 has no call for it; the device has to be the real one. */
static ssize_t device_random(void *out, size_t len)
{
	struct stat st;
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -1;
	bool real = !fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 9);
	ssize_t n = real ? read(fd, out, len) : -1;
	int error = real ? errno : ENXIO;
	close(fd);
	errno = error;
	return n;
}

void plat_random(void *out, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom((char *)out + done, len - done, 0);
		if (n < 0 && errno == ENOSYS)
			n = device_random((char *)out + done, len - done);
		if (n > 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			fputs("imgsan: fatal: no random bytes\n", stderr);
			_exit(4);
		}
	}
}

static struct plat_id id_of(const struct stat *st)
{
	return (struct plat_id){st->st_dev, st->st_ino};
}

static void add_writers(DIR *proc, const char *pid, ids *found)
{
	_cleanup_free_ char *name = mem_printf("%s/fd", pid);
	int fd = openat(dirfd(proc), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct stat link, target;
		/* The link's own mode tells how the descriptor was opened. */
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    !fstatat(fd, entry->d_name, &link, AT_SYMLINK_NOFOLLOW) &&
		    (link.st_mode & S_IWUSR) && !fstatat(fd, entry->d_name, &target, 0) &&
		    S_ISREG(target.st_mode))
			*vec_add(found) = id_of(&target);
	}
	closedir(dir);
}

int plat_writers(struct plat_id **ret, size_t *ret_count)
{
	DIR *proc = opendir("/proc");
	if (!proc)
		return -ENOSYS;
	ids found = {0};
	for (struct dirent *entry; (entry = readdir(proc));)
		if (isdigit((unsigned char)entry->d_name[0]) && atoi(entry->d_name) != getpid())
			add_writers(proc, entry->d_name, &found);
	closedir(proc);
	if (found.n)
		qsort(found.v, found.n, sizeof *found.v, plat_id_compare);
	*ret = found.v;
	*ret_count = found.n;
	return 0;
}

static bool slurp_proc(pid_t pid, const char *what, struct buf *ret)
{
	_cleanup_free_ char *path = mem_printf("/proc/%d/%s", (int)pid, what);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	for (ssize_t n; (n = read(fd, buf_reserve(ret, 4096), 4096)) > 0;)
		ret->len += (size_t)n;
	close(fd);
	buf_reserve(ret, 1)[0] = 0;
	return true;
}

static void add_command_files(pid_t pid, ids *found)
{
	_cleanup_(buf_free) struct buf words = {0};
	if (!slurp_proc(pid, "cmdline", &words))
		return;
	_cleanup_free_ char *place = mem_printf("/proc/%d/cwd", (int)pid);
	int cwd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t at = 0; at < words.len; at += strlen(words.data + at) + 1) {
		struct stat st;
		if (!fstatat(cwd < 0 ? AT_FDCWD : cwd, words.data + at, &st, 0) &&
		    S_ISREG(st.st_mode))
			*vec_add(found) = id_of(&st);
	}
	if (cwd >= 0)
		close(cwd);
}

static pid_t parent_of(pid_t pid)
{
	_cleanup_(buf_free) struct buf text = {0};
	int parent = 0;
	if (!slurp_proc(pid, "stat", &text))
		return 0;
	const char *behind = strrchr(buf_text(&text), ')');
	if (!behind || sscanf(behind, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

int plat_own_files(struct plat_id **ret, size_t *ret_count)
{
	ids found = {0};
	struct stat st;
	if (!stat("/proc/self/exe", &st))
		*vec_add(&found) = id_of(&st);
	for (int fd = 0; fd < 3; fd++)
		if (!fstat(fd, &st) && S_ISREG(st.st_mode))
			*vec_add(&found) = id_of(&st);
	pid_t pid = getpid();
	for (int depth = 0; pid > 1 && depth < 32; depth++, pid = parent_of(pid))
		add_command_files(pid, &found);
	*ret = found.v;
	*ret_count = found.n;
	return 0;
}

uint64_t plat_caller_deadline(void)
{
	/* No agent documents a variable that carries its timeout to the command;
	 * the neutral name lets a wrapper that knows the limit pass it on. */
	const char *text = getenv("IMGSAN_DEADLINE");
	uint64_t seconds;
	return text && str_number(text, &seconds) ? seconds : 0;
}

unsigned plat_live_shells(void)
{
	static const char *const shells[] = {"bash", "zsh", "fish", "ksh", "tcsh", "ash"};
	unsigned count = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		int pid = atoi(entry->d_name);
		if (pid <= 0)
			continue;
		_cleanup_(buf_free) struct buf name = {0}, words = {0};
		int terminal = 0;
		if (!slurp_proc(pid, "stat", &words) || !slurp_proc(pid, "comm", &name))
			continue;
		const char *behind = strrchr(buf_text(&words), ')');
		if (!behind || sscanf(behind, ") %*c %*d %*d %*d %d", &terminal) != 1 ||
		    !terminal)
			continue;
		for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
			if (str_starts(buf_text(&name), shells[i]) &&
			    name.len == strlen(shells[i]) + 1)
				count++;
	}
	if (proc)
		closedir(proc);
	return count;
}
