# SPDX-License-Identifier: MIT
"""Every artefact and every rule alone, by the samples of its own entry: what has to
match goes (or is reported, where it says so), what must not match stays. With
--only windows the artefacts of Windows, in a guest of that shape."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import plant

try:
    import packs
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

HOMES = ("/home/alice", "/root", "/srv/svc")


# What stands there is a hive, or can not be examined.
HIVES = ("/config/SYSTEM", "/config/SOFTWARE", "/config/SAM", "/config/SECURITY", "/config/DEFAULT",
         "/NTUSER.DAT", "/UsrClass.dat")
# What a sample stands between, but for those of whole files.
FIRST, LAST = b"first line\n", b"\nlast line\n"


def base(t, name):
    g = plant.bare(t.dir(name), "root", "alice", "svc")
    return g


def put(g, path, data):
    """A file at a path; where a directory is, in it. None when it can not be put."""
    try:
        if os.path.isdir(g.path(path)):
            path += "/inside"
        g.write(path, data)
        return path
    except (NotADirectoryError, FileExistsError):
        return None


def kept(t, g, name, planted, system):
    """Data of the business stay, and are told, until the policy names them."""
    run = t.run("clean", "--root", g.root, "--os", system, "--yes", "--profile", "strict", "--only", name)
    told = {f["path"] for f in run.findings()}
    for place in planted:
        t.ok(any(place == p or place.startswith(p + "/") for p in told),
             "%s: %s is told" % (name, place))
        t.ok(os.path.exists(g.path(place)), "%s: %s stays" % (name, place))


def guest_of(t, system):
    """A guest to plant in, and its homes."""
    if system == "windows":
        return plant.windows(t.dir("artefact")), plant.WINDOWS_HOMES
    g = base(t, "artefact")
    plant.cloud_init(g)
    return g, HOMES


def artefact(t, entry, system="linux"):
    name = entry["name"]
    g, homes = guest_of(t, system)
    planted = {}
    for number, path in enumerate(sorted(entry["match"], key=len, reverse=True)):
        place = packs.place(path, homes[number % len(homes)])
        data = b"canary " + plant.token().encode()
        place = put(g, place, data)
        if place:
            planted[place] = data
    if entry["class"] == "business" and entry["action"] != "report":
        kept(t, g, name, planted, system)
    for path in entry["nomatch"]:
        place = packs.place(path, homes[0])
        if not os.path.lexists(g.path(place)):
            try:
                g.decoy(place, hive.make({}) if place.endswith(HIVES) else
                        b"decoy " + plant.token().encode())
            except (NotADirectoryError, FileExistsError):
                pass
    # Some stay in every profile unless they are asked for.
    clean = ("clean", "--root", g.root, "--os", system, "--yes", "--profile", "strict",
             "--treat", name + "=remove", "--only", name)
    run = t.run(*clean)
    t.ok(run.code in (0, 1), "%s: %s" % (name, run))
    told = {f["path"] for f in run.findings()}
    for place, data in planted.items():
        try:
            with open(g.path(place), "rb") as file:
                left = file.read() == data
        except OSError:
            left = False
        said = any(place == p or place.startswith(p + "/") for p in told)
        if entry["action"] == "report":
            t.ok(left and said, "%s: %s stays and is told" % (name, place))
        else:
            t.ok(not left, "%s: %s is left" % (name, place))
    t.equal(g.decoys_hurt(), [], name + ": nomatch samples")
    if entry["action"] != "report":
        again = t.run(*clean)
        t.equal(again.code, 0, "%s, a second time: %s" % (name, again))
    check.wipe(g.root)


SID = "S-1-5-21-1-2-3-1001"
FILES = {"HKLM\\SOFTWARE": "/Windows/System32/config/SOFTWARE", "HKLM\\SYSTEM": "/Windows/System32/config/SYSTEM",
         "HKLM\\SECURITY": "/Windows/System32/config/SECURITY", "HKU\\" + SID: "/Users/ann/NTUSER.DAT",
         "HKU\\%s_Classes" % SID: "/Users/ann/AppData/Local/Microsoft/Windows/UsrClass.dat"}


def plant_key(trees, place):
    """Puts a key or a value into {hive: tree of hive.py}."""
    key, mark, value = place.replace("CurrentControlSet", "ControlSet001").partition("\\\\")
    parts = key.split("\\")
    at = trees["\\".join(parts[:2])]
    for part in parts[2:]:
        at = at.setdefault(part, {})
    if mark:
        at.setdefault("values", {})[value] = hive.text(plant.token())


def keys(t, entry):
    """An artefact in the registry, by the plan that is made for hives with all its samples."""
    name = entry["name"]
    g = plant.windows(t.dir("keys"))
    trees = {place: {} for place in FILES}
    plant_key(trees, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\%s\\\\ProfileImagePath" % SID)
    trees["HKLM\\SOFTWARE"]["Microsoft"]["Windows NT"]["CurrentVersion"]["ProfileList"][SID]["values"][
        "ProfileImagePath"] = hive.text("C:\\Users\\ann")
    for place in entry["match"] + entry["nomatch"]:
        plant_key(trees, place)
    for place, path in FILES.items():
        g.write(path, hive.make(trees[place]))
    run = t.run("scan", "--root", g.root, "--os", "windows", "--profile", "strict",
                "--treat", name + "=remove", "--only", name)
    t.equal(run.code, 0 if entry["severity"] == "info" else 1, "%s: %s" % (name, run))
    taken = [(s["action"], s["path"]) for s in run.steps()] + [("report", f["path"]) for f in run.findings()]
    for place in entry["match"]:
        t.ok(any(is_taken(entry, how, path, place) for how, path in taken), "%s: %s is left" % (name, place))
        t.ok(packs.covers_key(entry, place), "%s: %s as the packs are read here" % (name, place))
    for place in entry["nomatch"]:
        t.ok(not any(is_taken(entry, how, path, place) for how, path in taken), "%s: %s is taken" % (name, place))
    for how, path in taken:
        t.ok(packs.covers_key(entry, path) and how == entry["action"], "%s: %s of %s" % (name, how, path))
    check.wipe(g.root)


def is_taken(entry, how, path, place):
    place = place.replace("CurrentControlSet", "ControlSet001")
    below = "\\\\" not in path and place.startswith(path + "\\")
    return below if how == "empty-tree" else place == path or (below and how == "remove")


def boxed(t, entry):
    """An artefact that is about members of archives: told and never touched, by the
    member's name alone, whatever is in it."""
    name = entry["name"]
    for kind in ("match", "nomatch"):
        for sample in entry[kind]:
            g = base(t, "boxed")
            path, member = sample.split("!")
            g.decoy(path, plant.cpio({"init": b"#!/bin/sh\n", member: random.randbytes(64)}))
            for command in (("scan",), ("clean", "--yes")):
                run = t.run(*command, "--root", g.root, "--only", name)
                told = [(f["name"], f["path"], f.get("member")) for f in run.findings()]
                t.equal(told, [(name, path, member)] if kind == "match" else [],
                        "%s: %s of %s" % (name, command[0], sample))
                t.equal(run.steps(), [], "%s: steps for %s" % (name, sample))
            kept = t.run("scan", "--root", g.root, "--only", name, "--treat", name + "=keep")
            t.equal((kept.code, kept.findings()), (0, []), name + ": kept by the policy")
            t.equal(g.decoys_hurt(), [], name)
            check.wipe(g.root)


