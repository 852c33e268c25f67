/* SPDX-License-Identifier: MIT */
/* The system-call filter of the workers.
 *
 * Three answers: what reading and answering needs goes through; what a library
 * or a curious test may well try is refused with EPERM, so that the library can
 * cope; everything else ends the process, because nothing innocent calls it.
 * Calls that came with number 424 or later (one numbering for all
 * architectures) do not exist in here: a libc newer than this table then takes
 * its older way, and openat2, clone3, io_uring and pidfd are gone at a stroke. */
#include "sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

#define ALLOW SECCOMP_RET_ALLOW
#define REFUSE (SECCOMP_RET_ERRNO | 1)	/* EPERM */
#define ABSENT (SECCOMP_RET_ERRNO | 38) /* ENOSYS */
#define KILL SECCOMP_RET_KILL_PROCESS

enum { FIRST_NEW_CALL = 424, PER_RULE = 6 };

/* The first rule that fits decides. With `arg` > 0 it fits only if the low word
 * of argument arg-1, masked, equals value; the kernel itself looks at the low
 * word only of every argument that is tested here. */
struct call_rule {
	long call;
	unsigned answer;
	unsigned arg, mask, value;
};

#define CALL(name, answer)                  \
	{                                   \
		SYS_##name, answer, 0, 0, 0 \
	}
#define CALL_IF(name, arg, mask, value, answer)                                    \
	{                                                                          \
		SYS_##name, answer, (arg) + 1, (unsigned)(mask), (unsigned)(value) \
	}

static const struct call_rule rules[] = {
	CALL(pread64, ALLOW),
	CALL(preadv2, ALLOW),
	CALL(read, ALLOW),
	CALL(readv, ALLOW),
	CALL(lseek, ALLOW),
	CALL(recvmsg, ALLOW),
	CALL(sendmsg, ALLOW),
	CALL(close, ALLOW),
	CALL(fstat, ALLOW),
	/* glibc's fstat; in an empty root the name can not lead anywhere. */
	CALL_IF(newfstatat, 3, ~0U, AT_EMPTY_PATH, ALLOW),
	CALL(newfstatat, REFUSE),
	CALL(futex, ALLOW),
	CALL(brk, ALLOW),
	CALL(munmap, ALLOW),
	CALL(mremap, ALLOW),
	CALL(madvise, ALLOW),
	CALL(mlock, ALLOW),
	CALL_IF(mmap, 2, PROT_EXEC, 0, ALLOW),
	CALL(mmap, REFUSE),
	CALL_IF(mprotect, 2, PROT_EXEC, 0, ALLOW),
	CALL(mprotect, REFUSE),
	CALL_IF(write, 0, ~0U, 2, ALLOW), /* a last word on stderr */
	CALL(write, REFUSE),
	CALL_IF(fcntl, 1, ~0U, F_GETFD, ALLOW),
	CALL_IF(fcntl, 1, ~0U, F_SETFD, ALLOW),
	CALL_IF(fcntl, 1, ~0U, F_GETFL, ALLOW),
	CALL(fcntl, REFUSE),
	CALL(clock_gettime, ALLOW),
	CALL(clock_getres, ALLOW),
	CALL(clock_nanosleep, ALLOW),
	CALL(nanosleep, ALLOW),
	CALL(gettimeofday, ALLOW),
	CALL(times, ALLOW),
	CALL(getrusage, ALLOW),
	CALL(getrandom, ALLOW),
	CALL(sysinfo, ALLOW), /* qsort of older glibc asks for the memory size */
	CALL(sched_yield, ALLOW),
	CALL(sched_getaffinity, ALLOW),
	CALL(getpid, ALLOW),
	CALL(gettid, ALLOW),
	CALL(getuid, ALLOW),
	CALL(geteuid, ALLOW),
	CALL(getgid, ALLOW),
	CALL(getegid, ALLOW),
	CALL(ppoll, ALLOW),
	CALL(rt_sigreturn, ALLOW),
	CALL(rt_sigprocmask, ALLOW),
	CALL(rt_sigaction, ALLOW),
	CALL(sigaltstack, ALLOW),
	CALL(restart_syscall, ALLOW),
	CALL(fadvise64, ALLOW),
	CALL(exit, ALLOW),
	CALL(exit_group, ALLOW),
	CALL(openat, REFUSE),
	CALL(faccessat, REFUSE),
	CALL(readlinkat, REFUSE),
	CALL(getcwd, REFUSE),
	CALL(chdir, REFUSE),
	CALL(getdents64, REFUSE),
	CALL(socket, REFUSE),
	CALL(socketpair, REFUSE),
	CALL(connect, REFUSE),
	CALL(bind, REFUSE),
	CALL(sendto, REFUSE),
	CALL(recvfrom, REFUSE),
	CALL(execve, REFUSE),
	CALL(execveat, REFUSE),
	CALL(clone, REFUSE),
	CALL(kill, REFUSE),
	CALL(tkill, REFUSE),
	CALL(tgkill, REFUSE),
	CALL(ptrace, REFUSE),
	CALL(getppid, REFUSE),
	CALL(ioctl, REFUSE),
	CALL(prctl, REFUSE),
	CALL(uname, REFUSE),
	CALL(dup, REFUSE),
	CALL(dup3, REFUSE),
	CALL(pipe2, REFUSE),
	CALL(pwrite64, REFUSE),
	CALL(writev, REFUSE),
	CALL(umask, REFUSE),
	CALL(statx, REFUSE),
	CALL(statfs, REFUSE),
	CALL(fstatfs, REFUSE),
	CALL(set_robust_list, REFUSE),
	CALL(membarrier, REFUSE),
#if SANDBOX_SANITIZED
	CALL(prlimit64, ALLOW),
	CALL(mincore, ALLOW),
#else
	CALL(prlimit64, REFUSE),
#endif
#ifdef SYS_rseq
	CALL(rseq, REFUSE),
#endif
#ifdef __x86_64__ /* the older half of the table, which aarch64 never had */
	CALL(poll, ALLOW),
	CALL(time, ALLOW),
	CALL(open, REFUSE),
	CALL(creat, REFUSE),
	CALL(stat, REFUSE),
	CALL(lstat, REFUSE),
	CALL(access, REFUSE),
	CALL(readlink, REFUSE),
	CALL(getdents, REFUSE),
	CALL(fork, REFUSE),
	CALL(vfork, REFUSE),
	CALL(dup2, REFUSE),
	CALL(pipe, REFUSE),
	CALL(getrlimit, REFUSE),
	CALL(arch_prctl, REFUSE),
#endif
};

