/* SPDX-License-Identifier: MIT */
/* The lock round a worker. Each guard stands alone: where the kernel or the
 * caller's rights do not allow one, the others still hold, and the worker says
 * which ones do. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Far above what accounts and containers use; a worker adds its process id, so
 * that no two that live at one time share an owner. */
enum { FIRST_UID = 0x70000000 };

/* What holds secrets; old kernels give 64 kB. */
#define MOST_LOCKED (16u << 20)
/* What a worker may hold besides the messages it has in hand: packs of git. */
enum { FILES_KEPT = 512 };

/* Where /proc does not tell the footprint, be generous rather than useless. */
#define FOOTPRINT_UNKNOWN ((uint64_t)1 << 30)

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

uint64_t sandbox_footprint(void)
{
	_cleanup_(close_fd) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[64] = "";
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return 0;
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- the empty root ---- */

/* A process that lives until its end of the pipe is closed. */
static pid_t stranger_start(int *ret_leash)
{
	int leash[2];
	if (pipe2(leash, O_CLOEXEC) < 0)
		return -1;
	pid_t stranger = fork();
	if (stranger == 0) {
		char none;
		close(leash[1]);
		while (read(leash[0], &none, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	close(leash[0]);
	if (stranger < 0)
		close(leash[1]);
	else
		*ret_leash = leash[1];
	return stranger;
}

static bool root_enter(pid_t stranger)
{
	char place[64];
	snprintf(place, sizeof place, "/proc/%d/fdinfo", (int)stranger);
	return chdir(place) == 0 && chroot(".") == 0 && chdir("/") == 0;
}

/* Root becomes the /proc directory of a process that then ends: what is left is
 * a directory without a name, without members, in which nothing can be made. */
bool sandbox_empty_root(void)
{
	int leash;
	if (geteuid() != 0)
		return false;
	pid_t stranger = stranger_start(&leash);
	if (stranger < 0)
		return false;
	bool entered = root_enter(stranger);
	close(leash);
	while (waitpid(stranger, NULL, 0) < 0 && errno == EINTR)
		;
	/* The stranger had a descriptor 0 to 2 or the leash: all gone now. */
	struct stat gone;
	for (char name[] = "/0"; entered && name[1] < '8'; name[1]++)
		entered = lstat(name, &gone) < 0;
	return entered;
}

/* ---- limits ---- */

#ifdef __GLIBC__
typedef __rlimit_resource_t resource;
#else
typedef int resource;
#endif

static bool limit(resource what, uint64_t value)
{
	struct rlimit now, wanted = {.rlim_cur = value, .rlim_max = value};
	/* Without privilege a limit can only sink. */
	if (getrlimit(what, &now) == 0 && now.rlim_max < wanted.rlim_max)
		wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
	return setrlimit(what, &wanted) == 0;
}

static bool limits_set(const struct plat_worker_limits *limits, uint64_t base)
{
	bool all = limit(RLIMIT_CORE, 0);
	(void)limit(RLIMIT_MEMLOCK, MOST_LOCKED);
	all &= limit(RLIMIT_NOFILE, FILES_KEPT + PLAT_FILES_MAX * 2 + 16);
	all &= limit(RLIMIT_NPROC, 0);
	if (limits->cpu_seconds)
		all &= limit(RLIMIT_CPU, limits->cpu_seconds);
	if (SANDBOX_SANITIZED)
		return all;
	all &= limit(RLIMIT_FSIZE, 0);
	if (limits->memory)
		all &= limit(RLIMIT_AS, (base ? base : FOOTPRINT_UNKNOWN) + limits->memory);
	return all;
}

/* ---- own user, no capabilities ---- */

static void bounding_set_drop(void)
{
	for (unsigned long cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL)
			break;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static bool capabilities_clear(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}, {0}};
	return syscall(SYS_capset, &head, none) == 0;
}

/* The bounding set first: changing it needs what the next lines give up. */
static bool user_change(void)
{
	uid_t own = FIRST_UID + (uid_t)getpid();
	bool root = geteuid() == 0;
	if (root)
		bounding_set_drop();
	bool changed = root && setgroups(0, NULL) == 0 && setresgid(own, own, own) == 0 &&
		       setresuid(own, own, own) == 0;
	return capabilities_clear() && changed && getuid() == own;
}

/* ---- Landlock ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

/* As of ABI 6; older kernels read only the part they know. */
struct landlock_ruleset {
	uint64_t files, network, scopes;
};

/* How many rights of each kind an ABI version knows: the first `n` bits. */
static const struct landlock_abi {
	unsigned files, network, scopes;
	size_t size;
} landlock_abis[] = {
	{13, 0, 0, 8},	{14, 0, 0, 8},	{15, 0, 0, 8},
	{15, 2, 0, 16}, {16, 2, 0, 16}, {16, 2, 2, 24},
};

static uint64_t low_bits(unsigned count)
{
	return ((uint64_t)1 << count) - 1;
}

/* A ruleset that handles everything and allows nothing. */
static bool landlock_close(void)
{
	enum { KNOWN = sizeof landlock_abis / sizeof *landlock_abis };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1U);
	if (abi < 1)
		return false;
	const struct landlock_abi *knows = &landlock_abis[(abi < KNOWN ? abi : KNOWN) - 1];
	struct landlock_ruleset none = {low_bits(knows->files), low_bits(knows->network),
					low_bits(knows->scopes)};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &none, knows->size, 0U);
	if (fd < 0)
		return false;
	bool done = syscall(SYS_landlock_restrict_self, fd, 0U) == 0;
	close(fd);
	return done;
}

/* ---- all of it ---- */

unsigned sandbox_lock(const struct plat_worker_limits *limits, uint64_t base, unsigned without)
{
	unsigned holds = 0, wanted = ~without;
	prctl(PR_SET_DUMPABLE, 0);
	if ((wanted & PLAT_GUARD_LIMITS) && limits_set(limits, base))
		holds |= PLAT_GUARD_LIMITS;
	if ((wanted & PLAT_GUARD_UID) && user_change())
		holds |= PLAT_GUARD_UID;
	/* The kernel forgets these when the user changes. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	if ((wanted & PLAT_GUARD_NNP) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		holds |= PLAT_GUARD_NNP;
	if ((wanted & PLAT_GUARD_LANDLOCK) && landlock_close())
		holds |= PLAT_GUARD_LANDLOCK;
	if ((wanted & PLAT_GUARD_CALLS) && filter_install())
		holds |= PLAT_GUARD_CALLS;
	return holds;
}

const char *plat_guard_text(unsigned guard)
{
	switch (guard) {
	case PLAT_GUARD_UID:
		return "a user id of its own (is this run by root?)";
	case PLAT_GUARD_ROOT:
		return "an empty root directory";
	case PLAT_GUARD_NNP:
		return "no way to gain privileges";
	case PLAT_GUARD_LIMITS:
		return "limits on memory and processor time";
	case PLAT_GUARD_CALLS:
		return "a filter of system calls";
	case PLAT_GUARD_LANDLOCK:
		return "Landlock (is the kernel older than 5.13?)";
	default:
		return NULL;
	}
}