def rule_path(entry, number, kind):
    if entry.get("paths"):
        path = packs.example(entry["paths"][number % len(entry["paths"])])
        if "some" in path or "srv/imgsan" in path:
            return path.replace("imgsan", "%s%d" % (kind, number))
        return path
    return "/srv/%s-%d.conf" % (kind, number)


def plant_rule(g, entry):
    """{path: (bytes, secret)} of the match samples; nomatch samples are decoys."""
    planted = {}
    for number, template in enumerate(entry["match"]):
        text, secret, _ = packs.sample(entry, template)
        path = rule_path(entry, number, "match")
        if path in planted:
            continue
        data = text.encode()
        if not packs.is_whole(entry):
            data = FIRST + data + LAST
        g.write(path, data, mode=0o600)
        planted[path] = (data, secret.encode())
    for number, template in enumerate(entry["nomatch"]):
        path = rule_path(entry, number, "nomatch")
        if path not in planted:
            g.decoy(path, plant.expand(template)[0] + "\n")
    return planted


def seen(run, path, data, secret):
    """Does the report say that this secret is there? A finding has to point at it; a
    redaction is judged by what it does."""
    for step in run.steps():
        if step["path"] == path and (step["action"] == "remove" or step["ranges"]):
            return True
    for finding in run.findings("secret"):
        piece = data[finding["offset"]:finding["offset"] + finding["length"]]
        if finding["path"] == path and len(piece) >= 4 and (secret in piece or piece in secret):
            return finding["line"] == data[:finding["offset"]].count(b"\n") + 1
    return False


