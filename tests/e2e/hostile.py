# SPDX-License-Identifier: MIT
"""What a disk may hold to trip root up: nothing outside is touched, nothing hangs,
what could not be done is said."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import glob
import re
import socket
import stat
import subprocess
import time

import check
import plant
import reader
import tree


def clean(t, g, *more, **options):
    return t.run("clean", "--root", g.root, "--yes", *more, **options)


def small(t, name):
    g = plant.bare(t.dir(name), "root", "alice")
    g.mkdir("/root", mode=0o700)
    g.mkdir("/home/alice", mode=0o700, uid=1000)
    return g


def unchanged(t, place, before, what):
    t.equal(tree.differences(before, tree.snapshot(place), ("atime",))[:5], [], what)


def links(t):
    """Links out of homes and out of the root lead nowhere."""
    g = small(t, "links")
    outside = t.dir("links-outside")
    for folder in (outside, g.path("/etc/keep")):
        os.makedirs(folder, exist_ok=True)
        for name in (".bash_history", "id_rsa", "credentials", "known_hosts"):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write("nothing to see\n")
    with open(outside + "/id_rsa", "w", encoding="ascii") as file:
        file.write(plant.private_key())
    os.symlink("/etc/keep", g.path("/root/.ssh"))
    os.symlink(outside, g.path("/home/alice/.ssh"))
    os.symlink(outside, g.path("/home/alice/.aws"))
    os.symlink("../../etc/keep", g.path("/home/alice/.config"))
    os.symlink(outside + "/.bash_history", g.path("/home/alice/.bash_history"))
    g.mkdir("/tmp")
    os.symlink(outside, g.path("/tmp/out"))
    g.mkdir("/var")
    os.symlink(outside, g.path("/var/log"))
    os.symlink("/etc", g.path("/home/bob"))
    os.symlink("loop-b", g.path("/home/loop-a"))
    os.symlink("loop-a", g.path("/home/loop-b"))
    os.symlink(".", g.path("/home/alice/self"))
    with open(g.path("/etc/passwd"), "a", encoding="ascii") as file:
        file.write("bob:x:1001:1001::/home/bob:/bin/sh\neve:x:1002:1002::/home/loop-a:/bin/sh\n"
                   "up:x:1003:1003::/../../..%s:/bin/sh\n" % outside)
    before = [tree.snapshot(outside), tree.snapshot(g.path("/etc/keep"))]
    run = clean(t, g)
    t.ok(run.code in (0, 1, 3, 5), "links: %s" % run)
    unchanged(t, outside, before[0], "outside of the root, through links")
    unchanged(t, g.path("/etc/keep"), before[1], "/etc/keep, through links")


def hard_links(t):
    """One name of a file that has to stay under another name."""
    g = small(t, "hard")
    g.decoy("/usr/lib/libx.so", b"\x7fELF library")
    g.decoy("/etc/app/readme", "hello\n")
    os.link(g.path("/usr/lib/libx.so"), g.path("/home/alice/.bash_history"))
    g.mkdir("/tmp")
    os.link(g.path("/etc/app/readme"), g.path("/tmp/readme"))
    g.mkdir("/var/log")
    os.link(g.path("/etc/app/readme"), g.path("/var/log/syslog"))
    secret = g.secret(plant.token(12), "/opt/app.json")
    g.write("/opt/app.json", b'{"password": "%s"}\n' % secret)
    os.link(g.path("/opt/app.json"), g.path("/opt/twin.json"))
    run = clean(t, g)
    t.ok(run.code in (0, 1, 3, 5), "hard links: %s" % run)
    t.equal(g.decoys_hurt(), [], "a file with a second name outside")


def odd_kinds(t):
    """FIFOs, sockets, devices, a sparse terabyte: nothing waits on them."""
    g = small(t, "kinds")
    for place in ("/root", "/tmp", "/var/log", "/etc"):
        g.mkdir(place)
        os.mkfifo(g.path(place + "/.bash_history" if place == "/root" else place + "/pipe"))
        server = socket.socket(socket.AF_UNIX)
        here = os.open(g.path(place), os.O_RDONLY)
        server.bind("/proc/self/fd/%d/sock" % here)  # no limit of 108 bytes this way
        os.close(here)
        server.close()
        if check.is_root():
            try:
                os.mknod(g.path(place + "/null"), stat.S_IFCHR | 0o600, os.makedev(1, 3))
                os.mknod(g.path(place + "/disk"), stat.S_IFBLK | 0o600, os.makedev(7, 200))
            except OSError:
                t.note("skipped: no devices can be made here")
    # Zero bytes make it a binary: there only tokens of a fixed shape are looked for.
    secret = g.secret(plant.github(), "/srv/sparse.conf")
    with open(g.path("/root/huge"), "wb") as file:
        file.truncate(1 << 40)
    g.write("/srv/sparse.conf", b"")
    with open(g.path("/srv/sparse.conf"), "r+b") as file:
        file.truncate(1 << 30)
        file.seek(512 << 20)
        file.write(b"\ntoken %s\n" % secret)
    before = tree.snapshot(g.root)
    start = time.monotonic()
    run = t.run("scan", "--root", g.root, timeout=120)
    t.ok(run.code in (1, 5), "odd kinds, scan: %s" % run)
    t.ok(time.monotonic() - start < 60, "a sparse terabyte takes no time")
    t.ok("sparse.conf" in str(run.report), "a secret behind a hole is seen")
    t.equal(tree.differences(before, tree.snapshot(g.root), tree.TIMES)[:5], [], "odd kinds, scan")
    run = clean(t, g, timeout=120)
    t.ok(run.code in (0, 1, 3, 5), "odd kinds, clean: %s" % run)
    t.equal(os.stat(g.path("/root/huge")).st_size, 1 << 40, "the sparse file")
    t.ok(os.stat(g.path("/root/huge")).st_blocks < 100, "the sparse file stays sparse")


def odd_names(t):
    """Names with newlines, escapes and invalid UTF-8; paths beyond 4096 bytes."""
    g = small(t, "names")
    names = [b"line\nbreak", b"\xff\xfe\x80", b"esc\x1b[31mred", b"quote\"'\\", b" lead", b"-rf",
             "smörgås".encode(), b"x" * 255, b"tab\t", b"\xe2\x80\xaertl"]
    g.mkdir("/tmp/deep")
    for name in names:
        for place in ("/tmp", "/root", "/home/alice"):
            key = os.fsencode(g.path(place)) + b"/" + name
            with open(key, "wb") as file:
                file.write(b"password = %s\n" % g.secret(plant.token(12), place))
    for place in ("/tmp/deep", "/root"):
        fd = os.open(g.path(place), os.O_RDONLY)
        for _ in range(25):
            os.mkdir(b"d" * 200, dir_fd=fd)
            new = os.open(b"d" * 200, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = new
        leaf = os.open("id_rsa", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=fd)
        key = plant.private_key("ed25519")
        g.secret(key.splitlines()[1][-24:], place)
        os.write(leaf, key.encode())
        os.close(leaf)
        os.close(fd)
    run = clean(t, g)
    t.ok(run.code in (0, 1), "odd names: %s" % run)
    left = reader.search(g.root, g.secrets)
    t.equal([(g.where[s], left[s]) for s in left][:3], [], "odd names: left")
    t.equal(os.listdir(g.path("/tmp")), [], "odd names in /tmp")
    for command in ("scan", "clean"):
        again = t.run(command, "--root", g.root, *(["--yes"] if command == "clean" else []), "-v",
                      json_report=False)
        t.ok(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]", again.out), "text is plain ASCII")


def dress(t):
    """Owner, mode, ACL, attributes and directory times survive a redaction."""
    g = small(t, "dress")
    path = g.write("/srv/app/app.json", '{"password": "%s", "port": 1}\n' % plant.token(12),
                   mode=0o640, uid=1000 if check.is_root() else os.getuid())
    try:
        os.setxattr(path, "user.note", b"kept")
        subprocess.run(["setfacl", "-m", "u:12345:r", path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        t.note("skipped: no attributes or ACL here")
    if check.is_root():
        try:
            os.setxattr(path, "security.selinux", b"system_u:object_r:etc_t:s0\0")
        except OSError:
            pass
    g.write("/home/alice/.bash_history", "x\n", uid=1000)
    g.write("/var/log/syslog", "x\n", mode=0o640)
    folders = [g.path(p) for p in ("/srv/app", "/home/alice", "/var/log", "/etc")]
    for folder in folders:
        os.utime(folder, ns=(10 ** 18, 10 ** 18 + 7))
    before = tree.snapshot(g.root)
    run = clean(t, g)
    after = tree.snapshot(g.root)
    t.ok(run.code in (0, 1), "dress: %s" % run)
    for path in (b"/srv/app/app.json", b"/var/log/syslog", b"/srv/app", b"/home/alice", b"/etc/shadow"):
        for key in ("mode", "uid", "gid", "xattrs", "links") + (("mtime",) if path in (
                b"/srv/app", b"/home/alice", b"/var/log", b"/etc") else ()):
            t.equal(after[path][key], before[path][key], "%s of %s" % (key, path.decode()))
    text = open(g.path("/srv/app/app.json"), encoding="ascii").read()
    t.ok(re.match(r'^\{"password": "[A-Za-z0-9]{12}", "port": 1\}\n$', text), "valid JSON: " + text)
    t.equal(after[b"/srv/app/app.json"]["size"], before[b"/srv/app/app.json"]["size"], "size")


def twice(t):
    """After a clean there is nothing left to do."""
    g = plant.guest(t.path("twice"))
    first = clean(t, g)
    t.ok(first.code in (0, 1), "first clean: %s" % first)
    t.ok(len(first.steps("done")) > 10, "the first clean does something")
    between = tree.snapshot(g.root)
    second = clean(t, g)
    t.equal(second.code, first.code, "second clean: %s" % second)
    t.equal([(s["action"], s["path"]) for s in second.steps()], [], "steps of a second clean")
    t.equal(tree.differences(between, tree.snapshot(g.root), ("atime",))[:5], [], "second clean")
    t.equal(g.decoys_hurt(), [], "decoys")


def short_output(t):
    """A very dirty tree: 6000 bytes, the verdict first and last."""
    g = small(t, "dirty")
    for number in range(1500):
        g.write("/srv/site%d/a-rather-long-name-for-a-file-%d.conf" % (number, number),
                "password = %s\n" % plant.token(14))
    for args in (("scan",), ("clean", "--yes")):
        run = t.run(*args, "--root", g.root, json_report=False)
        lines = run.out.decode("ascii").strip().splitlines()
        t.ok(len(run.out) <= 6000, "%s prints %d bytes" % (args[0], len(run.out)))
        t.ok(lines and lines[0].split(" - ")[0] == lines[-1].split(" - ")[0] and " - " in lines[0] and len(lines) > 5,
             "verdict first and last: %r ... %r" % (lines[:1], lines[-1:]))


def volume(t, size, name):
    """A small ext4 image mounted in this process's own mount namespace."""
    image, place = t.path(name + ".img"), t.dir(name)
    with open(image, "wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    done = subprocess.run(["mount", "-o", "loop", image, place], capture_output=True, check=False)
    if done.returncode:
        t.note("skipped: no loop mounts here")
        return None
    return place


def mounts(t):
    """Immutable files, a read-only mount, a full disk: on an image of our own."""
    place = volume(t, 32 << 20, "volume")
    if not place:
        return
    try:
        g = small(t, "volume/guest")
        immutable(t, g)
        full_disk(t, g)
        read_only(t, g, place)
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def attributes(path):
    return subprocess.run(["lsattr", "-d", path], capture_output=True, text=True,
                          check=True).stdout.split()[0]


def immutable(t, g):
    secret = plant.token(12)
    frozen = g.write("/srv/app.json", '{"password": "%s"}\n' % secret)
    gone = g.write("/root/.bash_history", "ls\n")
    log = g.write("/var/log/syslog", "x\n")
    subprocess.run(["chattr", "+i", frozen, gone], check=True)
    subprocess.run(["chattr", "+a", log], check=True)
    run = clean(t, g)
    t.ok(run.code in (0, 1, 3), "immutable: %s" % run)
    said = str(run.report)
    with open(frozen, encoding="ascii") as file:
        t.ok(secret not in file.read() or "app.json" in said, "an immutable file is done or told")
    t.ok("i" in attributes(frozen), "immutable is put back")
    t.ok(not os.path.lexists(gone) or ".bash_history" in said, "immutable history")
    if os.path.lexists(log):
        t.ok("a" in attributes(log), "append-only is put back")
    subprocess.run(["chattr", "-i", "-a", frozen, log] + [p for p in [gone] if os.path.exists(p)],
                   check=False, capture_output=True)


def full_disk(t, g):
    g.write("/root/.bash_history", "ls\n")
    secret = plant.token(12)
    g.write("/srv/full.json", '{"password": "%s"}\n' % secret)
    g.write("/etc/machine-id", plant.pick("hex", 32) + "\n")
    plant.accounts(g, [("root", 0, "/root", "/bin/bash")])
    fill = open(g.path("/filler"), "wb")
    try:
        while True:
            fill.write(b"\1" * 65536)
            fill.flush()
    except OSError:
        pass
    finally:
        try:
            fill.close()
        except OSError:
            pass
    run = clean(t, g)
    t.ok(run.code in (0, 1, 3), "a full disk: %s" % run)
    t.ok(not os.path.exists(g.path("/root/.bash_history")), "a full disk: history gone")
    with open(g.path("/srv/full.json"), encoding="ascii") as file:
        t.ok(secret not in file.read(), "a full disk: redacted in place")
    with open(g.path("/etc/shadow"), encoding="ascii") as file:
        t.ok(file.read().count("\n") >= 2, "a full disk: /etc/shadow is whole")
    os.unlink(g.path("/filler"))


def read_only(t, g, place):
    g.write("/root/.bash_history", "ls\n")
    g.write("/srv/app2.json", '{"password": "%s"}\n' % plant.token(12))
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    before = tree.snapshot(g.root)
    run = clean(t, g)
    t.equal(run.code, 3, "read-only: %s" % run)
    t.ok("ead-only" in str(run.report), "read-only is said")
    t.equal(tree.differences(before, tree.snapshot(g.root), ("atime",))[:5], [], "read-only")


def foreign_mount(t):
    """What is mounted below the root from elsewhere is not entered."""
    g = small(t, "foreign")
    g.mkdir("/tmp/mnt")
    g.mkdir("/home/alice/share", uid=1000)
    other = plant.Guest(t.dir("foreign-other"))
    other.decoy("/.bash_history", "x\n")
    other.decoy("/app.json", '{"password": "%s"}\n' % plant.token(12))
    mounted = []
    try:
        for place in ("/tmp/mnt", "/home/alice/share"):
            done = subprocess.run(["mount", "--bind", other.root, g.path(place)],
                                  capture_output=True, check=False)
            if done.returncode:
                t.note("skipped: no bind mounts here")
                return
            mounted.append(g.path(place))
        memory = g.mkdir("/tmp/memory")
        subprocess.run(["mount", "-t", "tmpfs", "none", memory], check=True)
        mounted.append(memory)
        with open(memory + "/keep", "w", encoding="ascii") as file:
            file.write("keep")
        run = clean(t, g)
        t.ok(run.code in (0, 1, 3, 5), "mounts below the root: %s" % run)
        t.equal(other.decoys_hurt(), [], "files in a bind mount")
        t.ok(os.path.exists(memory + "/keep"), "files in a tmpfs")
    finally:
        for place in mounted:
            subprocess.run(["umount", "-l", place], check=False)


def own_namespace(t):
    """Mounts of this test stay this test's own; False where that can not be."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if not check.is_root() or libc.unshare(0x00020000) or libc.mount(
            b"none", b"/", None, 0x4000 | (1 << 18), None):
        t.note("skipped: mounts need root")
        return False
    return True


def vanishing(t):
    """Files that come and go while they are looked at and removed."""
    g = small(t, "vanish")
    g.mkdir("/tmp")
    for number in range(3000):
        g.write("/tmp/%d/f" % number, "x")
    busy = subprocess.Popen(["sh", "-c", "while :; do for n in 1 2 3 4 5 6 7 8 9; do rm -rf $n[0-9]; mkdir -p $n$n; "
                             "echo x >$n$n/f; done; done"], cwd=g.path("/tmp"), stderr=subprocess.DEVNULL)
    try:
        run = clean(t, g)
    finally:
        busy.kill()
        busy.wait()
    t.ok(run.code in (0, 1, 3, 5), "vanishing files: %s" % run)


def many_histories(t):
    """A user's settings can not keep root busy: what is behind too many is told."""
    g = small(t, "histories")
    for number in range(3000):
        g.write("/opt/d/%d" % number, "")
    g.write("/home/alice/.bashrc", "HISTFILE=~/mine\n" +
            "".join("HISTFILE=/opt/d/$$%d\n" % number for number in range(40000)), uid=1000)
    g.write("/home/alice/mine", "ls\n", uid=1000)
    begin = time.monotonic()
    run = clean(t, g, "--only", "moved-histories")
    t.ok(time.monotonic() - begin < 60, "40,000 settings of histories: %s" % run)
    t.ok(not os.path.exists(g.path("/home/alice/mine")), "the first of many goes")
    t.ok(any("too many others" in (f["text"] or "") for f in run.findings()), "that there are too many is told")
    t.equal(run.code, 1, "too many: %s" % run)


def include_itself(t):
    """A file that includes itself is not read without end."""
    g = small(t, "include")
    g.write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n" * 4)
    begin = time.monotonic()
    run = clean(t, g, "--only", "cleaners")
    t.ok(time.monotonic() - begin < 60, "an endless include: %s" % run)
    t.equal(run.code, 0, "an endless include: %s" % run)


def test(t):
    for part in (links, hard_links, odd_kinds, odd_names, dress, twice, short_output, vanishing,
                 many_histories, include_itself):
        part(t)
    if own_namespace(t):
        mounts(t)
        foreign_mount(t)
    t.ok(not glob.glob(t.path("*/core*")), "no cores")


check.main(test)
