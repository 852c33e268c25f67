# SPDX-License-Identifier: MIT
"""The memory of a run, all its processes together: what they share counts once.

    seen = pss.watch([program, "scan"])     # seen.kb, seen.code
    python3 pss.py PROGRAM ARGS...          # prints the highest sum in kB
"""
import collections
import os
import subprocess
import sys
import time

Seen = collections.namedtuple("Seen", "code kb looks processes")


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


def now(top):
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


def watch(argv, every=0):
    """Runs it and looks as often as it can, or every so many seconds, at how much is in use."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    most = looks = processes = 0
    while process.poll() is None:
        total, count = now(process.pid)
        most, processes = max(most, total), max(processes, count)
        looks += 1
        time.sleep(every)
    return Seen(process.returncode, most, looks, processes)


if __name__ == "__main__":
    print(watch(sys.argv[1:]).kb)
