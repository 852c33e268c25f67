# SPDX-License-Identifier: MIT
"""The memory of all processes of a run together: under 120 MB on a real root, and
the same whether a tree has few files or many."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import subprocess
import time

import check
import rootfs

MOST_KB = 120 * 1024


def session_of(pid):
    with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[3])


def pss(session):
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if session_of(pid) != session:
                continue
            with open("/proc/%s/smaps_rollup" % pid, encoding="ascii") as file:
                total += sum(int(l.split()[1]) for l in file if l.startswith("Pss:"))
        except OSError:
            pass
    return total


def peak(t, root, *more):
    """The highest sum of PSS in kB that was seen, and how often it was looked at."""
    process = subprocess.Popen(
        [t.imgsan, "scan", "--root", root, *more], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    most = looks = 0
    while process.poll() is None:
        most = max(most, pss(process.pid))
        looks += 1
        time.sleep(0.02)
    t.ok(process.returncode in (0, 1, 5), "scan ends with %d" % process.returncode)
    t.ok(looks >= 5, "only %d looks" % looks)
    return most


def many(root, count):
    """Files like those of a server: most small, in folders of 500."""
    os.makedirs(root + "/etc", exist_ok=True)
    with open(root + "/etc/os-release", "w", encoding="ascii") as file:
        file.write("ID=debian\n")
    for number in range(count):
        folder = "%s/srv/data/%05d" % (root, number // 500)
        if number % 500 == 0:
            os.makedirs(folder)
        with open("%s/%d.txt" % (folder, number), "w", encoding="ascii") as file:
            file.write("line %d of a file without any secret\n" % number * 5)


def test(t):
    few, lots = (10000, 1000000) if t.long else (4000, 40000)
    seen = {}
    for count in (few, lots):
        root = t.path("many")
        many(root, count)
        seen[count] = peak(t, root)
        check.wipe(root)
        t.note("%d files: %d kB" % (count, seen[count]))
    t.ok(seen[lots] < seen[few] * 1.1, "memory grows with the number of files: %r" % seen)
    root = rootfs.unpack(t.path("debian"))
    most = peak(t, root)
    t.note("the Debian root: %d kB" % most)
    t.ok(most < MOST_KB, "%d kB on the Debian root, at most %d" % (most, MOST_KB))


check.main(test, root=True)
