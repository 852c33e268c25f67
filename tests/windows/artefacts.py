# SPDX-License-Identifier: MIT
"""artefacts.py IMGSAN.EXE: a tree of Windows, planted with a file for each artefact of the
packs and secrets in many forms, is seen and cleaned by the program for Windows and, as a
copy, by the one for Linux: the same findings and steps, field by field, and the same tree
afterwards, in which an independent reader finds no canary that was not told."""
import io
import os
import random
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import plant
import reader
import tree

import bed
import exe

try:
    import packs
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

HIVES = ("/config/system", "/config/software", "/config/sam", "/ntuser.dat", "/usrclass.dat")
PROFILES = ("/Users/ann", "/Users/Jürgen Groß", "/Users/svc.batch", "/Users/Administrator")
# Whose numbers differ from run to run, or from machine to machine.
UNSTABLE = {"seen"}


def canary(g, path, text="canary %s\n"):
    """The file's content, with a random part that nobody may find again."""
    return text % g.secret(plant.token(), path).decode()


def windows(g):
    """What makes a tree one of Windows."""
    for name in ("SYSTEM", "SOFTWARE", "SAM"):
        g.decoy("/Windows/System32/config/" + name, hive.make({"Decoy": {"values": {"x": (3, random.randbytes(64))}}}))
    for name in ("ntoskrnl.exe", "kernel32.dll", "drivers/disk.sys"):
        g.decoy("/Windows/System32/" + name, b"MZ" + random.randbytes(4096))
    for home in PROFILES:
        g.mkdir(home + "/AppData/Local/Temp")
        g.mkdir(home + "/AppData/Roaming")
        g.decoy(home + "/Documents/letter.txt", "Dear all, the garden is in bloom.\n")


def samples(g):
    """Of each artefact: what has to match, in the profiles by turns, and what has not."""
    number = 0
    for entry in packs.load("artefacts"):
        if "windows" not in (entry.get("os") or ["linux"]):
            continue
        for kind in ("match", "nomatch"):
            for sample in entry[kind]:
                number += 1
                put(g, packs.place(sample, PROFILES[number % len(PROFILES)]), kind)


def put(g, path, kind):
    if "!" in path or ":" in path or path.startswith("HK"):
        return  # members of archives; streams, which Wine does not have; the registry
    try:
        if os.path.isdir(g.path(path)):
            path += "/inside"
        if not os.path.lexists(g.path(path)):
            # Of a sample that must not match another artefact may have its own opinion.
            empty = hive.make({}) if path.lower().endswith(HIVES) else "nothing\n"
            g.write(path, canary(g, path) if kind == "match" else empty)
    except (NotADirectoryError, FileExistsError):
        pass


def secrets(g):
    """In contents, whatever the place."""
    ann, other = PROFILES[0], PROFILES[1]
    for home in PROFILES:
        g.keyfile(home + "/.ssh/id_ed25519", "ed25519")
        g.keyfile(home + "/Desktop/deploy.txt", "ec")
    text = "Remember the milk.\r\ntoken: %s\r\nand the rest stays.\r\n"
    plain = text % g.secret(plant.github(), other + "/project/notes.txt").decode()
    g.write(other + "/project/notes.txt", plain)
    wide = text % g.secret(plant.github(), ann + "/project/wide.txt").decode()
    g.write(ann + "/project/wide.txt", b"\xff\xfe" + wide.encode("utf-16-le"))
    g.write("/inetpub/wwwroot/app/settings.json", '{"user": "app", "password": "%s"}\r\n' %
            g.secret(plant.token(12), "/inetpub/wwwroot/app/settings.json").decode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("conf/über.ini", "[db]\nuser = app\npassword = %s\n" % plant.token(12))
    g.write(ann + "/project/old.zip", packed.getvalue())
    g.decoy(ann + "/project/README.md", "Set `password = <your password>`; see id_rsa docs.\n")
    g.decoy(other + "/project/logo.bin", bytes(range(256)) * 16)


def rows(report, key):
    """As lines that can be compared, each field by name."""
    part = (report.get("left") or report)[key] if key == "findings" else report[key]
    return sorted(repr(sorted((name, value) for name, value in row.items() if name not in UNSTABLE))
                  for row in part)


def same(t, windows_run, linux_run, what):
    t.equal(windows_run.code, linux_run.code, "exit code of %s: %s" % (what, windows_run))
    if not t.ok(windows_run.report and linux_run.report, "%s: no report: %s\n%s" % (
            what, windows_run, linux_run)):
        return
    for key in ("findings", "steps"):
        one, other = rows(windows_run.report, key), rows(linux_run.report, key)
        t.note("%s: %d %s" % (what, len(one), key))
        for line in sorted(set(one) ^ set(other))[:20]:
            t.ok(False, "%s: only %s: %s" % (what, "Windows" if line in one else "Linux", line))
        t.equal(len(one), len(other), "%s: number of %s" % (what, key))
    for key in ("verdict", "counts", "left_out", "omitted"):
        t.equal(windows_run.report[key], linux_run.report[key], "%s: %s" % (what, key))


def contents(root):
    """Of each file and folder what a copy has, too."""
    return {path: (seen["type"], seen["size"], seen.get("sha256"))
            for path, seen in tree.snapshot(root).items()}


def left(t, g, report):
    """What is there still has to be told with its place."""
    told = [f["path"] for f in (report.get("left") or report)["findings"]]
    for hits in reader.search(g.root, g.secrets).values():
        for hit in hits:
            place = os.fsdecode(hit.path)
            t.ok(any(place == p or place.startswith(p.rstrip("/") + "/") for p in told),
                 "left and not told: %s (%s)" % (place, hit.how))


def test(t):
    both = exe.Both(t)
    g = plant.Guest(os.path.join(both.drive, "guest"))
    windows(g)
    samples(g)
    secrets(g)
    plant.copy(g.root, t.path("copy"))
    key = random.randbytes(32).hex() + "\n"
    for place in (os.path.join(both.drive, "key"), t.path("key")):
        with open(place, "w", encoding="ascii") as file:
            file.write(key)
        os.chmod(place, 0o600)
    on_windows = ("--root", "C:\\guest", "--hmac-key", "C:\\key", "--os", "windows")
    on_linux = ("--root", t.path("copy"), "--hmac-key", t.path("key"), "--os", "windows")
    before = contents(g.root)
    scanned = both.windows("scan", *on_windows)
    same(t, scanned, both.linux("scan", *on_linux), "scan")
    t.equal(contents(g.root), before, "a scan changes nothing")
    t.ok(len(scanned.steps()) >= 20 and scanned.findings(), "there is something to compare")
    cleaned = both.windows("clean", "--yes", *on_windows)
    same(t, cleaned, both.linux("clean", "--yes", *on_linux), "clean")
    after, copied = contents(g.root), contents(t.path("copy"))
    t.equal(sorted(set(after.items()) ^ set(copied.items()))[:10], [], "the trees afterwards")
    t.equal(g.decoys_hurt(), [], "decoys")
    if cleaned.report:
        left(t, g, cleaned.report)


bed.need()
check.main(test)
