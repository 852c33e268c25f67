# SPDX-License-Identifier: MIT
"""Big files are examined in parts: tokens round every border are found once and in their
place, in a file of many lines, in one of a single line and in one of holes, and no
process grows with the file."""
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import pss

MB = 1 << 20
PART = 64 * MB  # as in agent/detect/detect.c
MOST_KB = 120 * 1024


class File:
    """Written piece by piece; knows where what was planted stands."""

    def __init__(self, path, seed):
        self.out = open(path, "wb", buffering=MB)
        self.random = random.Random(seed)
        self.at, self.line, self.line_start = 0, 1, 0
        self.places = set()
        words = ["".join(self.random.choice("abcdefgh") for _ in range(self.random.randint(2, 9)))
                 for _ in range(4000)]
        self.text = " ".join(words).encode()

    def write(self, data):
        newlines = data.count(b"\n")
        if newlines:
            self.line += newlines
            self.line_start = self.at + data.rfind(b"\n") + 1
        self.out.write(data)
        self.at += len(data)

    def fill(self, to, lines):
        block = self.text.replace(b" ", b"\n", 200) if lines else self.text
        while to - self.at > len(block):
            self.write(block)
        self.write(block[:to - self.at])

    def plant(self):
        self.write(b" token ")
        self.places.add((self.line, self.at - self.line_start + 1, self.at))
        self.write(plant.github().encode() + b" ")

    def hole(self, to):
        """Holes have no lines."""
        self.out.flush()
        self.out.seek(to)
        self.at = to

    def close(self):
        self.out.close()


def full(path, size, lines):
    """Tokens at both ends and, a byte farther each time, round all borders."""
    file = File(path, size)
    file.plant()
    for number, border in enumerate(range(PART, size, PART)):
        for shift in (-70, 0, 70):
            file.fill(border + shift - 4 - 5 * number, lines)
            file.plant()
    file.fill(size - 100, lines)
    file.plant()
    file.close()
    return file.places


def sparse(path, size, real):
    """Pieces of text, so much together, with holes between them."""
    file, pieces = File(path, size), 40
    for number in range(pieces):
        file.fill(file.at + real // pieces // 2, True)
        file.plant()
        file.fill(file.at + real // pieces // 2, True)
        if number + 1 < pieces:
            file.hole((file.at + (size - real) // pieces) & -4096)
    file.close()
    return file.places


def found(run, path):
    return [(f["line"], f["column"], f["offset"]) for f in run.findings("secret")
            if f["path"] == path]


def look(t, name, places):
    report = t.path("report.json")
    seen = pss.watch([t.imgsan, "scan", "--root", t.path("guest"), "--report", report,
                      "--treat", "github-personal-token=report"], every=0.05)
    t.ok(seen.code == 1, "%s: scan ends with %d" % (name, seen.code))
    with open(report, encoding="utf-8") as file:
        run = check.Run([], seen.code, b"", b"", json.load(file))
    got = found(run, "/srv/" + name)
    t.equal(sorted(got), sorted(places), name)
    t.equal(run.findings("unexamined"), [], name + ": not examined")
    t.ok(seen.kb < MOST_KB, "%s: %d kB, at most %d" % (name, seen.kb, MOST_KB))
    t.note("%s: %d tokens, %d kB" % (name, len(places), seen.kb))


def test(t):
    root = t.path("guest")
    os.makedirs(root + "/etc")
    os.makedirs(root + "/srv")
    with open(root + "/etc/os-release", "w", encoding="ascii") as file:
        file.write("ID=debian\n")
    line = 2048 * MB if t.long else 200 * MB
    for name, make in (("lines", lambda path: full(path, 300 * MB, True)),
                       ("line", lambda path: full(path, line, False)),
                       ("holes", lambda path: sparse(path, 50 << 30, 260 * MB))):
        places = make(root + "/srv/" + name)
        look(t, name, places)
        os.unlink(root + "/srv/" + name)


check.main(test, root=True)
