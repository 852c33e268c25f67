# SPDX-License-Identifier: MIT
"""A Windows guest on a real NTFS volume: streams, junctions, hard links, compressed and
sparse files, overlong paths, profiles of several kinds; what goes, what stays, and what The
Sleuth Kit reads afterwards. And the volumes that clean may not touch."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import ntfs
import plant

PACK = """artefacts:
- {name: t-history, title: t, why: w, class: personal, severity: high, os: [windows], action: remove,
   paths: ['~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/*_history.txt'],
   match: [~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt], nomatch: [/x]}
- {name: t-temp, title: t, why: w, class: trace, severity: low, os: [windows], action: empty-tree,
   paths: [/windows/temp, ~/appdata/local/temp], match: [/windows/temp/a], nomatch: [/x]}
- {name: t-greedy, title: t, why: w, class: trace, severity: low, os: [windows], action: remove,
   paths: [/Windows/System32/*, /windows/system32/CONFIG/*], match: [/Windows/System32/x], nomatch: [/x]}
"""
HISTORY = "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
PROFILES = {"S-1-5-18": "%systemroot%\\system32\\config\\systemprofile",
            "S-1-5-20": "%systemroot%\\ServiceProfiles\\NetworkService",
            "S-1-5-21-1-2-3-500": "C:\\Users\\Administrator",
            "S-1-5-21-1-2-3-1001": "C:\\Profiles\\Zo\u00eb \u738b",
            "S-1-5-21-1-2-3-1002": "D:\\Profiles\\dora"}
HOMES = ("/Users/Administrator", "/Profiles/Zo\u00eb \u738b", "/Users/orphan",
         "/Windows/ServiceProfiles/NetworkService", "/Windows/System32/config/systemprofile")
LONG = "/Users/orphan/" + "/".join("%03d" % i + "l" * 90 for i in range(30))


class Planted:
    def __init__(self):
        self.tokens, self.decoys, self.goes = {}, {}, set()

    def token(self, path):
        self.tokens[path] = plant.github().encode()
        return self.tokens[path]

    def decoy(self, c, path, data):
        c.write(path, data)
        self.decoys[path] = data


def plant_homes(c, p):
    for home in HOMES:
        c.write("%s/%s" % (home, HISTORY), b"net user x " + plant.token().encode())
        c.write(home + "/AppData/Local/Temp/leftover.tmp", b"x" * 50)
        p.goes |= {"%s/%s" % (home, HISTORY), home + "/AppData/Local/Temp/leftover.tmp"}
        p.decoy(c, home + "/Documents/letter.txt", b"dear all\r\n" * 20)
        p.decoy(c, home + "/NTUSER.DAT", hive.make({"Software": {}}))
    p.decoy(c, "/Users/orphan/AppData/Roaming/history.txt", b"kept\n")


def plant_system(c, p):
    c.write("/Windows/System32/config/SOFTWARE", hive.software(PROFILES))
    with open(c.path("/Windows/System32/config/SOFTWARE"), "rb") as file:
        p.decoys["/Windows/System32/config/SOFTWARE"] = file.read()
    p.decoy(c, "/Windows/System32/ntdll.dll", b"MZ" + os.urandom(70000))
    p.decoy(c, "/Windows/System32/with-token.dll", b"MZ" + bytes(200) + b" token = " + plant.github().encode() + bytes(90))
    p.decoy(c, "/Windows/explorer.exe", b"MZ" + os.urandom(300))
    p.decoy(c, "/bootmgr", os.urandom(400))


def plant_temp(c, p):
    """In a directory that is emptied: what must outlive that."""
    c.write("/Windows/TEMP/a/b/c.log", b"x" * 1000)
    c.write("/Windows/TEMP/d.log:side", b"y" * 5000)
    p.goes |= {"/Windows/TEMP/a", "/Windows/TEMP/a/b", "/Windows/TEMP/a/b/c.log", "/Windows/TEMP/d.log",
               "/Windows/TEMP/d.log:side"}
    os.link(c.path("/Windows/System32/ntdll.dll"), c.path("/Windows/TEMP/linked.dll"))
    c.junction("/Windows/TEMP/users", "C:\\Users")
    c.junction("/Windows/TEMP/loop", "C:\\Windows\\Temp")
    c.reparse("/Windows/TEMP/dedup", 0x80000013, bytes(80))
    p.goes |= {"/Windows/TEMP/linked.dll", "/Windows/TEMP/users", "/Windows/TEMP/loop", "/Windows/TEMP/dedup"}


def plant_secrets(c, p):
    """Each is redacted in place."""
    c.write("/Users/Administrator/notes.txt", b"token = " + p.token("/Users/Administrator/notes.txt") + b"\r\n")
    wide = p.token("/Users/Administrator/wide.txt")
    c.write("/Users/Administrator/wide.txt", b"\xff\xfe" + ("token = %s\r\n" % wide.decode()).encode("utf-16-le"))
    path = "/Users/Administrator/notes.txt:hidden"
    c.write(path, b"# more\ntoken = " + p.token(path) + b"\n")
    p.decoy(c, "/Users/Administrator/notes.txt:other", b"nothing to see\n")
    c.write("/inetpub/folder/index.html", b"x")
    c.write("/inetpub/folder:stream", b"token = " + p.token("/inetpub/folder:stream") + b"\n")
    os.makedirs(c.path("/inetpub/packed"))
    os.setxattr(c.path("/inetpub/packed"), "system.ntfs_attrib_be", b"\0\0\x08\x10")
    path = "/inetpub/packed/big.txt"
    c.write(path, b"line of text\n" * 20000 + b"token = " + p.token(path) + b"\n" + b"more text\n" * 20000)
    path = "/inetpub/sparse.bin"  # no text: told, and stays
    with open(c.path(path), "wb") as file:
        file.seek(30 << 20)
        file.write(b"\ntoken = " + plant.github().encode() + b"\n")
    os.makedirs(c.path("/Users/orphan"), exist_ok=True)
    at = os.open(c.path("/Users/orphan"), os.O_RDONLY)
    for name in LONG.split("/")[3:]:
        os.mkdir(name, dir_fd=at)
        at, last = os.open(name, os.O_RDONLY, dir_fd=at), at
        os.close(last)
    with open(os.open("deep.txt", os.O_WRONLY | os.O_CREAT, dir_fd=at), "wb") as file:
        file.write(b"token = " + p.token(LONG + "/deep.txt") + b"\n")
    os.close(at)


def plant_streams(c, p):
    p.decoy(c, "/Users/Administrator/Downloads/setup.exe", b"MZ" + os.urandom(3000))
    c.write("/Users/Administrator/Downloads/setup.exe:Zone.Identifier",
            b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://files.example/x?sig=" + plant.token().encode() + b"\r\n")
    p.goes.add("/Users/Administrator/Downloads/setup.exe:Zone.Identifier")
    c.junction("/Documents and Settings", "C:\\Users")
    c.junction("/Users/All Users", "C:\\ProgramData")
    c.junction("/Users/orphan/again", "C:\\Users\\orphan")


def dress(c, path):
    """What a redaction has to leave: attributes, ACL, when it was made."""
    full = c.path(path)
    times = os.getxattr(full, "system.ntfs_times")[:8]
    return os.getxattr(full, "system.ntfs_attrib"), os.getxattr(full, "system.ntfs_acl"), times


def redacted(t, p, before, after, c):
    for path, token in p.tokens.items():
        was, now = before[path], after.get(path)
        if not t.ok(now, "%s is gone" % path):
            continue
        t.ok(was[1] != now[1], "%s was not redacted" % path)
        held = c.content(c.places[path])
        t.ok(token not in held and token.decode().encode("utf-16-le") not in held, "%s keeps its token" % path)


def same_but(t, p, before, after):
    """Nothing else was lost, made or changed."""
    lost = set(before) - set(after)
    t.equal(sorted(lost - p.goes), [], "lost")
    t.equal(sorted(p.goes & set(after)), [], "still there")
    t.equal(sorted(set(after) - set(before)), [], "made")
    t.equal(sorted(k for k in set(before) & set(after) if before[k][:2] != after[k][:2] and k not in p.tokens), [],
            "changed")


def cleaned(t):
    p = Planted()
    pack = t.dir("pack")
    with open(os.path.join(pack, "t.yaml"), "w", encoding="utf-8") as file:
        file.write(PACK)
    with ntfs.Volume(t.path("c.img"), t.dir("c")) as c:
        for planting in (plant_system, plant_homes, plant_temp, plant_secrets, plant_streams):
            planting(c, p)
        kept = {path: dress(c, path) for path in ("/Users/Administrator/notes.txt", "/inetpub/packed/big.txt")}
    before = c.entries()
    for path in p.goes | set(p.tokens) | set(p.decoys):
        t.ok(path in before, "%s was not planted" % path)
    with c:
        scan = t.run("scan", "--pack", pack, "--root", c.point)
        t.equal(scan.code, 1, "there is something: %s" % scan)
        guest = scan.report["guest"]
        t.equal(guest["os"], "windows", "the system")
        t.equal(guest["distribution"], "Windows Server 2022 Standard (21H2, build 20348.169)", "which")
        t.ok("/D:/Profiles/dora" in [x["path"] for x in scan.report["left_out"]], "the drive that is not here")
    t.equal(c.entries(), before, "scan changed something")
    with c:
        run = t.run("clean", "--yes", "--pack", pack, "--root", c.point)
        t.equal([s["path"] for s in run.steps("failed", "skipped")], [], "steps: %s" % run)
        done = {s["path"]: s["action"] for s in run.steps("done")}
        t.equal(sorted(k for k, v in done.items() if v == "redact"), sorted(p.tokens), "redacted")
        t.equal(sorted(f["path"] for f in run.findings("secret")),
                ["/Windows/System32/with-token.dll", "/inetpub/sparse.bin"], "what stays")
        for path, was in kept.items():
            t.equal(dress(c, path), was, "dress of %s" % path)
        again = t.run("scan", "--pack", pack, "--root", c.point)
        t.equal(again.steps(), [], "a second run")
    after = c.entries()
    same_but(t, p, before, after)
    redacted(t, p, before, after, c)


def refused(t, c, why):
    before = c.entries()
    c.mount(getattr(c, "more", ""))
    try:
        scan = t.run("scan", "--root", c.point)
        t.equal(scan.code, 1, "scan goes on: %s" % scan)
        t.ok([f for f in scan.findings("note") if why in f["text"]], "scan says %r: %s" % (why, scan))
        run = t.run("clean", "--yes", "--root", c.point)
        t.equal((run.code, run.steps("done")), (5, []), "clean is refused: %s" % run)
        t.ok(why.encode() in run.out + run.err, "it says %r: %s" % (why, run))
        plan = t.path("plan.json")
        t.run("scan", "--root", c.point, "--plan", plan)
        run = t.run("clean", "--yes", "--plan", plan, "--root", c.point)
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
    place = g.write("/WINDOWS/System32/config/software", hive.software(PROFILES))
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


def test(t):
    copied(t)
    why = ntfs.missing()
    if why:
        print("skipped: %s" % why)
        sys.exit(77)
    cleaned(t)
    unfit(t)


check.main(test)
