# SPDX-License-Identifier: MIT
"""credentials.py IMGSAN.EXE CREDENTIALS_TEST.EXE: the Credential Manager and the store of
Remote Desktop, as Wine really has them, are cleaned by the program itself: canaries gone, also
from what Wine saves; the password of a scheduled task is told and stays."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import batch
import bed


def test(t):
    m = batch.Machine(t, (t.imgsan, PLANTER))
    name = m.canary()
    m.start(["C:\\credentials_test.exe plant " + name, "echo %errorlevel% > C:\\planted.txt"])
    t.equal(m.number("planted.txt"), 0, "planted: " + m.said)
    t.ok(name in m.saved(), "Wine saves it")
    m.start(["C:\\imgsan.exe scan --skip " + bed.LACKING + ",secrets --format json --report C:\\scan.json > nul",
             "C:\\credentials_test.exe left " + name, "echo %errorlevel% > C:\\before.txt"])
    scanned = m.report("scan.json")
    os.unlink(os.path.join(m.drive, "scan.json"))  # it names the canary
    m.start(["C:\\imgsan.exe clean --yes --skip " + bed.LACKING + ",secrets --format json --report C:\\clean.json > nul",
             "echo %errorlevel% > C:\\code.txt",
             "C:\\credentials_test.exe left " + name, "echo %errorlevel% > C:\\after.txt"])
    t.equal(m.number("before.txt"), 1, "a scan changes nothing")
    t.equal(m.number("after.txt"), 0, "gone, and the task's is there")
    t.ok(name not in m.saved(), "gone from what Wine saves")
    cleaned = m.report("clean.json")
    kinds = sorted((s["path"].split(":")[0], s["name"], s["state"]) for s in cleaned["steps"])
    t.equal(kinds, [("certificate", "rdp-certificate", "done")] + 2 * [("credential", "credential-manager", "done")],
            "steps")
    t.equal(sorted(s["path"] for s in scanned["steps"]), sorted(s["path"] for s in cleaned["steps"]), "as scanned")
    stays = [f for f in cleaned["left"]["findings"] if f["name"] != "registry-machine-guid"]  # of any Windows
    t.ok(len(stays) == 1 and "scheduled task" in stays[0]["text"], "what stays is told: %s" % stays)
    t.equal(m.number("code.txt"), 1, "exit code")


PLANTER = sys.argv.pop(2) if len(sys.argv) > 2 else ""
bed.need()
check.main(test)
