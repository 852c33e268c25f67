# SPDX-License-Identifier: MIT
"""How right the findings are: a generated corpus is scanned, and what is found with
medium or high confidence is held against the labels, line by line.

    accuracy.py IMGSAN              the table of both halves; fails below floor.json
    accuracy.py IMGSAN -v           ... and each miss and false alarm, by family
    accuracy.py IMGSAN --family X   only families whose name holds X
    accuracy.py IMGSAN --floor      writes floor.json anew, a little below what is measured

A label is found if there is a finding on its lines, and exact if one covers exactly its
bytes: that is what would be overwritten. A finding on any other line is a false alarm.
"""
import argparse
import collections
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

try:
    import corpus
    import plant
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

FLOOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor.json")
ROOM = 0.02  # below what is measured, for values drawn from another seed


def counts(finding):
    return finding["confidence"] in ("medium", "high") and finding["severity"] != "info"


class Score:
    def __init__(self):
        self.found = self.exact = self.missed = self.false = 0

    @property
    def precision(self):
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self):
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self):
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def row(self):
        labels = self.found + self.missed
        return "%6d %6d %6d %8.3f %8s %8s %8s" % (
            labels, self.missed, self.false, self.precision,
            "%.3f" % self.recall if labels else "-", "%.3f" % self.f1 if labels else "-",
            "%.3f" % (self.exact / self.found) if self.found else "-")


HEAD = "%-18s %6s %6s %6s %8s %8s %8s %8s" % (
    "", "labels", "missed", "false", "precis.", "recall", "F1", "exact")


def scanned(t, samples):
    """path -> findings of secrets, all confidences."""
    root = plant.bare(t.dir("root")).root
    corpus.write(samples, root)
    run = t.run("scan", "--root", root, "--policy", plant.report_all(t))
    if run.report is None or not run.report["complete"]:
        raise RuntimeError("no report: %s" % run)
    found = collections.defaultdict(list)
    for finding in run.findings("secret"):
        found[finding["path"]].append(finding)
    return found


def overlaps(finding, label):
    return finding["offset"] < label.offset + label.length and \
        label.offset < finding["offset"] + finding["length"]


def judged(sample, findings):
    """([(label, finding or None)], [false findings]) of one file."""
    pairs, right = [], set()
    for label in sample.labels:
        on = [n for n, f in enumerate(findings) if label.line <= f["line"] <= label.last]
        # Two secrets may share a line, and two rules may find one secret.
        best = sorted(on, key=lambda n: (
            (findings[n]["offset"], findings[n]["length"]) != (label.offset, label.length),
            not overlaps(findings[n], label)))
        right.update(on)
        pairs.append((label, findings[best[0]] if best else None))
    return pairs, [f for n, f in enumerate(findings)
                   if n not in right and f["line"] not in sample.either]


def is_exact(label, finding):
    return (finding["offset"], finding["length"]) == (label.offset, label.length)


class Tables:
    def __init__(self):
        self.all = collections.defaultdict(Score)     # half
        self.forms = collections.defaultdict(Score)   # half, format
        self.kinds = collections.defaultdict(Score)   # half, kind of secret
        self.families = collections.defaultdict(Score)
        self.details = collections.defaultdict(list)  # family -> lines to read

    def scores(self, family, kind):
        half = family.half
        return (self.all[half], self.forms[half, family.form], self.kinds[half, kind],
                self.families[family.name])

    def add(self, sample, findings):
        pairs, false = judged(sample, findings)
        lines = sample.data.decode().split("\n")
        for label, finding in pairs:
            for score in self.scores(sample.family, label.kind):
                score.found += finding is not None
                score.missed += finding is None
                score.exact += finding is not None and is_exact(label, finding)
            if not finding or not is_exact(label, finding):
                self.tell(sample, "missed" if not finding else "not exact (%s)" % finding["name"],
                          label.line, lines)
        for finding in false:
            kind = sample.family.like or "other"
            for score in self.scores(sample.family, kind):
                score.false += 1
            self.tell(sample, "FALSE %s %s" % (finding["name"], finding["confidence"]),
                      finding["line"], lines)

    def tell(self, sample, what, line, lines):
        self.details[sample.family.name].append("  %-34s %s:%d: %s" % (
            what, sample.path, line, lines[line - 1].strip()[:150]))

    def show(self, verbose):
        for half in ("tune", "report"):
            print("\n%s half\n%s" % (half, HEAD))
            for title, table in (("format", self.forms), ("kind", self.kinds)):
                for (of, name), score in sorted(table.items()):
                    if of == half:
                        print("%-18s %s" % (name, score.row()))
                print("-" * len(HEAD))
            print("%-18s %s" % ("all", self.all[half].row()))
        if verbose:
            for family in corpus.families():
                if self.details[family.name]:
                    print("\n%s (%s, %s half)" % (family.name, family.form, family.half))
                    print("\n".join(sorted(set(self.details[family.name]))))

    def measured(self):
        out = {}
        for half, score in sorted(self.all.items()):
            out[half] = {"precision": score.precision, "recall": score.recall, "f1": score.f1,
                         "exact": score.exact / max(1, score.found)}
        out["formats"] = {"%s/%s" % of: score.f1 for of, score in sorted(self.forms.items())
                          if score.found + score.missed}
        return out


def lower(measured):
    if isinstance(measured, dict):
        return {key: lower(value) for key, value in measured.items()}
    return max(0.0, int((measured - ROOM) * 100) / 100)


def below(measured, floor, where=""):
    """What is below its floor, and what has none."""
    if not isinstance(floor, dict):
        return [] if measured >= floor else ["%s is %.3f, floor %.2f" % (where, measured, floor)]
    found = []
    for key in sorted(set(measured) | set(floor)):
        name = where + " " + key
        if key not in measured or key not in floor:
            found.append("%s is not in both the floor and the corpus" % name)
        else:
            found += below(measured[key], floor[key], name)
    return found


def measure(t, args):
    samples = [s for s in corpus.make(args.seed, args.copies) if args.family in s.family.name]
    found = scanned(t, samples)
    tables = Tables()
    for sample in samples:
        tables.add(sample, [f for f in found[sample.path] if counts(f)])
    tables.show(args.verbose)
    print("\n%d files, %d secrets, %d lines" % (
        len(samples), sum(len(s.labels) for s in samples), sum(s.data.count(b"\n") for s in samples)))
    if args.floor:
        with open(FLOOR, "w", encoding="ascii") as file:
            json.dump(lower(tables.measured()), file, indent=1, sort_keys=True)
            file.write("\n")
    elif not args.family:
        with open(FLOOR, encoding="ascii") as file:
            for line in below(tables.measured(), json.load(file)):
                t.ok(False, line.strip())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("imgsan")
    parser.add_argument("-v", "--verbose", action="store_true", help="misses and false alarms by family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--copies", type=int, default=10, help="files of each family")
    parser.add_argument("--family", default="")
    parser.add_argument("--floor", action="store_true", help="write the floor anew")
    args = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="imgsan-test-", dir="/var/tmp")
    t = check.Test(os.path.abspath(args.imgsan), False, scratch)
    try:
        measure(t, args)
    finally:
        check.wipe(scratch)
    print("accuracy: %s" % ("%d failed" % t.failed if t.failed else "passed"))
    sys.exit(1 if t.failed else 0)


if __name__ == "__main__":
    main()
