# SPDX-License-Identifier: MIT
"""The floor (reference.txt): each place on it is covered, by the packs as they are
written and by what the program tells about a tree that has them all. No artefact is
without a case."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import json

import check
import plant

try:
    import packs
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

FLOOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.txt")
FLOOR_OF_WINDOWS = FLOOR.replace("reference.txt", "reference-windows.txt")
KINDS = {"cleaner": "cleaner", "rule": "secret"}


def floor(t, path=FLOOR):
    """[(path, kind, name)]: kind "artefact" (name may be None), "cleaner" or "rule"."""
    lines = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = re.split(r"  +", line.strip())  # a path may hold a space
            if words == [""] or words[0].startswith("# ") or words[0] == "#":
                continue
            words = [words[0]] + words[-1].split() if len(words) > 1 else words
            good = words[0].startswith(("/", "~/", "HKLM\\", "HKU\\")) and (len(words) < 3 or words[1] in KINDS)
            if t.ok(good and len(words) <= 3, "%s:%d: %s" % (path, number, line.strip())):
                kind = words[1] if len(words) == 3 else "artefact"
                lines.append((words[0], kind, words[-1] if len(words) > 1 else None))
    return lines


def listed(t, *more):
    """{kind: names} as the program lists them."""
    run = t.run("list", "--format", "json", *more, json_report=False)
    names = {}
    for item in json.loads(run.out)["items"]:
        names.setdefault(item["kind"], set()).add(item["name"])
    return names


def written(t, lines, names, system="linux"):
    """By the packs: an artefact, the one that is named where one is, covers each place."""
    entries = packs.artefacts(system)
    for path, kind, name in lines:
        if kind != "artefact":
            t.ok(name in names.get(KINDS[kind], ()), "%s: no %s %s" % (path, kind, name))
            continue
        covers = packs.covers_key if path.startswith("HK") else packs.covers
        by = [e["name"] for e in entries if covers(e, path)]
        t.ok(by and (not name or name in by), "%s: covered by %s, wanted %s" % (
            path, by or "nothing", name or "an artefact"))


def told(t, lines):
    """By the program: under a policy that lets everything stay, each place is a finding."""
    g = plant.bare(t.dir("floor"), "root", "alice")
    places = {}
    for path, kind, name in sorted(set(lines), key=lambda line: (-len(line[0]), line[0])):
        place = packs.place(path, "/home/alice")
        if kind == "artefact" and not os.path.lexists(g.path(place)):
            g.write(place, b"floor " + plant.token().encode())
        if kind == "artefact":
            places[place] = name
    policy = t.path("report-all.yaml")
    with open(policy, "w", encoding="ascii") as file:
        file.write("policy: all\ntitle: Everything is told\nclasses:\n" + "".join(
            "  %s: report\n" % name for name in
            ("personal", "identity", "service", "trace", "business")))
    os.chmod(policy, 0o600)
    run = t.run("scan", "--root", g.root, "--policy", policy)
    said = {}
    for finding in run.findings():
        said.setdefault(finding["path"], set()).add(finding["name"])
    t.ok(len(said) > 100, "scan tells of %d places: %s" % (len(said), run))
    for place, name in places.items():
        parts = place.split("/")
        by = set().union(*(said.get("/".join(parts[:n]), set()) for n in range(2, len(parts) + 1)))
        t.ok(by and (not name or name in by), "%s: told by %s, wanted %s" % (
            place, sorted(by) or "nobody", name or "an artefact"))
    check.wipe(g.root)


def cases(t):
    without = [e["name"] for e in packs.load("artefacts")
               if not e.get("match") or not e.get("nomatch")]
    t.equal(without, [], "artefacts without a case")


def test(t):
    lines = floor(t)
    t.ok(len(lines) > 250, "%d places on the floor" % len(lines))
    names = listed(t)
    for system in ("linux", "windows"):
        t.equal(sorted(listed(t, "--os", system).get("artefact", set())
                       ^ {e["name"] for e in packs.artefacts(system)}), [],
                "artefacts for %s either listed or written, not both" % system)
    written(t, lines, names)
    of_windows = floor(t, FLOOR_OF_WINDOWS)
    t.ok(len(of_windows) > 60, "%d places on the floor of Windows" % len(of_windows))
    written(t, of_windows, names, "windows")
    told(t, lines)
    cases(t)
    t.note("%d places, %d artefacts" % (len(lines), len(packs.load("artefacts"))))


check.main(test)
