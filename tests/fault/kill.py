# SPDX-License-Identifier: MIT
"""Killed at a changing system call and run again, clean ends where it would have
ended without: at the same tree. Every call in the long run, a spread of them
otherwise."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader
import strace
import tree

CALLS = [c for c in strace.CHANGING if c not in ("mount", "umount2", "pivot_root")] + [
    "fsync", "fdatasync"]
FEW = 60  # in the default run
TRIES = 4


def fresh(t, g, name):
    root = t.path(name)
    check.wipe(root)
    plant.copy(g.root, root)
    return root


def end_state(t, g, root):
    found = reader.search(root, g.secrets)
    return tree.snapshot(root), sorted(found)


def compare(t, wanted, got, text):
    ignore = tree.TIMES + ("inode",)
    lines = tree.differences(wanted[0], got[0], ignore)
    t.equal(lines[:5], [], text + ": the tree")
    t.equal(got[1], wanted[1], text + ": the secrets left")


def kill_points(t, g):
    root, log = fresh(t, g, "counted"), t.path("counted.log")
    run = t.run("clean", "--root", root, "--yes", json_report=False,
                wrap=strace.wrap(log, follow=False, calls=CALLS))
    t.ok(run.code in (0, 1), "clean under strace: %s" % run)
    points = [(c.name, c.number) for c in strace.read(log) if strace.changes(c)]
    t.ok(len(points) > 20, "changing calls: %d" % len(points))
    return points


def spread(points):
    """A few of each kind of call, first and last among them."""
    kinds = {}
    for name, number in points:
        kinds.setdefault(name, []).append((name, number))
    each = max(2, FEW // len(kinds))
    chosen = []
    for of_kind in kinds.values():
        step = max(1, (len(of_kind) - 1) // (each - 1))
        chosen += of_kind[::step][:each - 1] + [of_kind[-1]]
    return sorted(set(chosen))


def test(t):
    if not strace.available():
        t.note("skipped: no strace")
        return
    g = plant.guest(t.path("guest"))
    root = fresh(t, g, "undisturbed")
    run = t.run("clean", "--root", root, "--yes")
    t.ok(run.code in (0, 1), "clean: %s" % run)
    wanted = end_state(t, g, root)
    code = t.run("clean", "--root", root, "--yes").code
    compare(t, wanted, end_state(t, g, root), "a second run")
    points = kill_points(t, g)
    chosen = points if t.long else spread(points)
    missed = []
    for name, number in chosen:
        # The number of a call moves a little from run to run: one may have fewer.
        for _ in range(TRIES):
            root = fresh(t, g, "killed")
            run = t.run("clean", "--root", root, "--yes", json_report=False, wrap=[
                "strace", "-o", "/dev/null", "-e", "trace=" + name,
                "-e", "inject=%s:signal=SIGKILL:when=%d" % (name, number)])
            if run.code in (-9, 137):
                break
        else:
            missed.append("%s %d" % (name, number))
        again = t.run("clean", "--root", root, "--yes")
        what = "killed at %s %d" % (name, number)
        t.equal(again.code, code, what + ": the code of the run after")
        compare(t, wanted, end_state(t, g, root), what)
        if t.failed > 20:
            break
    t.note("%d calls change something; killed at %d of %d tried; never reached: %s" % (
        len(points), len(chosen) - len(missed), len(chosen), ", ".join(missed) or "none"))
    t.ok(not missed, "the kills reach the program: %s" % missed)


check.main(test)
