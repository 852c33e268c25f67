# SPDX-License-Identifier: MIT
"""assistant.py IMGSAN.EXE ASSISTANT.EXE: imgsan.exe as Cloud Assistant runs it on Windows,
played by a program (assistant.c): no console, no home, in System32, input at its end, a
script in the agent's own folder, arguments of any script."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

import bed
import exe

WORK = "/ProgramData/aliyun/assist/work/script"
REPORT = "Bericht-\u00fc\u4e2d\u6587\U0001f600.json"
SELF = "# oos-secret" # by which the agent removes the script when it has ended
FORBIDDEN = (193, 194, 3009, 3010)  # power-off and restart to the agent


class Assistant:
    def __init__(self, t, both):
        self.t, self.both, self.runs = t, both, 0

    def run(self, how, wanted, *args):
        """The exit code in 32 bits, the output, the report, the script's place."""
        self.runs += 1
        script = "%s/t-%d.ps1" % (WORK, self.runs)
        report = "%d-%s" % (self.runs, REPORT)
        g = plant.Guest(os.path.join(self.both.drive, "guest"))
        lines = [SELF, "C:\\build\\imgsan.exe", *args, "--root", "C:\\guest", "--os", "windows",
                 "--report", "C:\\" + report]
        g.write(script, "\n".join(lines) + "\n")
        build = os.path.dirname(self.both.exe)
        done = subprocess.run(
            [sys.executable, bed.__file__, "--in", self.both.directory, "--show", "build=" + build,
             os.path.join(build, "tests/windows/assistant.exe"), "agent", how, "C:\\result",
             "C:\\guest" + script.replace("/", "\\")],
            capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
        if not self.t.ok(done.returncode == 0, "the stand-in: %s %s" % (done.stdout, done.stderr)):
            return None
        with open(os.path.join(self.both.drive, "result"), "rb") as file:
            code, output = file.read().split(b"\n", 1)
        with open(g.path(script), encoding="utf-8") as file:
            self.t.equal(file.read().splitlines(), lines, "the script that runs us")
        os.remove(g.path(script)) # as the agent does
        return int(code), output, None if wanted == 2 else self.report(report)

    def report(self, name):
        path = os.path.join(self.both.drive, name)
        if not self.t.ok(os.path.exists(path), "the report's name came through: " + name):
            return {}
        with open(path, encoding="utf-8") as file:
            got = json.load(file)
        self.t.valid(got, [name])
        return got


def dirty(g):
    g.decoy("/Windows/System32/ntoskrnl.exe", b"MZ" + bytes(4096))
    g.decoy("/Users/ann/Documents/letter.txt", "Dear all\n")
    g.keyfile("/Users/ann/.ssh/id_ed25519", "ed25519")
    g.write("/Users/ann/J\u00fcrgen \u4e2d.txt", "password = %s\n" % g.secret(plant.token(14), "/").decode())
    g.write(WORK + "/t-of-another-run.ps1", "echo %s\n" % g.secret(plant.token(), WORK).decode())


def plain(t, output, what):
    t.ok(len(output) <= 6000, "%s: %d bytes of output" % (what, len(output)))
    t.ok(all(byte in b"\r\n\t" or 32 <= byte < 127 for byte in output), "%s is ASCII: %r" % (what, output))
    lines = output.decode("ascii", "replace").split("\n")
    t.ok(output.endswith(b"\n") and len(lines) > 2, "%s: lines: %r" % (what, output))
    return [lines[0], lines[-2]]


def test(t):
    both = exe.Both(t)
    g = plant.windows(os.path.join(both.drive, "guest"))
    dirty(g)
    assistant = Assistant(t, both)
    for how, args, wanted in (
            ("run", ("scan",), 1), ("run", ("clean",), 2), ("timeout", ("scan",), 5),
            ("run", ("clean", "--yes"), 0), ("run", ("verify",), 0)):
        what = "%s of %s" % (how, " ".join(args))
        result = assistant.run(how, wanted, *args)
        if not result:
            continue
        code, output, report = result
        t.note("%s: exit code %d, %d bytes" % (what, code, len(output)))
        t.ok(code not in FORBIDDEN, what)
        t.equal(code, wanted, "%s: %s" % (what, output.decode(errors="replace")))
        for secret in g.secrets:
            t.ok(secret not in output, what + " prints a secret")
        if wanted == 2:
            continue
        for line in plain(t, output, what):
            t.ok("imgsan" in line or "exit" in line.lower() or "clean" in line.lower(),
                 "%s: the verdict is in the first and last line: %s" % (what, line))
        t.equal(report.get("complete"), code != 5, what + " is complete")
    t.ok(not os.path.exists(g.path(WORK + "/t-of-another-run.ps1")), "a script of another run is gone")
    t.ok(not os.path.exists(g.path("/Users/ann/.ssh/id_ed25519")), "the key is gone")
    t.equal(g.decoys_hurt(), [], "decoys")


bed.need()
check.main(test)
