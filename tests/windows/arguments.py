# SPDX-License-Identifier: MIT
"""arguments.py IMGSAN.EXE: what the command line says reaches the program letter for letter:
names in any script, beyond 16 bits, with blanks and quotes' neighbours."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

import bed
import exe

NAMES = ("Jürgen Groß", "文件 和 資料", "Ελληνικά-кириллица", "\U0001f5dd key", "a  b'c & (d) %PATH% ^e!")


def run(both, t, name):
    root = os.path.join(both.drive, "guests", name)
    g = plant.windows(root)
    place = "/Users/ann/notes " + name + ".txt"
    g.write(place, "token: %s\n" % plant.github())
    os.makedirs(os.path.join(both.drive, "told", name))
    report = "C:\\told\\%s\\%s.json" % (name, name)
    done = both.windows("scan", "--os", "windows", "--root", "C:\\guests\\" + name + "\\",
                        "--format", "json", "--report", report, report=False)
    t.equal(done.code, 1, "scan of %s: %s" % (name, done))
    try:
        with open(os.path.join(both.drive, "told", name, name + ".json"), encoding="utf-8") as file:
            said = json.load(file)
    except FileNotFoundError:
        t.ok(False, "no report for %s: %s" % (name, done))
        return
    t.ok(name in said["guest"]["root"], "the root of the report: %s" % said["guest"]["root"])
    t.equal([step["path"] for step in said["steps"]], [place], "what is found in %s" % name)


def test(t):
    both = exe.Both(t)
    for name in NAMES:
        run(both, t, name)
    done = both.windows("scan", "--os", "windows", "--root", "C:\\guests\\fehlt-ü", report=False)
    t.equal(done.code, 4, "a root that is not there: %s" % done)
    t.ok(rb"fehlt-\xc3\xbc" in done.out, "it is told by its name, in plain ASCII: %s" % done)


bed.need()
check.main(test)
