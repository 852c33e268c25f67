# SPDX-License-Identifier: MIT
"""A tree as it is, for comparing: every entry with all that can be seen of it.

Walks by directory descriptors, so that any depth and any name works, and opens
with O_NOATIME, so that looking changes nothing.
"""
import hashlib
import os
import resource
import stat

TIMES = ("mtime", "ctime", "atime")


def _open(path, flags, dir_fd=None):
    try:
        return os.open(path, flags | os.O_NOATIME | os.O_NOFOLLOW, dir_fd=dir_fd)
    except PermissionError:
        return os.open(path, flags | os.O_NOFOLLOW, dir_fd=dir_fd)


def digest(fd):
    """Of the data extents and their places: a sparse terabyte is quick."""
    size = os.fstat(fd).st_size
    total = hashlib.sha256()
    at = 0
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:
            break
        at = start
        end = os.lseek(fd, start, os.SEEK_HOLE)
        while at < end:
            chunk = os.pread(fd, min(1 << 20, end - at), at)
            if not chunk:
                return total.hexdigest()
            if chunk.count(0) != len(chunk):
                total.update(b"%d:" % at + chunk)
            at += len(chunk)
    return total.hexdigest()


def xattrs(name, dir_fd):
    """The descriptor's /proc name reaches entries that no path can."""
    path = os.fsencode("/proc/self/fd/%d/" % dir_fd) + name
    try:
        return {key: os.getxattr(path, key, follow_symlinks=False)
                for key in os.listxattr(path, follow_symlinks=False)}
    except OSError:
        return {}


def entry(name, dir_fd, content=True):
    info = os.stat(name, dir_fd=dir_fd, follow_symlinks=False)
    got = {
        "type": stat.S_IFMT(info.st_mode), "mode": stat.S_IMODE(info.st_mode),
        "uid": info.st_uid, "gid": info.st_gid, "links": info.st_nlink,
        "inode": info.st_ino, "size": info.st_size, "rdev": info.st_rdev,
        "mtime": info.st_mtime_ns, "ctime": info.st_ctime_ns, "atime": info.st_atime_ns,
        "xattrs": xattrs(name, dir_fd),
    }
    if stat.S_ISDIR(info.st_mode):
        got["size"] = 0  # of the directory file: says nothing
    elif stat.S_ISREG(info.st_mode) and content:
        fd = _open(name, os.O_RDONLY, dir_fd)
        try:
            got["sha256"] = digest(fd)
        finally:
            os.close(fd)
    elif stat.S_ISLNK(info.st_mode) and content:
        # Reading a link's target moves its time: only when contents are compared.
        got["target"] = os.readlink(name, dir_fd=dir_fd)
    return got


def walk(root):
    """Yields (path, name, dir_fd) of every entry, parents first; bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    root = os.fsencode(root)
    fd = _open(root, os.O_RDONLY | os.O_DIRECTORY)
    yield b"", b".", fd
    stack = [(fd, b"", sorted(os.fsencode(n) for n in os.listdir(fd)))]
    while stack:
        fd, path, names = stack[-1]
        if not names:
            os.close(fd)
            stack.pop()
            continue
        name = names.pop()
        yield path + b"/" + name, name, fd
        try:
            sub = _open(name, os.O_RDONLY | os.O_DIRECTORY, fd)
        except OSError:
            continue
        stack.append((sub, path + b"/" + name,
                      sorted(os.fsencode(n) for n in os.listdir(sub))))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def snapshot(root, content=True):
    return {path: entry(name, fd, content) for path, name, fd in walk(root)}


def differences(before, after, ignore=()):
    """Readable lines; empty when the trees are the same but for `ignore`."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        a, b = before.get(path), after.get(path)
        if a is None or b is None:
            lines.append("%s %r" % ("new" if a is None else "gone", path))
            continue
        for key in sorted(a.keys() | b.keys()):
            if key not in ignore and a.get(key) != b.get(key):
                lines.append("%s of %r: %r -> %r" % (key, path, a.get(key), b.get(key)))
    return lines
