# SPDX-License-Identifier: MIT
"""artefacts.py IMGSAN.EXE: a machine with three drives, planted with a file for each artefact
of the packs and secrets in many forms, is seen and cleaned by the program for Windows, which
runs there, and as a copy by the one for Linux: the same findings and steps, field by field,
and the same tree afterwards, in which an independent reader finds no canary that was not
told. D: lies on the system disk, E: on a disk of its own, which is left out unless named."""
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

import bed
import exe
import live
from compare import same

try:
    import packs
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

HIVES = ("/config/system", "/config/software", "/config/sam", "/ntuser.dat", "/usrclass.dat")
PROFILES = ("/Users/ann", "/Users/Jürgen Groß", "/D:/Profiles/dora", "/Users/Administrator")
BINS = ("/$Recycle.Bin", "/D:/$RECYCLE.BIN", "/E:/$RECYCLE.BIN")

# The registry of Wine is no hive that the copy has; what only a running system has is not
# in it either.
SKIPPED = ("--skip", ",".join(e["name"] for e in packs.load("artefacts") if e.get("registry")))
SKIPPED_THERE = (SKIPPED[0], ",".join((SKIPPED[1], bed.LACKING, "winrm", "page-files", "stored-passwords",
                                       "credential-manager", "rdp-certificate", "hibernation", "change-journals")))


def canary(g, path, text="canary %s\n"):
    """The file's content, with a random part that nobody may find again."""
    return text % g.secret(plant.token(), path).decode()


def place(home):
    """As Windows writes it."""
    return (home[1:] if home[2:3] == ":" else "C:" + home).replace("/", "\\")


def windows(g):
    """What makes it a machine with these profiles, to itself and to who reads its hive."""
    profiles = {"S-1-5-21-1-2-3-%d" % (1001 + i): place(home) for i, home in enumerate(PROFILES)}
    g.register(profiles)
    g.decoy("/Windows/System32/config/SOFTWARE", hive.software(profiles))
    for name in ("SYSTEM", "SAM"):
        g.decoy("/Windows/System32/config/" + name, hive.make({"Decoy": {"values": {"x": (3, random.randbytes(64))}}}))
    for name in ("/Windows/System32/drivers/disk.sys", "/D:/Apps/tool.exe"):
        g.decoy(name, b"MZ" + random.randbytes(4096))
    for home in PROFILES:
        g.mkdir(home + "/AppData/Local/Temp")
        g.mkdir(home + "/AppData/Roaming")
        g.decoy(home + "/Documents/letter.txt", "Dear all, the garden is in bloom.\n")


def drives(g):
    """What lies on each of them, one profile or not."""
    for number, folder in enumerate(BINS):
        thrown = "%s/S-1-5-21-1-2-3-100%d/" % (folder, number)
        g.write(thrown + "$RA1B2C3.txt", canary(g, thrown + "$RA1B2C3.txt"))
        g.write(thrown + "$IA1B2C3.txt", "\2\0\0\0\0\0\0\0" + canary(g, thrown + "$IA1B2C3.txt"))
    for letter in "DE":
        path = "/%s:/srv/app.env" % letter
        g.write(path, "GITHUB_TOKEN=%s\r\nMODE=live\r\n" % g.secret(plant.github(), path).decode())
        g.keyfile("/%s:/keys/deploy.txt" % letter, "ec")
        g.decoy("/%s:/RECYCLER.txt" % letter, "No bin.\n")
        g.decoy("/%s:/data/table.bin" % letter, random.randbytes(3000))


def samples(g):
    """Of each artefact: what has to match, in the profiles by turns, and what has not. What may
    lie on any drive lies on all."""
    number = 0
    for entry in packs.load("artefacts"):
        if "windows" not in (entry.get("os") or ["linux"]):
            continue
        for kind in ("match", "nomatch"):
            for sample in entry[kind]:
                number += 1
                put(g, packs.place(sample, PROFILES[number % len(PROFILES)]), kind)
        for glob in entry.get("paths", ()):
            for letter in "DE" if glob.startswith("/?:/") else ():
                path = packs.example("/%s:/" % letter + glob[4:])
                put(g, path + ("/inside" if entry["action"] == "empty-tree" else ""), "match")


def put(g, path, kind):
    if "!" in path or ":" in path[3:] or path.startswith("HK"):
        return  # members of archives; streams, which Wine does not have; the registry
    try:
        if g.is_folder(path):
            path += "/inside"
        if not g.has(path):
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


def left(t, g, report):
    """What is there still has to be told with its place."""
    told = [f["path"] for f in (report.get("left") or report)["findings"]]
    for top, root in [("", g.root)] + [("/%s:" % letter.upper(), bed.drive(g.directory, letter))
                                       for letter in g.drives]:
        for hits in reader.search(root, g.secrets).values():
            for hit in hits:
                where = top + os.fsdecode(hit.path)
                t.ok(any(where == p or where.startswith(p.rstrip("/") + "/") for p in told),
                     "left and not told: %s (%s)" % (where, hit.how))


def differing(one, other):
    """Ten of them."""
    return sorted(set(one.items()) ^ set(other.items()))[:10]


def scanned(t, g, both, copy, key):
    """Without the other disk, which Windows leaves out and tells, and the copy does not have."""
    before = g.own()
    run = g.run("scan", *SKIPPED_THERE, "--hmac-key", "C:\\%s\\key" % live.TOOLS)
    t.ok(len(run.steps()) >= 20 and run.findings(), "there is something to compare: %s" % run)
    t.equal([s["path"] for s in run.steps() if s["path"].startswith("/E:")], [], "steps on another disk")
    for path in BINS[:2]:
        t.ok(path in [s["path"] for s in run.steps()], "no step for %s" % path)
    if run.report:
        t.equal(run.report["guest"]["live"], True, "it is the machine itself")
        t.equal([x["path"] for x in run.report["left_out"]], ["/E:"], "left out")
        run.report["left_out"] = []
    same(t, run, both.linux("scan", *SKIPPED, "--root", copy, "--hmac-key", key, "--os", "windows"), "scan")
    t.equal(differing(g.own(), before), [], "a scan changes nothing")


def test(t):
    both = exe.Both(t)
    g = live.Machine(both, {"d": None, "e": "floppy"})
    windows(g)
    drives(g)
    samples(g)
    secrets(g)
    copy, key = t.path("copy"), t.path("key")
    g.copy(copy)
    g.copy_drive("d", copy)
    for name in (key, os.path.join(g.tools, "key")):
        with open(name, "w", encoding="ascii") as file:
            file.write("%064x\n" % t.seed)
        os.chmod(name, 0o600)
    scanned(t, g, both, copy, key)
    g.copy_drive("e", copy)
    more = ("--include-mount", "/E:", "--hmac-key")
    cleaned = g.run("clean", "--yes", *SKIPPED_THERE, *more, "C:\\%s\\key" % live.TOOLS)
    same(t, cleaned, both.linux("clean", "--yes", *SKIPPED, "--root", copy, "--os", "windows", *more, key), "clean")
    t.ok(any(s["path"] == BINS[2] for s in cleaned.steps("done")), "the other disk was taken in")
    t.equal(differing(g.contents(), live.described(copy)), [], "the trees afterwards")
    t.equal(g.decoys_hurt(), [], "decoys")
    if cleaned.report:
        left(t, g, cleaned.report)


bed.need()
check.main(test)
