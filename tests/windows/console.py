# SPDX-License-Identifier: MIT
"""console.py IMGSAN.EXE: Ctrl+C on a console while imgsan.exe cleans. The console is Wine's on
a terminal of ours; what the program is told is a real console event. It ends between two steps
and says so; run again it does the rest."""
import os
import pty
import select
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

import bed
import exe

KEYS = 1200
PATIENCE = 300


def on_terminal(argv, mark):
    """Presses Ctrl+C when this has been said: the exit code, what was said, whether it was
    pressed."""
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the bed, which gets it, too
        os.execv(argv[0], argv)
    said, pressed, end = b"", False, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # nobody has it open any more
            break
        said += piece
        if not pressed and mark in said:
            os.write(terminal, b"\x03")
            pressed = True
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said, pressed


def test(t):
    both = exe.Both(t)
    g = plant.windows(os.path.join(both.drive, "guest"))
    g.decoy("/Windows/System32/ntoskrnl.exe", b"MZ" + bytes(4096))
    g.decoy("/Users/ann/Documents/letter.txt", "Dear all\n")
    keys = ["/Users/ann/.ssh/id_ed25519_%d" % number for number in range(KEYS)]
    for key in keys:
        g.keyfile(key, "ed25519")

    code, said, pressed = on_terminal(
        [sys.executable, bed.__file__, "--in", both.directory, "--show", "build=" + os.path.dirname(both.exe),
         both.exe, "clean", "--yes", "--root", "C:\\guest", "--os", "windows"], b"cleaning: ")
    t.ok(pressed, "it came as far: %s" % said[-500:])
    t.equal(code, 5, "the exit code: %s" % said[-500:])
    t.ok(b"INCOMPLETE - ended by a signal after" in said, "the verdict: %s" % said[-500:])
    left = sum(os.path.exists(g.path(key)) for key in keys)
    t.note("%d of %d were left when it was interrupted" % (left, KEYS))
    t.ok(0 < left < KEYS, "it ended between two steps: %d are left" % left)

    run = both.windows("clean", "--yes", "--root", "C:\\guest", "--os", "windows")
    t.equal(run.code, 0, "run again: %s" % run)
    t.equal(sum(os.path.exists(g.path(key)) for key in keys), 0, "run again, all are gone")
    t.equal(g.decoys_hurt(), [], "decoys")


bed.need()
check.main(test)
