# SPDX-License-Identifier: MIT
"""same.py IMGSAN.EXE: what does not depend on the system is said by both programs with
the same bytes. --only rules: the samples of all rules pass in both."""
import concurrent.futures
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe

# Other lists, and the page, hold the cleaners, and each system has its own.
SAID = (["list", "--os", "windows", "--only", "artefacts,secrets"], ["list", "--providers"],
        ["explain", "ssh-authorized-keys"], ["explain", "no-such-item"],
        ["help"], ["help", "scan"], ["help", "man"], ["help", "completion", "bash"],
        ["scan", "--no-such-option"])


def own_cleaners(text):
    """Without the number of them."""
    return re.sub(rb"\d+ cleaners", b"cleaners", text)


def test(t):
    both = exe.Both(t)
    for args in [["rules", "check"]] if t.only == "rules" else SAID:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            windows, linux = [run.result() for run in [
                pool.submit(side, *args, report=False) for side in (both.windows, both.linux)]]
        name = " ".join(args)
        t.equal(windows.code, linux.code, "exit code of %s: %s" % (name, windows))
        t.ok(own_cleaners(windows.out) == own_cleaners(linux.out), "what %s says: %s\n%s" % (name, windows, linux))
        t.ok(windows.err == linux.err, "errors of %s: %s\n%s" % (name, windows, linux))
        t.ok(windows.out or windows.err, name + " says nothing")
        if t.only == "rules":
            t.equal(windows.code, 0, name)


bed.need()
check.main(test)
