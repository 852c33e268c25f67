# SPDX-License-Identifier: MIT
"""The registry of a Windows disk from Linux: a plan of registry places, done in a plain tree
and on a real NTFS volume. What went is in no byte of a hive, its logs or (NTFS) the volume;
what stays is the same for three readers; what is dirty or damaged stays as it is; killed at
every change and run again it ends as if it had not been."""
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import ntfs
import plant
import strace

ANN = "S-1-5-21-1-2-3-1001"
WRITTEN = (0x01d0000000000000 - 116444736000000000) * 100  # as hive.make has it
CONFIG = "/Windows/System32/config/"
NTUSER = "/Users/Ann/ntuser.dat"
CLASSES = "/Users/Ann/AppData/Local/Microsoft/Windows/UsrClass.dat"
NAME = "t-registry"
CONTENT = "n\u00f6\u738b"  # of what is replaced
PACK = """artefacts:
- {name: %s, title: t, why: w, class: personal, severity: high, os: [windows], action: remove,
   paths: [/t-nothing], match: [/t-nothing], nomatch: [/x]}
""" % NAME


class Disk:
    """The hives, what goes and what they are to hold afterwards."""

    def __init__(self):
        self.canaries, self.places, self.files, self.models = [], [], {}, {}

    def secret(self, count=30):
        self.canaries.append(plant.token(count))
        return self.canaries[-1]

    def goes(self, place, action="remove", ranges=(), size=0):
        self.places.append((place, action, list(ranges), size))

    def keep(self, path, before, after):
        """The hive as Windows would have it, with remains of what was removed before, and logs."""
        litter = self.secret()
        data = hive.make(before, litter=litter.encode() + litter.encode("utf-16-le"))
        self.files[path] = data
        old = self.secret().encode("utf-16-le") * 400
        self.files[path + ".LOG1"] = hive.log(data, [data[4096:8192], old[:4096]])
        self.files[path + ".LOG2"] = self.secret().encode() * 3000
        self.files[path + ".LOG"] = b""
        self.models[path] = after


def software(d):
    named, redacted = d.secret(), d.secret()
    other = d.secret()
    odd = d.secret(20) + "\U0001f511\u738b" + d.secret(20)
    wide = hive.text("\u00e4key=" + redacted + ";\0\u738b=" + odd + ";x\0")[1]
    wide = (7, wide)  # several texts, each with its NUL
    profiles = {"Microsoft": {"Windows NT": {"CurrentVersion": {
        "values": {"ProductName": hive.text("Windows Server 2022"), "SystemRoot": hive.text("C:\\Windows")},
        "ProfileList": {ANN: {"values": {"ProfileImagePath": hive.text("C:\\Users\\Ann", expand=True)}}},
        "Winlogon": {"values": {"Shell": hive.text("explorer.exe")}}}}}}
    stays = {"Mail": {"values": {"Server": hive.text("mail.example"), "Blob": (3, bytes(range(256)) * 90)},
                      hive.SECURITY: hive.OWNER[:-1] + b"\7"}}
    many = {"m%04d" % i: {"values": {"n": hive.number(i)}} for i in range(700)}
    before = dict(profiles, Vendor=dict(stays, Agent={
        "values": {"Token": hive.text(d.secret()), "": hive.text(d.secret()), "Long": (3, d.secret().encode() * 1500),
                   "Keep": hive.text("kept"), "Cut": hive.text(d.secret()), "Mixed": wide, "Other": hive.text(other)},
        named: {"values": {"a": hive.text(d.secret())}, hive.CLASS: d.secret(), hive.SECURITY: hive.OWNER + b"\1\2\3\4"}},
        Servers={d.secret(): {"values": {"h": hive.number(1)}}, "values": {"x": hive.text(d.secret())}}), Many=many)
    after = dict(profiles, Vendor=dict(stays, Agent={
        "values": {"Keep": hive.text("kept"), "Cut": (1, b""), "Mixed": wide, "Other": hive.text(CONTENT)}}, Servers={}), Many={
            k: v for k, v in many.items() if k != "m0300"})
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Token")
    d.goes("HKLM\\Software\\vendor\\AGENT\\\\")
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Long")
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\" + named)
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Cut", "truncate")
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Other", "replace-content", size=len(hive.text(other)[1]))
    d.goes("HKLM\\SOFTWARE\\Vendor\\Servers", "empty-tree")
    d.goes("HKLM\\SOFTWARE\\Many\\m0300")
    d.goes("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Mixed", "redact", [
        [6, len(redacted), "none", 0], [6 + len(redacted) + 2 + 4, len(odd.encode()), "none", 0]], len(wide[1]))
    d.keep(CONFIG + "SOFTWARE", before, after)


