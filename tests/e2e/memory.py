# SPDX-License-Identifier: MIT
"""The memory of all processes of a run together: under 120 MB on a real root, and
the same whether a tree has few files or many."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import pss
import rootfs

MOST_KB = 120 * 1024


def peak(t, root, *more):
    """The highest sum of PSS in kB that was seen."""
    seen = pss.watch([t.imgsan, "scan", "--root", root, *more])
    t.ok(seen.code in (0, 1, 5), "scan ends with %d" % seen.code)
    t.ok(seen.looks >= 5 and seen.processes >= 3, "%d looks at %d processes" % (seen.looks, seen.processes))
    return seen.kb


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
