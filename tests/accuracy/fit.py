# SPDX-License-Identifier: MIT
"""Fits the judge's weights to the tuning half of the corpus and writes them back.

    fit.py IMGSAN                  shows old and new weights, and what they would do; writes nothing
    fit.py IMGSAN --write FILE     writes them into FILE (patterns/judge/weights.yaml)
    fit.py IMGSAN --check          fits what has a known answer

Each match is its reasons ("because" of a report). The chance that it is a secret is taken for
the logistic function of (sum of its reasons' weights - medium) / SCALE; the weights that explain
the labels best are sought near the old ones, so that a reason which hardly ever occurs stays as
it was. A weight never changes its sign: a reason for a secret does not speak against one. The
thresholds stay. To see also what the old weights drop, the scan is made with a threshold under
which nothing is.
"""
import argparse
import collections
import math
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

try:
    import accuracy
    import corpus
    import plant
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../patterns/judge/weights.yaml")
SCALE = 10.0   # points that make a secret e times as likely
HOLD = 0.02    # how strongly an old weight holds its place
STEPS, RATE, MOMENTUM = 1500, 0.2, 0.9
MOST = 150     # no weight goes beyond


# ---- the fit; an example is (reasons, is it a secret, how much it counts) ----

def chance(reasons, weights, medium):
    score = sum(weights[name] for name in reasons if name in weights) - medium
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score / SCALE))))


def gradient(examples, weights, old, medium):
    total = sum(each[2] for each in examples)
    slope = {name: -HOLD * (weights[name] - old[name]) / SCALE for name in weights}
    for reasons, true, much in examples:
        pull = (true - chance(reasons, weights, medium)) * much / total
        for name in reasons:
            if name in slope:
                slope[name] += pull
    return slope


def signed(value, old):
    """Kept on its side of nothing; one that was nothing may go either way."""
    value = max(-MOST, min(MOST, value))
    return max(0.0, value) if old > 0 else min(0.0, value) if old < 0 else value


def fitted(examples, old, medium):
    weights = {name: float(value) for name, value in old.items()}
    speed = dict.fromkeys(weights, 0.0)
    for _ in range(STEPS):
        slope = gradient(examples, weights, old, medium)
        for name in weights:
            speed[name] = MOMENTUM * speed[name] + RATE * slope[name]
            weights[name] = signed(weights[name] + SCALE * speed[name], old[name])
    return {name: round(value) for name, value in weights.items()}


def balanced(examples):
    """Secrets and others count the same together, and so do the families: otherwise what
    the corpus has often would decide. Examples with the same reasons become one."""
    size = collections.Counter((family, true) for family, _, true in examples)
    merged, sides = collections.Counter(), collections.Counter()
    for family, reasons, true in examples:
        much = size[family, true] ** -0.5
        merged[tuple(reasons), true] += much
        sides[true] += much
    return [(reasons, true, much / sides[true]) for (reasons, true), much in merged.items()]


# ---- examples from a scan ----

def all_told(t, data):
    """A pack whose weights are those of the file and whose threshold hides nothing."""
    data = {"weights": data["weights"], "thresholds": dict(data["thresholds"], low=-1000)}
    with open(os.path.join(t.dir("pack"), "weights.yaml"), "w", encoding="ascii") as file:
        yaml.safe_dump(data, file)
    return t.path("pack")


def told(t, samples, pack):
    """half -> [(family, reasons, is it a secret)]"""
    root = plant.bare(t.dir("root")).root
    corpus.write(samples, root)
    run = t.run("scan", "--root", root, "--policy", plant.report_all(t), "--pack", pack)
    if run.report is None:
        raise RuntimeError("no report: %s" % run)
    of, examples = {s.path: s for s in samples}, collections.defaultdict(list)
    for finding in run.findings("secret"):
        sample = of.get(finding["path"])
        if sample:
            if finding["line"] in sample.either:
                continue
            true = any(label.line <= finding["line"] <= label.last for label in sample.labels)
            reasons = sorted(reason.lstrip("+-") for reason in finding["because"])
            examples[sample.family.half].append((sample.family.name, reasons, true))
    return examples


