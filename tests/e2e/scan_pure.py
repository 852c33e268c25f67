# SPDX-License-Identifier: MIT
"""scan and verify leave the tree as it is, all times included, and make no call
that could change it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import strace
import tree

# All that a scan may change: its own report, and what is private to its
# processes. Each entry says whose it is.
ALLOWED = (
    '/dev/null"',             # a place to send what nobody reads
    'report-',                # --report: beside it, then renamed to it
    '.imgsan',                # the same, by its temporary name
    '"/proc/self/',           # uid maps and the like of a worker
    'MS_REC|MS_PRIVATE',      # a mount namespace of its own
)


def traced(t, root, command):
    log = t.path("strace-" + command)
    run = t.run(command, "--root", root, wrap=strace.wrap(log))
    t.ok(run.code in (0, 1, 5), "%s under strace: %s" % (command, run))
    calls = strace.read(log)
    t.ok(any(c.name.startswith("open") for c in calls), "the trace has opens in it")
    for call in calls:
        if strace.changes(call) and not any(word in call.text for word in ALLOWED):
            t.ok(False, "%s made a changing call: %s" % (command, call.text))


def test(t):
    g = plant.guest(t.path("guest"))
    os.mkfifo(g.path("/home/alice/fifo"))
    with open(g.path("/var/lib/sparse"), "wb") as file:
        file.truncate(1 << 40)
    # The first look moves the times of links and directories that are older than
    # what they hold (relatime); after it a look that leaves no trace shows none.
    tree.snapshot(g.root)
    for command in ("scan", "verify"):
        before = tree.snapshot(g.root, content=False)
        run = t.run(command, "--root", g.root)
        t.equal(run.code, 1, "%s of a dirty guest: %s" % (command, run))
        after = tree.snapshot(g.root, content=False)
        ignore = () if check.is_root() else ("atime",)
        t.equal(tree.differences(before, after, ignore)[:10], [], command + " changed the tree")
    before = tree.snapshot(g.root)
    if strace.available():
        for command in ("scan", "verify"):
            traced(t, g.root, command)
    else:
        t.note("skipped: no strace")
    t.equal(tree.differences(before, tree.snapshot(g.root), tree.TIMES)[:10], [], "content")


check.main(test)