def others(d):
    select = {"values": {"Current": hive.number(2)}}
    first = {"Services": {"Tcpip": {"values": {"Hostname": hive.text("stays")}}}}
    d.keep(CONFIG + "SYSTEM", {"Select": select, "ControlSet001": first, "ControlSet002": {
        "Services": {"Tcpip": {"values": {"Hostname": hive.text(d.secret())}}}}},
           {"Select": select, "ControlSet001": first, "ControlSet002": {"Services": {"Tcpip": {}}}})
    d.goes("HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\\\Hostname")
    d.keep(NTUSER, {"Environment": {"values": {"API_\u738b": hive.text(d.secret()), "TEMP": hive.text("t")}}},
           {"Environment": {"values": {"TEMP": hive.text("t")}}})
    d.goes("HKU\\" + ANN + "\\Environment\\\\API_\u738b")
    d.keep(CLASSES, {"MuiCache": {"values": {d.secret(): hive.text("x")}}}, {})
    d.goes("HKU\\" + ANN + "_Classes\\MuiCache")
    d.keep(CONFIG + "DEFAULT", {"Software": {"X": {"values": {"v": hive.text(d.secret()), "w": hive.text(d.secret())}}}},
           {"Software": {"X": {}}})
    d.goes("HKU\\.DEFAULT\\Software\\X\\\\v")
    d.goes("HKU\\S-1-5-18\\Software\\X\\\\w")
    d.keep("/Users/Default/NTUSER.DAT", {"A": {"values": {"a\0b": hive.text(d.secret()), "a": hive.text("stays")}}},
           {"A": {"values": {"a": hive.text("stays")}}})
    d.goes("HKU\\/Users/Default\\A\\\\a\udcc0\udc80b")  # a NUL, as it is written in a place


def disk():
    d = Disk()
    software(d)
    others(d)
    d.files["/Windows/System32/ntdll.dll"] = b"MZ" + os.urandom(9000)
    d.files[CONFIG + "SAM"] = hive.make({"SAM": {"values": {"C": (3, b"keep me as I am")}}}, litter=b"of no use")
    d.files[CONFIG + "SAM.LOG1"] = b"of no use either"
    return d