#define LOAD(place) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(place))
#define JUMP(how, value, yes, no) \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
#define FIELD(name) offsetof(struct seccomp_data, name)

/* Both architectures are little-endian: the low word comes first. */
static size_t rule_emit(const struct call_rule *rule, struct sock_filter *out)
{
	size_t n = 0;
	out[n++] = LOAD(FIELD(nr));
	out[n++] = JUMP(BPF_JEQ, (unsigned)rule->call, 0, rule->arg ? 4 : 1);
	if (rule->arg) {
		out[n++] = LOAD(FIELD(args) + (rule->arg - 1) * sizeof(uint64_t));
		out[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask);
		out[n++] = JUMP(BPF_JEQ, rule->value, 0, 1);
	}
	out[n++] = ANSWER(rule->answer);
	return n;
}

bool filter_install(void)
{
	enum { COUNT = sizeof rules / sizeof *rules };
	struct sock_filter code[COUNT * PER_RULE + 8];
	size_t n = 0;
	code[n++] = LOAD(FIELD(arch));
	code[n++] = JUMP(BPF_JEQ, OUR_ARCH, 1, 0);
	code[n++] = ANSWER(KILL);
	code[n++] = LOAD(FIELD(nr));
	code[n++] = JUMP(BPF_JGE, FIRST_NEW_CALL, 0, 1);
	code[n++] = ANSWER(ABSENT);
	for (size_t i = 0; i < COUNT; i++)
		n += rule_emit(&rules[i], code + n);
	code[n++] = ANSWER(KILL);
	struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool filter_install(void)
{
	return false;
}

#endif
