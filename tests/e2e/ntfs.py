# SPDX-License-Identifier: MIT
"""A Windows guest on two real NTFS volumes, C: and D:: streams, junctions, hard links,
compressed and sparse files, overlong paths, profiles of several kinds; what goes, what stays,
and what The Sleuth Kit reads afterwards. And the volumes that clean may not touch."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import disks
import hive
import ntfs
import plant
import tree

def dress(c, path):
    """What a redaction has to leave: attributes, ACL, when it was made."""
    full = c.path(path)
    times = os.getxattr(full, "system.ntfs_times")[:8]
    return os.getxattr(full, "system.ntfs_attrib"), os.getxattr(full, "system.ntfs_acl"), times


def redacted(t, p, before, after, volumes):
    for path, token in p.tokens.items():
        was, now = before[path], after.get(path)
        if not t.ok(now, "%s is gone" % path):
            continue
        t.ok(was[1] != now[1], "%s was not redacted" % path)
        volume = next(v for v in volumes if path in v.places)
        held = volume.content(volume.places[path])
        t.ok(token not in held and token.decode().encode("utf-16-le") not in held, "%s keeps its token" % path)


def same_but(t, p, before, after):
    """Nothing else was lost, made or changed."""
    lost = set(before) - set(after)
    t.equal(sorted(lost - p.goes), [], "lost")
    t.equal(sorted(p.goes & set(after)), [], "still there")
    t.equal(sorted(set(after) - set(before)), [], "made")
    t.equal(sorted(k for k in set(before) & set(after) if before[k][:2] != after[k][:2] and k not in p.tokens), [],
            "changed")


def entries(volumes):
    return {path: what for volume in volumes for path, what in volume.entries().items()}


def cleaned(t):
    pack = disks.pack(t)
    c, d = volumes = (ntfs.Volume(t.path("c.img"), t.dir("c")),
                      ntfs.Volume(t.path("d.img"), t.dir("d"), 24, top="/D:"))
    with c, d:
        p = disks.plant_all(c, d)
        kept = {(v, path): dress(v, path) for v, path in (
            (c, "/Users/Administrator/notes.txt"), (c, "/inetpub/packed/big.txt"), (d, "/data/app.env"))}
    before = entries(volumes)
    for path in p.goes | set(p.tokens) | set(p.decoys):
        t.ok(path in before, "%s was not planted" % path)
    both = ("--root", c.point, "--include-mount", "/D:=" + d.point)
    with c, d:
        scan = t.run("scan", "--pack", pack, "--root", c.point)
        t.equal(scan.code, 1, "there is something: %s" % scan)
        guest = scan.report["guest"]
        t.equal(guest["os"], "windows", "the system")
        t.equal(guest["distribution"], "Windows Server 2022 Standard (21H2, build 20348.169)", "which")
        t.ok("/D:/Profiles/dora" in [x["path"] for x in scan.report["left_out"]], "the drive that is not here")
        scan = t.run("scan", "--pack", pack, *both)
        t.equal(scan.report["left_out"], [], "with the drive")
        t.equal({s["class"] for s in scan.steps() if s["path"].startswith("/D:/data/app.env")}, {"service"},
                "whose it is outside every profile")
    t.equal(entries(volumes), before, "scan changed something")
    with c, d:
        run = t.run("clean", "--yes", "--pack", pack, *both)
        t.equal([s["path"] for s in run.steps("failed", "skipped")], [], "steps: %s" % run)
        done = {s["path"]: s["action"] for s in run.steps("done")}
        t.equal(sorted(k for k, v in done.items() if v == "redact"), sorted(p.tokens), "redacted")
        t.equal(sorted(f["path"] for f in run.findings("secret")), p.told, "what stays")
        for (volume, path), was in kept.items():
            t.equal(dress(volume, path), was, "dress of %s" % path)
        again = t.run("scan", "--pack", pack, *both)
        t.equal(again.steps(), [], "a second run")
    after = entries(volumes)
    same_but(t, p, before, after)
    redacted(t, p, before, after, volumes)


def refused(t, c, why, beside=None):
    """beside: the system drive that it is a further drive of."""
    where = ("--root", beside.point, "--include-mount", "/D:=" + c.point) if beside else ("--root", c.point)
    before = c.entries()
    c.mount(getattr(c, "more", ""))
    try:
        scan = t.run("scan", *where)
        t.equal(scan.code, 1, "scan goes on: %s" % scan)
        t.ok([f for f in scan.findings("note") if why in f["text"]], "scan says %r: %s" % (why, scan))
        run = t.run("clean", "--yes", *where)
        t.equal((run.code, run.steps("done")), (5, []), "clean is refused: %s" % run)
        t.ok(why.encode() in run.out + run.err, "it says %r: %s" % (why, run))
        plan = t.path("plan.json")
        t.run("scan", *where, "--plan", plan)
        run = t.run("clean", "--yes", "--plan", plan, *where)
        t.equal((run.code, run.steps("done")), (5, []), "a plan is refused as well: %s" % run)
    finally:
        c.unmount()
    t.equal(c.entries(), before, "something was changed")


def unfit(t):
    def make(name):
        c = ntfs.Volume(t.path(name + ".img"), t.dir(name), 24)
        with c:
            c.write("/Windows/System32/ntdll.dll", b"MZ")
            c.write("/Users/ann/notes.txt", b"token = " + plant.github().encode() + b"\n")
            if name == "hibernated":
                c.write("/hiberfil.sys", b"HIBR" + bytes(9000))
            if name == "resumed":
                c.write("/hiberfil.sys", b"wake" + bytes(9000))
        return c
    dirty = make("dirty")
    dirty.set_dirty()
    refused(t, dirty, "dirty")
    with make("system") as c:
        refused(t, dirty, "the volume /D: is marked dirty", beside=c)
    refused(t, make("hibernated"), "hibernated")
    read_only = make("read-only")
    read_only.more = ",ro"
    refused(t, read_only, "read-only")
    with make("resumed") as c:
        run = t.run("clean", "--yes", "--root", c.point)
        t.equal(run.code, 0, "one that has gone on: %s" % run)


def copied(t):
    """The same from a copy on another file system, with a profile on a drive beside it."""
    g = plant.Guest(t.dir("copy"))
    place = g.write("/WINDOWS/System32/config/software", hive.software(disks.PROFILES))
    if shutil.which("hivexget"):  # what wrote the hive is our own, so somebody else reads it as well
        told = subprocess.run(["hivexget", place, "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-18"],
                              capture_output=True, text=True, check=True).stdout
        t.ok("systemprofile" in told, "hivexget: %s" % told)
    wanted = {"/D:/Profiles/dora/a.txt": "personal", "/Users/orphan/a.txt": "personal",
              "/Windows/ServiceProfiles/NetworkService/a.txt": "service", "/srv/a.txt": "service"}
    for path in wanted:
        g.write(path.replace("/Windows/", "/WINDOWS/"), b"token = " + plant.github().encode() + b"\n")
    run = t.run("scan", "--root", g.root)
    t.equal({s["path"].replace("WINDOWS", "Windows"): s["class"] for s in run.steps()}, wanted, "whose it is")
    t.equal(run.report["guest"]["distribution"], "Windows Server 2022 Standard (21H2, build 20348.169)", "which")
    with open(place, "r+b") as file:
        file.truncate(5000)
    run = t.run("scan", "--root", g.root)
    t.ok([f for f in run.findings("unexamined") if "profiles could not be read" in f["text"]], "a damaged hive: %s" % run)
    t.equal(run.code, 5, "it counts")


def either(t):
    """Which system it is, where nobody says: by what only one of them has."""
    g = plant.Guest(t.dir("either"))
    g.write("/Windows/System32/config/SYSTEM", hive.make({}))
    g.write("/etc/profile.d/env.sh", "x\n")
    g.write("/usr/bin/bash.exe", b"MZ")
    g.write("/Users/ann/notes.txt", b"token = " + plant.github().encode() + b"\n")
    run = t.run("scan", "--root", g.root)
    t.equal((run.report["guest"]["os"], len(run.steps())), ("windows", 1), "programs that bring their /etc along")
    g.write("/etc/os-release", "ID=debian\n")
    before = tree.snapshot(g.root)
    run = t.run("scan", "--root", g.root)
    t.ok([f for f in run.findings("note") if "--os" in f["text"]], "it says what to say: %s" % run)
    run = t.run("clean", "--yes", "--root", g.root)
    t.equal((run.code, run.steps("done")), (5, []), "nobody guesses: %s" % run)
    t.equal(tree.differences(before, tree.snapshot(g.root), ("atime",)), [], "nothing is changed")
    run = t.run("clean", "--yes", "--root", g.root, "--os", "windows")
    t.equal((run.code, len(run.steps("done"))), (0, 1), "when it is said: %s" % run)


def test(t):
    copied(t)
    either(t)
    why = ntfs.missing()
    if why:
        print("skipped: %s" % why)
        sys.exit(77)
    cleaned(t)
    unfit(t)


check.main(test)