def scanned(t, entry):
    """A sample that looks like a placeholder by chance is drawn once more."""
    for _ in range(2):
        g = base(t, "rule")
        planted = plant_rule(g, entry)
        scan = t.run("scan", "--root", g.root, "--profile", "strict", "--only", entry["name"])
        if all(seen(scan, path, *what) for path, what in planted.items()):
            break
    return g, planted, scan


def rule(t, entry):
    name = entry["name"]
    g, planted, scan = scanned(t, entry)
    for path, (data, secret) in planted.items():
        t.ok(seen(scan, path, data, secret), "%s: scan does not tell of %s" % (name, path))
    for path in g.decoys:
        said = [x for x in scan.steps() + scan.findings("secret") if x["path"] == path]
        t.equal(said, [], "%s: %s is no secret" % (name, path))
    run = t.run("clean", "--root", g.root, "--yes", "--profile", "strict", "--only", name)
    t.ok(run.code in (0, 1), "%s: %s" % (name, run))
    told = {f["path"] for f in run.findings("secret")}
    for path, (data, secret) in planted.items():
        if not os.path.exists(g.path(path)):
            continue
        with open(g.path(path), "rb") as file:
            now = file.read()
        if path in told:
            t.equal(now, data, "%s: %s is told, so it is untouched" % (name, path))
        else:
            t.ok(secret not in now, "%s: the secret is left in %s" % (name, path))
            t.equal(len(now), len(data), "%s: size of %s" % (name, path))
            framed = now.startswith(FIRST) and now.endswith(LAST)
            t.ok(framed or not data.startswith(FIRST),
                 "%s: what is round it stays in %s" % (name, path))
    t.equal(g.decoys_hurt(), [], name + ": nomatch samples")
    check.wipe(g.root)


def windows(t):
    artefacts = packs.artefacts("windows")
    t.ok(len(artefacts) >= 120, "%d artefacts" % len(artefacts))
    for entry in artefacts:
        if entry.get("registry"):
            keys(t, entry)
        else:
            artefact(t, entry, "windows")
    t.note("%d artefacts of Windows" % len(artefacts))


def test(t):
    if t.only == "windows":
        windows(t)
        return
    artefacts, rules = packs.artefacts(), packs.secrets()
    t.ok(len(artefacts) >= 30 and len(rules) >= 20,
         "%d artefacts, %d rules" % (len(artefacts), len(rules)))
    for entry in artefacts:
        if entry.get("members"):
            boxed(t, entry)
        else:
            artefact(t, entry)
    for entry in rules:
        rule(t, entry)
    t.note("%d artefacts, %d rules" % (len(artefacts), len(rules)))


check.main(test)
