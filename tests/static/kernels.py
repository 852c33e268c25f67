# SPDX-License-Identifier: MIT
"""Old kernels, as far as a new one can show them: every system call the static file makes
is in a table with the kernel it came with, and with all calls younger than 3.10 answered by
"not implemented" the same tree comes out of clean."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader
import strace
import tree

FLOOR = (3, 10)

# Since which kernel; "2.6" stands for 2.6.39 and all before.
SINCE = {"2.6": """
    access arch_prctl brk capset chdir chmod chown chroot clock_getres clock_gettime
    clock_nanosleep clone close connect dup dup2 dup3 eventfd2 execve exit exit_group
    faccessat fadvise64 fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr
    flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex getcwd
    getdents64 getegid geteuid getgid getpid getppid getrlimit getrusage gettid gettimeofday
    getuid ioctl kill linkat lseek lstat madvise mkdir mkdirat mlock mmap mprotect mremap munmap
    nanosleep newfstatat open openat pipe pipe2 poll ppoll prctl pread64 prlimit64 pwrite64
    read readlink readlinkat readv recvmsg rename renameat restart_syscall rmdir
    rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sendmsg
    set_robust_list set_tid_address setgroups setpgid setresgid setresuid setrlimit setsid
    setsockopt shutdown sigaltstack socket socketpair stat statfs symlinkat sysinfo tgkill tkill
    umask uname unlink unlinkat unshare utimensat wait4 write writev""",
         "3.15": "renameat2", "3.17": "getrandom seccomp memfd_create", "4.3": "membarrier",
         "4.5": "copy_file_range", "4.6": "preadv2", "4.11": "statx", "4.18": "rseq", "5.2": "open_tree",
         "5.3": "clone3 pidfd_open", "5.6": "openat2", "5.8": "faccessat2", "5.9": "close_range",
         "5.12": "mount_setattr",
         "5.13": "landlock_create_ruleset landlock_restrict_self landlock_add_rule",
         "6.6": "fchmodat2"}

# Old calls with a new option. What is younger than the floor must be allowed to fail;
# the program does not look at the answer of these.
OPTIONS = re.compile(r"\b(PR_[A-Z_]+|MADV_[A-Z]+|O_TMPFILE|MSG_[A-Z_]+|MAP_[A-Z_]+|F_[A-Z_0-9]+|"
                     r"SEEK_[A-Z]+|CLONE_[A-Z_]+)\b")
KNOWN = """PR_CAPBSET_DROP PR_SET_DUMPABLE PR_SET_NO_NEW_PRIVS PR_SET_PDEATHSIG PR_SET_SECCOMP
    MADV_DONTNEED MADV_DONTDUMP MSG_CMSG_CLOEXEC MSG_NOSIGNAL MSG_DONTWAIT MSG_TRUNC MSG_CTRUNC MSG_PEEK
    MAP_PRIVATE MAP_ANONYMOUS MAP_SHARED MAP_FIXED MAP_NORESERVE MAP_STACK
    F_GETFD F_SETFD F_GETFL F_SETFL F_DUPFD_CLOEXEC SEEK_SET SEEK_CUR SEEK_END SEEK_DATA
    SEEK_HOLE CLONE_NEWNET CLONE_NEWIPC""".split()
MAY_FAIL = """PR_CAP_AMBIENT PR_CAP_AMBIENT_CLEAR_ALL MADV_FREE""".split()


def since(name):
    for version, names in SINCE.items():
        if name in names.split():
            return tuple(int(part) for part in version.split("."))
    return None


def calls(t, g):
    """The names of all calls of scan, clean and verify, all processes."""
    seen, options = set(), set()
    for command in (["scan"], ["clean", "--yes"], ["verify"]):
        log = t.path("calls.log")
        t.run(*command, "--root", g.root, json_report=False,
              wrap=["strace", "-f", "-o", log, "-e", "signal=none"])
        found = strace.read(log)
        t.ok(len({call.pid for call in found}) >= 3, "the workers are traced, too")
        seen |= {call.name for call in found}
        for call in found:
            options |= set(OPTIONS.findall(call.text))
    return seen, options


def fresh(t, g, name):
    root = t.path(name)
    plant.copy(g.root, root)
    return root


def as_old(t, g, young):
    new, old = fresh(t, g, "new"), fresh(t, g, "old")
    now = t.run("clean", "--root", new, "--yes")
    inject = ["strace", "-f", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=" + ",".join(young),
              "-e", "inject=%s:error=ENOSYS" % ",".join(young)]
    then = t.run("clean", "--root", old, "--yes", wrap=inject)
    t.ok(now.code in (0, 1) and then.code == now.code, "clean as on 3.10: %s, now: %s" % (then, now.code))
    t.equal([s["error"] for s in then.steps("failed")], [], "failed steps")
    t.ok("landlock" in now.report["protections"] or not check.is_root(), "a kernel with Landlock")
    t.equal(sorted(set(now.report["protections"]) - set(then.report["protections"])), ["landlock"],
            "what is missing is told")
    ignore = tree.TIMES + ("inode",)
    t.equal(tree.differences(tree.snapshot(new), tree.snapshot(old), ignore)[:5], [], "the tree")
    t.equal(sorted(reader.search(old, g.secrets)), sorted(reader.search(new, g.secrets)),
            "the secrets left")
    # Each alone, too: a fallback must not lean on another one.
    for name in young:
        root = fresh(t, g, "one")
        run = t.run("scan", "--root", root, wrap=[
            "strace", "-f", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=" + name,
            "-e", "inject=%s:error=ENOSYS" % name])
        t.ok(run.code == 1 and len(run.steps()) >= 20, "without %s: %s" % (name, run))
        check.wipe(root)


def test(t):
    if not strace.available():
        t.note("skipped: no strace")
        return
    g = plant.guest(t.path("guest"))
    used = fresh(t, g, "used")
    names, options = calls(t, plant.Guest(used))
    unknown = sorted(name for name in names if not since(name))
    t.equal(unknown, [], "calls that are not in the table")
    t.equal(sorted(options - set(KNOWN) - set(MAY_FAIL)), [], "options that are not in the table")
    young = sorted(name for name in names if (since(name) or FLOOR) > FLOOR)
    for name in sorted(names, key=lambda n: (since(n) or (0,), n)):
        t.note("%-8s %s" % (".".join(map(str, since(name) or ())), name))
    # It has to be able to fail, and it is about something.
    t.ok("statx" in young and since("no_such_call") is None, "young calls: %s" % young)
    as_old(t, g, young)


check.main(test, static=True)
