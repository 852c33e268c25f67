# SPDX-License-Identifier: MIT
"""A Windows guest on two volumes of real NTFS: what a file system has beside names and bytes.

    with ntfs.Volume(...) as c, ntfs.Volume(..., top="/D:") as d:
        p = disks.plant_all(c, d)

p.goes: what clean takes away; p.tokens: {path: what it redacts there}; p.decoys: {path: bytes
to stay}; p.kept_tokens: where one is told and stays. Paths are those in the guest."""
import os

import hive
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
BIN = "$RECYCLE.BIN/S-1-5-21-1-2-3-1002"
HOMES = ("/Users/Administrator", "/Profiles/Zo\u00eb \u738b", "/Users/orphan",
         "/Windows/ServiceProfiles/NetworkService", "/Windows/System32/config/systemprofile")
LONG = "/Users/orphan/" + "/".join("%03d" % i + "l" * 90 for i in range(30))


class Planted:
    def __init__(self):
        self.tokens, self.decoys, self.goes = {}, {}, set()
        self.told = ["/Windows/System32/with-token.dll", "/inetpub/sparse.bin"]  # no text: stays

    def token(self, path):
        self.tokens[path] = plant.github().encode()
        return self.tokens[path]

    def decoy(self, c, path, data):
        c.write(path, data)
        self.decoys[c.top + path] = data

    def gone(self, c, *paths):
        self.goes |= {c.top + path for path in paths}


def plant_home(c, p, home):
    c.write("%s/%s" % (home, HISTORY), b"net user x " + plant.token().encode())
    c.write(home + "/AppData/Local/Temp/leftover.tmp", b"x" * 50)
    p.gone(c, "%s/%s" % (home, HISTORY), home + "/AppData/Local/Temp/leftover.tmp")
    p.decoy(c, home + "/Documents/letter.txt", b"dear all\r\n" * 20)
    p.decoy(c, home + "/NTUSER.DAT", hive.make({"Software": {}}))


def plant_homes(c, p):
    for home in HOMES:
        plant_home(c, p, home)
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
    path = "/inetpub/sparse.bin"
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


def plant_drive(d, p):
    """One that a profile lies on. From its bin links lead to what has to outlive it."""
    plant_home(d, p, "/Profiles/dora")
    p.decoy(d, "/data/table.bin", os.urandom(5000))
    p.decoy(d, "/data/table.bin:index", b"of the table\n" * 9)
    p.decoy(d, "/RECYCLER.txt", b"no bin\n")
    path = "/data/app.env"
    d.write(path, b"TOKEN=" + p.token(d.top + path) + b"\r\nMODE=live\r\n")
    path += ":before"
    d.write(path, b"token = " + p.token(d.top + path) + b"\n")
    path = "/data/old.iso"
    p.decoy(d, path, b"x" * 100)
    d.write(path + ":Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://files.example/x?sig=" +
            plant.token().encode() + b"\r\n")
    p.gone(d, path + ":Zone.Identifier")
    d.write("/%s/$RA1B2C3.txt" % BIN, plant.token().encode())
    d.write("/%s/$RA1B2C3.txt:note" % BIN, plant.token().encode())
    d.write("/%s/$RD4E5F6/deep/a.txt" % BIN, plant.token().encode())
    os.link(d.path("/data/table.bin"), d.path("/%s/$RTABLE.bin" % BIN))
    d.junction("/%s/$RDATA" % BIN, "D:\\data")
    p.gone(d, *("/%s/%s" % (BIN, name) for name in (
        "$RA1B2C3.txt", "$RA1B2C3.txt:note", "$RD4E5F6", "$RD4E5F6/deep", "$RD4E5F6/deep/a.txt",
        "$RTABLE.bin", "$RTABLE.bin:index", "$RDATA")), "/" + BIN)


def plant_all(c, d):
    p = Planted()
    for planting in (plant_system, plant_homes, plant_temp, plant_secrets, plant_streams):
        planting(c, p)
    plant_drive(d, p)
    return p


def pack(t):
    """A folder of artefacts of the test's own."""
    folder = t.dir("pack")
    with open(os.path.join(folder, "t.yaml"), "w", encoding="utf-8") as file:
        file.write(PACK)
    return folder