# ---- what it comes to ----

def counted(examples, weights, medium):
    found = sum(true and chance(r, weights, medium) >= 0.5 for _, r, true in examples)
    false = sum(not true and chance(r, weights, medium) >= 0.5 for _, r, true in examples)
    return "found %4d of %4d, false %3d of %3d" % (
        found, sum(true for *_, true in examples), false, sum(not true for *_, true in examples))


def show(examples, old, new, medium):
    seen = collections.Counter()
    for _, reasons, true in examples["tune"]:
        seen.update((name, true) for name in reasons)
    print("%-20s %6s %6s %10s %10s" % ("", "old", "new", "secrets", "others"))
    for name in old:
        print("%-20s %6d %6d %10d %10d%s" % (name, old[name], new[name], seen[name, True],
                                           seen[name, False], "  *" if old[name] != new[name] else ""))
    for half in ("tune", "report"):
        for title, weights in (("old", old), ("new", new)):
            print("%-6s %s: %s" % (half, title, counted(examples[half], weights, medium)))


def write(path, new):
    with open(path, encoding="ascii") as file:
        text = file.read()
    weights, thresholds, rest = re.split(r"(?m)(?=^thresholds:)", text, maxsplit=1) + [""]
    for name, value in new.items():
        weights, times = re.subn(r"(?m)^(  %s:) *-?\d+" % re.escape(name), r"\g<1> %d" % value, weights)
        if times != 1:
            raise ValueError("%s: %s stands there %d times" % (path, name, times))
    with open(path, "w", encoding="ascii") as file:
        file.write(weights + thresholds + rest)


# ---- the fitter itself ----

def check_fit(t):
    """Matches drawn from weights that are known: the fit has to find out which matter."""
    source = random.Random(1)
    right = {"base": 45, "good": 30, "bad": -40, "idle": 0, "rare": 20, "up": 0}
    old = {"base": 45, "good": 2, "bad": -2, "idle": 10, "rare": 20, "up": 5}
    examples = []
    for _ in range(3000):
        reasons = ["base"] + [n for n in ("good", "bad", "idle") if source.random() < 0.5]
        true = source.random() < chance(reasons, right, 40)
        examples.append(("x%d" % source.randrange(50), reasons, true))
    # "up" may only speak for a secret, though here it speaks against one.
    examples += [("x", ["base", "up"], False)] * 40
    new = fitted(balanced(examples), old, 40)
    print(new)
    t.ok(new["good"] >= 8, "what speaks for a secret gains weight")
    t.ok(new["bad"] <= -12, "what speaks against one gains weight")
    t.ok(abs(new["idle"]) <= 6, "what tells nothing loses weight")
    t.equal(new["rare"], 20, "what never occurs stays")
    t.ok(new["up"] >= 0, "no weight changes sides")
    path = t.path("weights.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write("# why\nweights:\n" + "".join("  %s: %d\n" % each for each in old.items()) +
                   "thresholds:\n  medium: 40\n")
    write(path, new)
    with open(path, encoding="ascii") as file:
        text = file.read()
    t.equal(yaml.safe_load(text), {"weights": new, "thresholds": {"medium": 40}}, "what was written")
    t.ok(text.startswith("# why\n"), "comments stay")


def fit(t, args):
    with open(args.weights, encoding="ascii") as file:
        data = yaml.safe_load(file)
    old, medium = data["weights"], data["thresholds"]["medium"]
    examples = told(t, list(corpus.make(args.seed, args.copies)), all_told(t, data))
    new = fitted(balanced(examples["tune"]), old, medium)
    show(examples, old, new, medium)
    if args.write:
        write(args.write, new)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("imgsan")
    parser.add_argument("--weights", default=WEIGHTS, help="the old ones")
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="imgsan-test-", dir="/var/tmp")
    t = check.Test(os.path.abspath(args.imgsan), False, scratch)
    try:
        (check_fit(t) if args.check else fit(t, args))
    finally:
        check.wipe(scratch)
    print("fit: %s" % ("%d failed" % t.failed if t.failed else "passed"))
    sys.exit(1 if t.failed else 0)


if __name__ == "__main__":
    main()
