# SPDX-License-Identifier: MIT
"""ntfs.py IMGSAN.EXE: what was planted on real NTFS for e2e.ntfs is copied to the drives
of the test bed, as far as Wine can hold it. Of the copy imgsan.exe says and does what the
program for Linux says and does on the volumes themselves, but for what is named here."""
import hashlib
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import disks
import ntfs
import plant

import bed
import compare
import exe
import live

# What Wine does not have, and so nothing that is said of it there.
STREAM = "Wine has no streams: it makes a file of such a name"
REPARSE = "Wine has no reparse points: it follows links of Linux, also to delete what they lead to"


def is_stream(path):
    return ":" in path[3:]


def without(report, missing):
    """Takes out of a report of Linux what it says of streams, and what else was not copied of
    the trees that go as a whole. Gives the streams."""
    named = {step["path"]: STREAM for step in report["steps"] if is_stream(step["path"])}
    for part in (report, report.get("left") or {}):
        part["findings"] = [f for f in part.get("findings", ()) if not is_stream(f["path"])]
    for step in report["steps"]:
        if step["action"] == "empty-tree":
            step["files"] -= sum(path.startswith(step["path"] + "/") for path in missing)
    report["steps"] = [s for s in report["steps"] if s["path"] not in named]
    return named


class Copy:
    """Of a mounted volume; `missing`: the reparse points, that can not be looked at there."""

    def __init__(self, volume, target):
        self.missing, self.files = set(), {}
        self.folder(volume.point, target, volume.top)

    def folder(self, source, target, path):
        os.makedirs(target, exist_ok=True)
        for name in os.listdir(source):
            at, to, inside = source + "/" + name, target + "/" + name, path + "/" + name
            try:
                info = os.lstat(at)
            except OSError:
                info = None
            if not info or stat.S_ISLNK(info.st_mode):
                self.missing.add(inside)
            elif stat.S_ISDIR(info.st_mode):
                self.folder(at, to, inside)
            elif info.st_ino in self.files:
                os.link(self.files[info.st_ino], to)
            else:
                self.files[info.st_ino] = to
                sparse_copy(at, to, info.st_size)


def sparse_copy(source, target, size):
    with open(source, "rb") as file, open(target, "wb") as out:
        while block := file.read(1 << 16):
            if block.count(0) == len(block):
                out.seek(len(block), os.SEEK_CUR)
            else:
                out.write(block)
        out.truncate(size)


def planted(t):
    """(volumes, what is on them)"""
    c, d = (ntfs.Volume(t.path("c.img"), t.dir("c")),
            ntfs.Volume(t.path("d.img"), t.dir("d"), 24, top="/D:"))
    with c, d:
        disks.plant_all(c, d)
    return c, d


def there(volumes):
    """What an independent reader sees of names and contents, but for what Wine has not."""
    return {path: digest for volume in volumes for path, (kind, digest, _) in volume.entries().items()
            if not is_stream(path)}


def here(root, top):
    """The same of a copy."""
    found = {}
    for folder, folders, files in os.walk(root):
        found.update({top + os.path.join(folder, name)[len(root):]: "" for name in folders})
        for name in files:
            place = os.path.join(folder, name)
            with open(place, "rb") as file:
                found[top + place[len(root):]] = hashlib.sha256(file.read()).hexdigest()
    return found


def test(t):
    both = exe.Both(t)
    g = live.Machine(both, {"d": None})
    folders = (os.path.join(g.root, "guest"), bed.drive(g.directory, "d"))
    volumes = c, d = planted(t)
    with open(os.path.join(g.tools, "key"), "w", encoding="ascii") as file:
        file.write("%064x\n" % t.seed)
    os.chmod(file.name, 0o600)
    pack = disks.pack(t)
    plant.copy(pack, g.tools)
    on_linux = ("--root", c.point, "--include-mount", "/D:=" + d.point, "--pack", pack,
                "--hmac-key", file.name)
    on_windows = ("--root", "C:\\guest", "--include-mount", "/D:=D:\\",
                  "--pack", "C:\\%s\\pack" % live.TOOLS, "--hmac-key", "C:\\%s\\key" % live.TOOLS)
    missing = set()
    with c, d:
        for volume, folder in zip(volumes, folders):
            missing |= Copy(volume, folder).missing
        named = dict.fromkeys(missing, REPARSE)
        for what in (("scan",), ("clean", "--yes")):
            linux = both.linux(*what, *on_linux)
            if linux.report:
                named.update(without(linux.report, missing))
            compare.same(t, g.run(*what, *on_windows), linux, what[0], ("verdict", "left_out", "omitted"))
    for path, why in sorted(named.items()):
        t.note("not under Wine: %s (%s)" % (path, why))
    t.equal(sorted(map(list(named.values()).count, (REPARSE, STREAM))), [5, 7], "how much that is")
    after = {path: digest for path, digest in there(volumes).items() if path not in missing}
    copied = {path: digest for folder, volume in zip(folders, volumes)
              for path, digest in here(folder, volume.top).items()}
    t.equal(sorted(set(after) ^ set(copied))[:10], [], "names afterwards")
    for path, digest in after.items():
        t.equal(copied.get(path), digest, "content of %s afterwards" % path[:80])


bed.need()
why = ntfs.missing()
if why:
    print("skipped: %s" % why)
    sys.exit(77)
check.main(test)
