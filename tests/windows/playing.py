# SPDX-License-Identifier: MIT
"""What a stand-in DLL plays (stand-in/script.h), and what came of it.

    play = playing.Play(both, "wevtapi", ["channel|Security|0|1|0|5|..."])
    both.windows("clean", "--yes")
    play.row("channel", "Security")[5]      # as the calls left it
    play.calls()                            # what was called; a wrong call fails the test"""
import json
import os


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
        with open(self.path("calls"), encoding="utf-8") as file:
            said = file.read().splitlines()
        self.both.t.equal([line for line in said if line.startswith("WRONG")], [],
                          "calls that the documentation does not allow")
        return said


def told(both, *args):
    """A run whose output is text, with its report; -v and no limit, so that all rows stand there."""
    run = both.windows(*args, "-v", "--max-output", "0", "--report", "C:\\told.json", report=False)
    path = os.path.join(both.drive, "told.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            run.report = json.load(file)
        both.t.valid(run.report, run.argv)
    both.t.ok(run.report, "no report: %s" % run)
    return run


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
