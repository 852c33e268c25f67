# SPDX-License-Identifier: MIT
"""A local user swaps directories and links in his home and in /tmp while root
cleans the guest again and again. Nothing outside is ever touched."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import ctypes
import mmap
import signal
import struct
import time

import check
import plant
import tree

NOBODY = 65534
AT_FDCWD, EXCHANGE = -100, 2
NAMES = (".bash_history", "id_ed25519", "a.txt", "credentials", ".netrc", "app.json")
libc = ctypes.CDLL(None, use_errno=True)


def exchange(a, b):
    return libc.renameat2(AT_FDCWD, a.encode(), AT_FDCWD, b.encode(), EXCHANGE)


def bait(folder):
    """Files like those that clean takes, for it to go after."""
    os.makedirs(folder, exist_ok=True)
    for name in NAMES:
        try:
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write('{"password": "%s"}\n' % plant.token(12))
        except OSError:
            pass


def pair(base, name, target):
    """A directory with bait, and a link to somewhere else to swap it with."""
    real, link = os.path.join(base, name), os.path.join(base, name + ".other")
    try:
        os.path.islink(real) and os.unlink(real)
        bait(real)
        os.path.lexists(link) or os.symlink(target, link)
        os.path.lexists(real + "/deep") or os.symlink(target, real + "/deep")
    except OSError:
        pass
    return real, link


def attack(bases, targets, counter, seed):
    """Never ends; counts its successful swaps."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    names = (".ssh", ".aws", "project", "upload", ".cache")
    round_ = seed
    while True:
        round_ += 1
        base = bases[round_ % len(bases)]
        name = names[round_ % len(names)]
        target = targets[round_ % len(targets)]
        real, link = pair(base, name, target)
        for _ in range(20):
            if exchange(real, link) == 0:
                counter[seed * 8:seed * 8 + 8] = struct.pack(
                    "q", struct.unpack("q", counter[seed * 8:seed * 8 + 8])[0] + 1)
        single = os.path.join(base, ".bash_history")
        try:
            os.path.lexists(single) and os.unlink(single)
            if round_ % 3 == 0:
                os.symlink(target + "/" + NAMES[0], single)
            elif round_ % 3 == 1:
                os.link(target + "/" + NAMES[0], single)
            else:
                with open(single, "w", encoding="ascii") as file:
                    file.write(plant.token())
        except OSError:
            pass


def sentinel(folder, secret):
    """A place that must not be touched; outside the guest it looks like bait."""
    os.makedirs(folder)
    for name in NAMES:
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write('{"password": "%s"}\n' % plant.token(12) if secret else "nothing\n")
    os.makedirs(os.path.join(folder, "sub/deeper"))
    return folder


def swaps(counter, count):
    return sum(struct.unpack("q", counter[i * 8:i * 8 + 8])[0] for i in range(count))


def test(t):
    wanted = 10000 if t.long else 500
    g = plant.guest(t.path("guest"))
    os.chmod(t.scratch, 0o755)
    home = g.mkdir("/home/mallory", mode=0o755, uid=NOBODY)
    with open(g.path("/etc/passwd"), "a", encoding="ascii") as file:
        file.write("mallory:x:%d:%d::/home/mallory:/bin/sh\n" % (NOBODY, NOBODY))
    places = [sentinel(t.path("outside"), True), sentinel(g.path("/etc/keep"), False)]
    targets = [t.path("outside"), g.path("/etc/keep"), "/etc/keep", "../../etc/keep"]
    bases = [home, g.path("/tmp"), g.path("/var/tmp")]
    # Without this protection the kernel lets him hold links to files of root,
    # which moves their link count and ctime without us.
    with open("/proc/sys/fs/protected_hardlinks", encoding="ascii") as file:
        ignore = ("atime",) if file.read().strip() == "1" else ("atime", "ctime", "links")
    before = [tree.snapshot(place) for place in places]
    counter = mmap.mmap(-1, 4096)
    attackers = []
    runs = 0
    try:
        for seed in range(2):
            pid = os.fork()
            if pid == 0:
                attack(bases, targets, counter, seed)
            attackers.append(pid)
        end = time.monotonic() + (3600 if t.long else 120)
        # Swaps count only as far as there are runs for them to meet.
        while (swaps(counter, 2) < wanted or runs < wanted // 5) and time.monotonic() < end:
            run = t.run("clean", "--root", g.root, "--yes", json_report=False)
            runs += 1
            if not t.ok(run.code in (0, 1, 3, 5), "clean in a race: %s" % run):
                break
    finally:
        for pid in attackers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    t.ok(swaps(counter, 2) >= wanted, "only %d swaps" % swaps(counter, 2))
    for place, was in zip(places, before):
        t.equal(tree.differences(was, tree.snapshot(place), ignore)[:10], [], "touched: " + place)
    t.equal(g.decoys_hurt(), [], "decoys")
    t.note("%d swaps during %d runs" % (swaps(counter, 2), runs))


check.main(test, root=True)
