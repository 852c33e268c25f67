# SPDX-License-Identifier: MIT
"""Ended early by a signal, a deadline or a vanished parent: between two steps, with
a report that says so. One clean at a time."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import json
import signal
import subprocess
import time

import check
import plant
import strace

INCOMPLETE = 5  # "could not be examined, or the run was cut short"


def guest(t, name):
    """Enough steps that an end finds some undone, each slowed by strace below."""
    g = plant.bare(t.path(name))
    for number in range(60):
        g.write("/home/u%d/.bash_history" % number, "ls\n", uid=1000 + number)
    return g


# Each removal waits 0.1 s; all other calls go at full speed.
SLOW = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=unlinkat,unlink",
        "-e", "inject=unlinkat,unlink:delay_enter=100000"]


def arguments(t, g, name):
    return [t.imgsan, "clean", "--root", g.root, "--yes", "--report", t.path(name + ".json")]


def start(t, g, name, *more):
    return subprocess.Popen(SLOW + arguments(t, g, name) + list(more), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def traced_pid(strace_pid):
    path = "/proc/%d/task/%d/children" % (strace_pid, strace_pid)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with open(path, encoding="ascii") as file:
            for pid in file.read().split():
                with open("/proc/%s/comm" % pid, encoding="ascii") as comm:
                    if comm.read().strip() == "imgsan":
                        return int(pid)
        time.sleep(0.02)
    return None


def wait_for_removal(g):
    end = time.monotonic() + 60
    while left(g) == 60 and time.monotonic() < end:
        time.sleep(0.02)


def left(g):
    return sum(os.path.exists(g.path("/home/u%d/.bash_history" % n)) for n in range(60))


def report(t, name):
    with open(t.path(name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def truthful(t, g, name, output):
    """The report tells what was done and what was not."""
    got = report(t, name)
    text = output.decode()
    t.ok("INCOMPLETE" in text.splitlines()[0] and "INCOMPLETE" in text.splitlines()[-1],
         "%s: the text says so first and last: %s" % (name, text[:200]))
    states = {}
    for step in got["steps"]:
        states.setdefault(step["state"], []).append(step["path"])
    done = [p for p in states.get("done", []) if p.endswith("_history")]
    t.equal([p for p in done if os.path.exists(g.path(p))], [], name + ": told done and is not")
    t.equal(60 - left(g), len(done), name + ": done on the disk and in the report")
    t.ok(0 < left(g) < 60, "%s: %d are left" % (name, left(g)))


def signals(t):
    for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        g = guest(t, which.name)
        process = start(t, g, which.name)
        pid = traced_pid(process.pid)
        wait_for_removal(g)
        os.kill(pid, which)
        output = process.communicate(timeout=60)[0]
        t.equal(process.returncode, INCOMPLETE, which.name)
        truthful(t, g, which.name, output)


def deadline(t):
    g = guest(t, "deadline")
    begun = time.monotonic()
    process = start(t, g, "deadline", "--deadline", "3")
    output = process.communicate(timeout=60)[0]
    t.equal(process.returncode, INCOMPLETE, "deadline")
    t.ok(time.monotonic() - begun < 6, "the deadline is kept")
    truthful(t, g, "deadline", output)


def parent(t):
    g = guest(t, "parent")
    with open(t.path("parent.out"), "wb") as out:
        # A shell between, which is killed; what it started stays.
        shell = subprocess.Popen(
            SLOW + ["sh", "-c", '"$0" "$@" & wait'] + arguments(t, g, "parent"),
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        wait_for_removal(g)
        with open("/proc/%d/task/%d/children" % (shell.pid, shell.pid), encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), signal.SIGKILL)
        shell.wait(timeout=120)
    with open(t.path("parent.out"), "rb") as file:
        truthful(t, g, "parent", file.read())


def alone(t):
    g = guest(t, "alone")
    process = start(t, g, "alone")
    wait_for_removal(g)
    second = t.run("clean", "--root", g.root, "--yes", json_report=False)
    t.equal(second.code, 4, "a second clean beside the first: %s" % second)
    t.ok(process.poll() is None, "the first one still runs")
    process.communicate(timeout=120)
    t.equal(process.returncode in (0, 1), True, "the first one ends well")
    third = t.run("clean", "--root", g.root, "--yes")
    t.ok(third.code in (0, 1), "and then it is free: %s" % third)


def closed(t):
    """Without stdin, stdout, stderr, and with a reader that goes away."""
    for number, what in enumerate(("<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full")):
        g = guest(t, "closed%d" % number)
        done = subprocess.run(["sh", "-c", 'exec "$0" clean --root "$1" --yes --report "$2" ' + what,
                               t.imgsan, g.root, t.path("closed%d.json" % number)],
                              capture_output=True, check=False, timeout=60)
        t.ok(done.returncode in ((0, 1, 4) if ">" in what else (0, 1)), "%s: %s" % (what, done))
        t.equal(left(g), 0, what + ": steps done")
        t.ok(report(t, "closed%d" % number)["schema"] == "imgsan.report/1", what + ": report")
    g = guest(t, "pipe")
    done = subprocess.run(["bash", "-c", '"$0" clean --root "$1" --yes -v --max-output 0 | true; '
                           'exit "${PIPESTATUS[0]}"', t.imgsan, g.root],
                          capture_output=True, check=False, timeout=60)
    t.ok(0 <= done.returncode <= 5, "a closed pipe: %s" % done)


def test(t):
    for part in (closed,) + ((signals, deadline, parent, alone) if strace.available() else ()):
        part(t)
    if not strace.available():
        t.note("skipped: no strace")


check.main(test)
