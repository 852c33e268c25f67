# SPDX-License-Identifier: MIT
"""The memory of all processes of a run together: under 120 MB on a real root, and
the same whether a tree has few files or many."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import subprocess

import check
import rootfs

MOST_KB = 120 * 1024


def parents():
    """{pid: parent} of all processes."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as file:
                found[int(pid)] = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    return found


def family(top):
    """The process and all that it started, and what they started."""
    above = parents()
    members = {top}
    while True:
        more = {pid for pid, parent in above.items() if parent in members} - members
        if not more:
            return members
        members |= more


def pss(top):
    """kB of all processes of a run, and how many there are."""
    total = 0
    members = family(top)
    for pid in members:
        try:
            with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
                total += sum(int(l.split()[1]) for l in file if l.startswith("Pss:"))
        except OSError:
            pass
    return total, len(members)


def peak(t, root, *more):
    """The highest sum of PSS in kB that was seen, and how often it was looked at."""
    process = subprocess.Popen(
        [t.imgsan, "scan", "--root", root, *more], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = looks = processes = 0
    while process.poll() is None:
        total, count = pss(process.pid)
        most, processes = max(most, total), max(processes, count)
        looks += 1
    t.ok(process.returncode in (0, 1, 5), "scan ends with %d" % process.returncode)
    t.ok(looks >= 5 and processes >= 3, "%d looks at %d processes" % (looks, processes))
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
    few, lots = (10000, 1000000) if t.long else (10000, 80000)
    seen = {}
    for count in (few, lots):
        root = t.path("many")
        many(root, count)
        # A short run is looked at too seldom to catch its peak each time.
        seen[count] = max(peak(t, root) for _ in range(4 if count == few else 1))
        check.wipe(root)
        t.note("%d files: %d kB" % (count, seen[count]))
    t.ok(seen[lots] < seen[few] * 1.1, "memory grows with the number of files: %r" % seen)
    root = rootfs.unpack(t.path("debian"))
    most = peak(t, root)
    t.note("the Debian root: %d kB" % most)
    t.ok(most < MOST_KB, "%d kB on the Debian root, at most %d" % (most, MOST_KB))


check.main(test, root=True)
