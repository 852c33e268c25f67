# SPDX-License-Identifier: MIT
"""One canary in every container and every encoding: all found, where they are and
by what was undone, and proved to be the same secret. Beside each a token that is
one character short, of which nothing may be told. The matrix is printed.

    matrix.py PROGRAM --only 'zip,sqlite blob'     some rows of it"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import re

import check
import containers
import forms
import plant

RULES = {"token": "github-personal-token", "login": "github-personal-token", "key": "private-key", "json-key": "private-key"}
TOO_DEEP = "Archives are packed into each other too deeply."
MARKS = ("  . found   X not found   c by other codings   p at another place\n"
         "  s other bytes than the secret   - can not be")


def name_of(number):
    return "m/e%02d.txt" % number


class Cell:
    """One form in one container: what has to be told of it."""

    def __init__(self, box, form, folder, spot):
        self.box, self.form, self.spot = box, form, spot
        self.closed = bool(box.closed and re.search(box.closed[0], form.name))
        self.path = "/srv/%s/%s" % (folder, spot.file)
        self.member = "!".join(part for part in (spot.member, form.inside) if part)
        if not spot.text:  # what a line is among other bytes, nobody needs to know
            self.member = self.member.replace("@3!", "@[0-9]+!")

    def is_here(self, finding):
        if self.path.endswith("*"):
            here = finding["path"].startswith(self.path[:-1])
        else:
            here = finding["path"] == self.path
        return here and bool(re.fullmatch(self.member, finding["member"] or ""))

    def is_undone(self, finding):
        return self.form.codings in (None, finding["codings"]) or self.turned(finding) > 0

    def turned(self, finding):
        """Among other bytes both orders can be read: so many bytes later, little-endian."""
        pair = (self.form.codings or [""])[0] + " " + "".join(finding["codings"])
        return 0 if self.spot.text else {"utf-16be utf-16le": 1, "utf-32be utf-32le": 3}.get(pair, 0)

    def is_placed(self, finding):
        """The offset exactly where one coding or none was undone, as that is what
        redaction goes by, else between the begin of the encoded text and the secret's
        first byte; the line likewise."""
        form, shift = self.form, self.spot.shift
        if form.at is None:
            return True
        exact = len(finding["codings"]) < 2 and form.kind != "login"
        begin = form.at if exact else form.run[0]
        if shift is not None:
            first = shift + self.turned(finding)
            if not first + begin <= finding["offset"] <= first + form.at:
                return False
        lines = [form.data.count(b"\n", 0, at) + 1 for at in (begin, form.at)]
        return not self.spot.text or lines[0] <= finding["line"] <= lines[1]

    def mark(self, findings, same):
        """The best of what is told about it; `same`: {kind: identity}."""
        found = [f for f in findings if f["name"] == RULES[self.form.kind] and self.is_here(f)]
        if not found:
            return "X"
        undone = [f for f in found if self.is_undone(f)]
        if not undone:
            return "c"
        if self.form.kind in same and all(f["secret"] != same[self.form.kind] for f in undone):
            return "s"
        return "." if any(self.is_placed(f) for f in undone) else "p"

    def told(self, findings):
        """For whoever has to find out why it is not as it should be."""
        return ["%s:%d+%d %s" % (f["member"], f["line"], f["offset"], f["codings"]) for f in findings
                if f["name"] == RULES[self.form.kind] and self.path.rstrip("*") in f["path"]
                and (self.spot.member is None or re.match(self.spot.member, f["member"] or ""))][:3]


def fill(g, box, folder, wanted):
    """Puts all forms that can be into a container below /srv; the cells."""
    place = g.mkdir("/srv/" + folder)
    able = {name_of(n): f for n, f in enumerate(wanted)
            if not (box.lacks and re.search(box.lacks[0], f.name))}
    spots = box.fill(place, {name: form.data for name, form in able.items()})
    return [Cell(box, form, folder, spots[name]) for name, form in able.items()]


def build(t, g, boxes, good, short):
    """The cells of canaries, and those where nothing is to be told but that they were
    not examined."""
    cells, closed = [], []
    for box in boxes:
        folder = re.sub("[^a-z0-9]", "-", box.name.lower())
        canaries = fill(g, box, "canary/" + folder, good)
        decoys = fill(g, box, "decoy/" + folder, short)
        cells += [cell for cell in canaries if not cell.closed]
        closed += [cell for cell in canaries + decoys if cell.closed]
        print("  %s" % box.name, file=sys.stderr)
    return cells, closed


def table(boxes, names, marks):
    """Rows of containers, columns of encodings, their names downward."""
    longest = max(map(len, names))
    lines = ["%-14s%s" % ("", " ".join(n.rjust(longest)[row] for n in names)) for row in range(longest)]
    for box in boxes:
        lines.append("%-14s%s" % (box.name, " ".join(marks.get((box.name, name), "-") for name in names)))
    return [line.rstrip() for line in lines]


def show(t, boxes, names, marks):
    for line in table(boxes, names, marks):
        t.note(line)
    t.note(MARKS)
    for why in sorted({why[1] for box in boxes for why in (box.lacks, box.closed) if why}):
        t.note("  -: " + why)
    good = sum(mark == "." for mark in marks.values())
    t.note("%d of %d found where they are" % (good, len(marks)))


def chosen(t):
    """The containers that --only names, all without; those without their tool are told."""
    wanted = [name.strip() for name in (t.only or "").split(",") if name.strip()]
    t.equal([name for name in wanted if name not in {box.name for box in containers.BOXES}], [], "unknown rows")
    boxes = []
    for box in containers.BOXES:
        if wanted and box.name not in wanted + ["none"]:
            continue
        if box.missing():
            t.note("skipped: %s, as there is no %s here" % (box.name, box.missing()))
        else:
            boxes.append(box)
    return boxes


def test(t):
    token, key = plant.github(), plant.private_key("ec")
    good = forms.of(token.encode(), key.encode())
    short = forms.of(token[:-5].encode())
    boxes = chosen(t)
    g = plant.bare(t.dir("guest"))
    cells, closed = build(t, g, boxes, good, short)
    run = t.run("scan", "--root", g.root, "--policy", plant.report_all(t))
    t.ok(run.code in (1, 5), "scan: %s" % run)
    findings = run.findings("secret")
    same = {c.form.kind: f["secret"] for c in cells for f in findings
            if c.box.name == "none" and c.form.name in ("plain", "pem") and c.is_here(f)
            and f["name"] == RULES[c.form.kind]}
    t.equal(sorted(same), ["key", "token"], "the plain ones are found")
    marks = {(c.box.name, c.form.name): c.mark(findings, same) for c in cells}
    show(t, boxes, [form.name for form in good], marks)
    for box in boxes:
        wrong = [cell for cell in cells if cell.box is box and marks[box.name, cell.form.name] != "."]
        t.ok(not wrong, "%d in %s" % (len(wrong), box.name))
        for cell in wrong[:len(wrong) if t.only else 3]:
            t.note("    %s: %s, wanted %s in %s; told: %s" % (
                cell.form.name, marks[box.name, cell.form.name], cell.form.codings, cell.member, cell.told(findings)))
    t.equal([(f["name"], f["path"], f["member"]) for f in findings if f["path"].startswith("/srv/decoy/")],
            [], "told of what is no secret")
    t.equal(sorted((f["path"], f["text"]) for f in run.findings("unexamined")),
            sorted((path, TOO_DEEP) for path in {cell.path for cell in closed}), "not examined")


check.main(test)
