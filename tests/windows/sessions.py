# SPDX-License-Identifier: MIT
"""sessions.py IMGSAN.EXE SESSIONS.EXE WTSAPI32.DLL: who is logged on, asked of a DLL that stands
in for Wine's (sessions/)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import batch
import bed


def test(t):
    m = batch.Machine(t, PROGRAMS)
    m.start(["reg add HKCU\\Software\\Wine\\DllOverrides /v wtsapi32 /d native > nul",
             "C:\\sessions.exe > C:\\said.txt", "echo %errorlevel% > C:\\code.txt"])
    t.equal(m.number("code.txt"), 0, m.read("said.txt").decode())


PROGRAMS = [sys.argv.pop(2) for _ in sys.argv[2:4]]
bed.need()
check.main(test)
