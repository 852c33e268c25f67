# SPDX-License-Identifier: MIT
"""imgsan.exe in the test bed, and the program for Linux beside it.

    both = exe.Both(t)                      # skips the test where one is missing
    run = both.windows("scan", "--root", "C:\\\\guest")    # a check.Run, as of t.run
    run = both.linux("scan", "--root", t.path("copy"))
    both.drive                              # C:\\ as Linux has it, for planting
    both.stand_ins = ["wevtapi"]            # DLLs of stand-in/ that play what the test says

The program for Linux is named by IMGSAN_LINUX."""
import json
import os
import subprocess
import sys

import bed
import check


def in_bed(directory, *words, timeout):
    """Options of the bed, then what it starts; done, with what was said."""
    return subprocess.run([sys.executable, bed.__file__, "--in", directory, *words],
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout, check=False)


class Both:
    def __init__(self, t):
        self.t, self.exe, self.native = t, t.imgsan, os.environ.get("IMGSAN_LINUX", "")
        if not os.access(self.native, os.X_OK):
            print("skipped: there is no program for Linux at '%s'" % self.native)
            sys.exit(77)
        self.beside = check.Test(self.native, t.long, t.dir("linux"))
        self.directory = t.dir("bed")
        self.drive = bed.prepare(self.directory)
        self.stand_ins = []

    def standing_in(self):
        folder = os.path.join(os.path.dirname(self.exe), "tests", "windows")
        return [word for name in self.stand_ins
                for word in ("--stand-in", os.path.join(folder, name + ".dll"))]

    def wine(self, *argv):
        """A program of Wine itself, in the same bed."""
        done = subprocess.run([sys.executable, bed.__file__, "--in", self.directory, *argv],
                              stdin=subprocess.DEVNULL, timeout=300, check=False)
        self.t.equal(done.returncode, 0, "exit code of " + " ".join(argv))

    def windows(self, *args, report=True):
        self.t.runs += 1
        name = "report-%d.json" % self.t.runs
        argv = [self.exe, *args] + (["--format", "json", "--report", "C:\\" + name] if report else [])
        done = in_bed(self.directory, "--show", "build=" + os.path.dirname(self.exe),
                      *self.standing_in(), *argv, timeout=1200)
        got = None
        if report and os.path.exists(os.path.join(self.drive, name)):
            with open(os.path.join(self.drive, name), encoding="utf-8") as file:
                got = json.load(file)
            self.t.valid(got, argv)
        return check.Run(argv, done.returncode, done.stdout, done.stderr, got)

    def linux(self, *args, report=True):
        run = self.beside.run(*args, json_report=report)
        self.t.ok(not self.beside.failed, "what was wrong with the report for Linux stands above")
        return run