def plan(t, root, places):
    steps = [{"action": action, "path": place.encode("utf-8", "surrogateescape").decode("latin-1"), "name": NAME, "why": "w",
              "target": dict.fromkeys(("device", "inode", "kind", "size", "links", "mtime", "ctime"), 0) |
              {"size": size, "mtime": WRITTEN if size else 0},
              **({"content": CONTENT.encode().decode("latin-1")} if action == "replace-content" else {}),
              "ranges": ranges, "keep": [], "keep_sockets": False, "mode": 0, "files": 0, "bytes": 0}
             for place, action, ranges, size in places]
    path = t.path("plan.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump({"schema": "imgsan.plan/1", "root": root, "steps": steps}, file)
    os.chmod(path, 0o600)
    return path


def pack(t):
    path = os.path.join(t.dir("pack"), "t.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write(PACK)
    return os.path.dirname(path)


def clean(t, root, places, **options):
    return t.run("clean", "--yes", "--pack", pack(t), "--plan", plan(t, root, places), "--root", root, **options)


def full(root, path):
    return os.path.join(root, path.lstrip("/"))


def put(d, root):
    for path, data in d.files.items():
        os.makedirs(os.path.dirname(full(root, path)), exist_ok=True)
        with open(full(root, path), "wb") as file:
            file.write(data)


def read(root, path):
    with open(full(root, path), "rb") as file:
        return file.read()


def listed(root):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(root) for name in names)


def holds(data, canary):
    return canary.encode() in data or canary.encode("utf-16-le") in data


def cleaned(t, d, root, where):
    for path, model in d.models.items():
        new = read(root, path)
        wanted = hive.make(model)
        try:
            got, had = hive.Reader(new), hive.Reader(wanted)
        except (AssertionError, KeyError) as fault:
            t.ok(False, "%s: %s is damaged: %r" % (where, path, fault))
            continue
        t.equal((got.faults, got.rests, got.lost), ([], [], []), "%s: %s" % (where, path))
        if path == CONFIG + "SOFTWARE":  # what stands where a secret stood is ours to choose
            for keys in (got.keys, had.keys):
                kind, value = keys["Vendor\\Agent"][4].pop("Mixed")
                parts = re.split(r"[A-Za-z0-9\U0001f511\u738b]{30,}", value.decode("utf-16-le"))
                t.equal((kind, parts), (7, ["\u00e4key=", ";\0\u738b=", ";x\0\0"]), "what stands round a secret")
        t.ok(got.keys == had.keys, "%s: %s has other keys or values than it should" % (where, path))
        for end in (".LOG", ".LOG1", ".LOG2"):
            t.equal(read(root, path + end), b"", "%s: %s" % (where, path + end))
        read_by_others(t, full(root, path), where + ": " + path)
    for path, data in d.files.items():
        content = read(root, path)
        t.equal([c for c in d.canaries if holds(content, c)], [], "%s: canaries in %s" % (where, path))
        if not any(path.startswith(p) for p in d.models):
            t.ok(content == data, "%s: %s was changed" % (where, path))
    t.equal([x[len(root):] for x in listed(root)], [x[len(root):] for x in sorted(full(root, p) for p in d.files)],
            where + ": the files there")


def read_by_others(t, path, what):
    for argv in (["hivexml", path], ["hivexsh", path], ["reged", "-x", path, "P", "\\", t.path("reged.reg")]):
        try:
            done = subprocess.run(argv, input=b"ls\n", capture_output=True, check=False, timeout=60)
        except FileNotFoundError:
            t.note("skipped: %s is not here" % argv[0])
            continue
        t.ok(done.returncode == 0 and b"rror" not in done.stderr, "%s and %s: %s" % (argv[0], what, done.stderr[-200:]))


def in_a_tree(t):
    d, root = disk(), t.dir("plain")
    put(d, root)
    missing = [("HKLM\\SOFTWARE\\Vendor\\\\None", "remove", [], 0), ("HKLM\\SAM\\No\\Such", "remove", [], 0)]
    run = clean(t, root, d.places + missing[:1])
    t.equal([(s["path"], s.get("error")) for s in run.steps("failed", "skipped")], [], "steps: %s" % run)
    t.equal(len(run.steps("done")), len(d.places) + 1, "done: %s" % run)
    t.equal([s["error"] for s in run.steps("done") if s["path"].endswith("None")], ["was gone already"], "what is not there")
    cleaned(t, d, root, "a plain tree")
    told = run.out + run.err + json.dumps(run.report).encode()
    t.equal([c for c in d.canaries[:-1] if holds(told, c) and not any(c in p[0] for p in d.places)], [], "the report")
    before = {p: (read(root, p), os.stat(full(root, p)).st_ino) for p in d.files}
    run = clean(t, root, [("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Mixed", "redact", p[2], p[3] + 2) for p in d.places if p[2]])
    t.equal([s["error"] for s in run.steps("skipped")], ["changed since it was planned"], "another size: %s" % run)
    run = clean(t, root, d.places)
    t.equal({s.get("error") for s in run.steps("done") if s["action"] == "remove"}, {"was gone already"}, "again")
    same = [p for p in d.models if p != CONFIG + "SOFTWARE"]  # that one is redacted again
    t.equal({p: (read(root, p), os.stat(full(root, p)).st_ino) for p in same}, {p: before[p] for p in same},
            "a second run writes nothing")
    cleaned(t, d, root, "a second run")


def refused(t):
    d = disk()
    place = [("HKLM\\SOFTWARE\\Vendor\\Agent\\\\Token", "remove", [], 0)]
    good = d.files[CONFIG + "SOFTWARE"]
    newer = hive.log(good, [good[4096:8192]], sequence=9)
    damaged = bytearray(good)
    damaged[4096] = 0
    cases = (("dirty", {CONFIG + "SOFTWARE": hive.dirty(good)}, "dirty"),
             ("newer", {CONFIG + "SOFTWARE.LOG2": newer}, "dirty"),
             ("damaged", {CONFIG + "SOFTWARE": bytes(damaged)}, "damaged"))
    for name, files, why in cases:
        root = t.dir("refused-" + name)
        put(d, root)
        for path, data in files.items():
            with open(full(root, path), "wb") as file:
                file.write(data)
        before = {p: read(root, p) for p in d.files}
        run = clean(t, root, place + [("HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\\\Hostname", "remove", [], 0)])
        told = {s["path"].split("\\")[1]: (s["state"], s.get("error") or "") for s in run.steps()}
        t.equal(run.code, 3, "%s: %s" % (name, run))
        t.ok(told["SOFTWARE"][0] == "failed" and why in told["SOFTWARE"][1], "%s: %r" % (name, told))
        t.equal(told["SYSTEM"][0], "done", "another hive")
        changed = [p for p in d.files if read(root, p) != before[p] and not p.startswith(CONFIG + "SYSTEM")]
        t.equal(changed, [], name + ": changed")
        t.ok(listed(root) == sorted(full(root, p) for p in d.files), name + ": made or lost")


def unknown(t):
    d, root = disk(), t.dir("unknown")
    put(d, root)
    before = {p: read(root, p) for p in d.files}
    places = [("HKU\\S-1-5-21-9-9-9-9\\Environment\\\\x", "remove", [], 0), ("HKLM\\HARDWARE\\X", "remove", [], 0),
              ("HKLM\\SECURITY\\Extra\\Key", "remove", [], 0), ("HKLM\\SOFTWARE", "remove", [], 0)]
    run = clean(t, root, places)
    told = {s["path"]: (s["state"], s.get("error")) for s in run.steps()}
    why = "no hive of this disk is known for that place"
    t.equal([told[p[0]] for p in places], [("failed", why), ("failed", why), ("done", "was gone already"),
                                           ("skipped", "a hive of the registry")], "places without a hive")
    t.ok({p: read(root, p) for p in d.files} == before, "nothing was changed")


# ---- cut off ----

def state(d, root):
    return {p: hashlib.sha256(read(root, p)).hexdigest() for p in d.files if os.path.exists(full(root, p))}, \
        [x[len(root):] for x in listed(root)]


def killed(t):
    if not strace.available():
        t.note("skipped: no strace")
        return
    d, root = disk(), t.dir("killed")
    # One hive after another does the same; two show what happens between them.
    for path in list(d.models):
        if path not in (CONFIG + "SOFTWARE", NTUSER):
            for name in [n for n in d.files if n.startswith(path)]:
                del d.files[name]
            del d.models[path]
    places = [p for p in d.places if "SOFTWARE\\V" in p[0] or "Environment" in p[0]]
    places = [p for p in places if p[1] != "redact"]  # which takes what it finds for the secret, each time
    put(d, root)
    run = clean(t, root, places)
    t.equal(run.steps("failed", "skipped"), [], "undisturbed: %s" % run)
    wanted = state(d, root)
    log, calls = t.path("calls.log"), [c for c in strace.CHANGING if c not in ("mount", "umount2", "pivot_root")]
    calls += ["fsync", "fdatasync"]
    check.wipe(root)
    put(d, root)
    clean(t, root, places, json_report=False, wrap=strace.wrap(log, follow=False, calls=calls))
    points = [(c.name, c.number) for c in strace.read(log) if strace.changes(c)]
    t.ok(len(points) > 15, "changing calls: %d" % len(points))
    missed = 0
    # By default every third, and all of those that name, cut off and bring to the disk.
    points = [p for i, p in enumerate(points) if t.long or i % 3 == 0 or p[0] in ("renameat", "rename", "ftruncate")]
    for name, number in points:
        check.wipe(root)
        put(d, root)
        run = clean(t, root, places, json_report=False, wrap=[
            "strace", "-o", "/dev/null", "-e", "trace=" + name,
            "-e", "inject=%s:signal=SIGKILL:when=%d" % (name, number)])
        missed += run.code not in (-9, 137)
        for path in d.models:  # at any time it is a hive that opens
            hive.Reader(read(root, path))
        clean(t, root, places)
        t.ok(state(d, root) == wanted, "killed at %s %d: another end" % (name, number))
        if t.failed > 10:
            break
    t.note("killed at %d of %d calls" % (len(points) - missed, len(points)))
    t.ok(missed * 10 <= len(points), "most kills reach the program")


# ---- on NTFS ----

def on_ntfs(t):
    d = disk()
    volume = ntfs.Volume(t.path("hives.img"), t.dir("volume"), megabytes=48)
    with volume:
        put(d, volume.point)
        os.setxattr(full(volume.point, NTUSER), "system.ntfs_attrib_be", b"\0\0\0\x26")
        dress = {p: [os.getxattr(full(volume.point, p), "system.ntfs_" + x) for x in ("acl", "attrib")] for p in d.models}
        run = clean(t, volume.point, d.places)
        t.equal([(s["path"], s.get("error")) for s in run.steps("failed", "skipped")], [], "NTFS: %s" % run)
        t.equal(len(run.steps("done")), len(d.places), "done on NTFS: %s" % run)
        cleaned(t, d, volume.point, "NTFS")
        t.equal({p: [os.getxattr(full(volume.point, p), "system.ntfs_" + x) for x in ("acl", "attrib")]
                 for p in d.models}, dress, "security descriptors and attributes of the files")
    there = volume.entries()
    for path in d.models:
        data = volume.content(volume.places[path])
        t.equal([c for c in d.canaries if holds(data, c)], [], "%s as The Sleuth Kit reads it" % path)
        t.ok(data and path + ".LOG1" in there, "%s and its log" % path)
    with open(volume.image, "rb") as file:
        image = file.read()
    t.equal([c for c in d.canaries if holds(image, c)], [], "canaries in any block of the volume")


def test(t):
    in_a_tree(t)
    refused(t)
    unknown(t)
    killed(t)
    why = ntfs.missing()
    if why:
        t.note("the part about NTFS is skipped: %s" % why)
        return
    on_ntfs(t)


check.main(test)
