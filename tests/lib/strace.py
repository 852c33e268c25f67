# SPDX-License-Identifier: MIT
"""The calls of a run, as strace saw them."""
import collections
import re
import shutil

# Every call that can change a file system.
CHANGING = (
    "unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat "
    "mkdir mkdirat mknod mknodat truncate ftruncate fallocate chmod fchmod fchmodat "
    "chown fchown lchown fchownat utime utimes futimesat utimensat setxattr lsetxattr "
    "fsetxattr removexattr lremovexattr fremovexattr pwrite64 pwritev pwritev2 "
    "copy_file_range mount umount2 pivot_root swapoff swapon ioctl creat "
    "open openat openat2").split()
WRITES = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
LINE = re.compile(r"^(?:(\d+)\s+)?(\w+)\((.*)$")

Call = collections.namedtuple("Call", "pid name number text")


def available():
    return shutil.which("strace") is not None


def wrap(output, follow=True, calls=None):
    argv = ["strace", "-o", output, "-e", "signal=none", "-e", "trace=" + ",".join(
        "?" + c for c in calls or CHANGING)]
    return argv + (["-f", "-y"] if follow else [])


def read(path):
    """The calls in order; number counts a call's name from 1 in its process."""
    counts = collections.Counter()
    found = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            hit = LINE.match(line)
            if hit and "resumed>" not in line[:40]:
                pid, name, text = hit.groups()
                counts[pid, name] += 1
                found.append(Call(pid, name, counts[pid, name], line.rstrip()))
    return found


def changes(call):
    """Would this call change a file system? Opens only when they may write; of the
    ioctls only the one that sets attributes."""
    if call.name in ("open", "openat", "openat2"):
        return bool(WRITES.search(call.text))
    if call.name == "ioctl":
        return "SETFLAGS" in call.text or "FSSETXATTR" in call.text
    return True
