# SPDX-License-Identifier: MIT
"""What a stand-in DLL plays (stand-in/script.h), and what came of it.

    play = playing.Play(both, "wevtapi", ["channel|Security|0|1|5|..."])
    both.windows("clean", "--yes")
    play.row("channel", "Security")[4]      # as the calls left it
    play.calls()                            # what was called; a wrong call fails the test
    playing.several(both, [{"wevtapi": [...]}, ...], "scan")    # runs, one for each
    playing.refused(call, who, 5)           # a row that makes a call fail"""
import json
import os
import subprocess
import sys

import bed
import check


class Play:
    def __init__(self, both, name, rows):
        self.both, self.name = both, name
        self.folder = os.path.join(both.drive, "stand-in")
        os.makedirs(self.folder, exist_ok=True)
        if name not in both.stand_ins:
            both.stand_ins.append(name)
        self.put(rows)

    def path(self, name):
        return os.path.join(self.folder, name + ".txt")

    def put(self, rows):
        with open(self.path(self.name), "w", encoding="utf-8") as file:
            file.write("".join(row + "\n" for row in rows))
        if os.path.exists(self.path("calls")):
            os.unlink(self.path("calls"))

    def rows(self):
        with open(self.path(self.name), encoding="utf-8") as file:
            return [line.rstrip("\r\n").split("|") for line in file]

    def row(self, *start):
        return next(row for row in self.rows() if tuple(row[:len(start)]) == start)

    def calls(self):
        if not os.path.exists(self.path("calls")):
            return []
        return said_calls(self.both.t, self.path("calls"))


def said_calls(t, path):
    with open(path, encoding="utf-8") as file:
        said = file.read().splitlines()
    t.equal([line for line in said if line.startswith("WRONG")], [], "calls that the documentation does not allow")
    return said


def refused(call, who, error):
    return "fails|%s|%s|%s" % (call, who, error)


ALL = ("-v", "--max-output", "0", "--report") # so that all rows stand there


def take_report(both, run, name):
    path = os.path.join(both.drive, name)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            run.report = json.load(file)
        both.t.valid(run.report, run.argv)
    both.t.ok(run.report, "no report: %s" % run)
    return run


def told(both, *args):
    """A run whose output is text, with its report."""
    run = both.windows(*args, *ALL, "C:\\told.json", report=False)
    return take_report(both, run, "told.json")


def case_lines(both, number, case, args):
    """What a batch file does for a case; "before" are lines of its own."""
    folder = os.path.join(both.drive, "cases", str(number))
    os.makedirs(folder)
    for name, rows_of in case.items():
        if name != "before":
            with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as file:
                file.write("".join(row + "\n" for row in rows_of))
    place = "C:\\cases\\%d" % number
    argv = ["C:\\build\\imgsan.exe", *args, *ALL, place + "\\told.json"]
    return [*case.get("before", ()), "copy /y %s\\*.txt C:\\stand-in > nul" % place,
            " ".join(argv) + " > %s\\said 2>&1" % place, "echo %%errorlevel%% > %s\\code" % place,
            "if exist C:\\stand-in\\calls.txt move C:\\stand-in\\calls.txt %s\\calls.txt > nul" % place]


def case_run(both, number, args):
    folder = os.path.join(both.drive, "cases", str(number))
    with open(os.path.join(folder, "said"), "rb") as out, open(os.path.join(folder, "code"), "rb") as code:
        run = check.Run(list(args), int(code.read()), out.read(), b"", None)
    if os.path.exists(os.path.join(folder, "calls.txt")):
        said_calls(both.t, os.path.join(folder, "calls.txt"))
    return take_report(both, run, "cases/%d/told.json" % number)


def several(both, cases, *args):
    """As told(), for each case: scripts by the names of their DLLs. They share one start of Wine;
    a script stays as it is until a case has another."""
    lines = ["@echo off"]
    for number, case in enumerate(cases):
        lines += case_lines(both, number, case, args)
    with open(os.path.join(both.drive, "run.bat"), "w", encoding="ascii", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")
    done = subprocess.run(
        [sys.executable, bed.__file__, "--in", both.directory, "--show", "build=" + os.path.dirname(both.exe),
         *both.standing_in(), "cmd.exe", "/c", "C:\\run.bat"],
        stdin=subprocess.DEVNULL, timeout=1200, check=False)
    both.t.ok(done.returncode in range(6), "the batch file: %d" % done.returncode)
    return [case_run(both, number, args) for number in range(len(cases))]


def squeeze(text):
    """Without line ends and what is put in front of lines."""
    return " ".join(text.split())


def rows(run, names):
    """Of some items: each row of the report as (what, path, state or kind, error or text); and
    that the text has each of its words, too."""
    report = run.report
    text = squeeze(run.out.decode())
    found = [(s["action"], s["path"], s["state"], s.get("error")) for s in report["steps"] if s["name"] in names]
    part = report.get("left") or report
    found += [("finding", f["path"], f["kind"], f.get("text")) for f in part["findings"] if f["name"] in names]
    missing = [row for row in found for words in row[1:2] + row[3:]
               if words and words.isascii() and "\\x" not in words and squeeze(words).replace("\\", "/") not in text.replace("\\", "/")]
    return sorted(found, key=str), missing
