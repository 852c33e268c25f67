# SPDX-License-Identifier: MIT
"""Every kind of container, filled by programs other than ours or written by hand.

    for box in containers.BOXES:
        box.missing()                        # a tool that is not here, or None
        spots = box.fill(folder, {"m/a.txt": b"..."})   # {name: Spot}

A Spot says where what was put in shall be told: `file` below the folder (with a
`*` at its end: that and what begins so), `member` as a pattern, `shift` how far
into the stream it lies (None where that can not be known from outside), `text` whether
the stream is nothing but that text."""
import bz2
import collections
import gzip
import hashlib
import importlib.util
import json
import lzma
import marshal
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess

import packagedb
import plant
import rar
from archives import ar, tar, zipped

Spot = collections.namedtuple("Spot", "file member shift text", defaults=[True])


class Box:
    def __init__(self, name, fill, tool=None, lacks=None, closed=None):
        """(pattern of the names of forms, why): `lacks`: they can not be in it; `closed`:
        they are, and have to be told as not examined."""
        self.name, self.fill, self.tool, self.lacks, self.closed = name, fill, tool, lacks, closed

    def missing(self):
        return self.tool if self.tool and not shutil.which(self.tool) else None


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **more).stdout.strip()


def save(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def load(path):
    with open(path, "rb") as file:
        return file.read()


# ---- archives: one with all files in it ----

def deb(files):
    control = tar({"./control": b"Package: x\nVersion: 1\nArchitecture: all\n"})
    return ar({"debian-binary": b"2.0\n", "control.tar.gz": gzip.compress(control),
               "data.tar.xz": lzma.compress(tar({"./" + n: d for n, d in files.items()}))}).replace(
                   b"debian-binary/  ", b"debian-binary   ")


def inner(name, before=""):
    """The member's name; archives may have "./" or a path in front of it."""
    return before + r"(\./)?([^!]*/)?" + re.escape(os.path.basename(name))


def archive(make, name, before=""):
    def fill(folder, files):
        save(folder, name, make(files))
        return {file: Spot(name, inner(file, before), 0) for file in files}
    return fill


def unpacked(folder, files):
    for name, data in files.items():
        save(folder, name, data)
    return {name: Spot(name, None, 0) for name in files}


def by_tool(target, *argv):
    """The command runs in a folder that holds all files below m/."""
    def fill(folder, files):
        work = os.path.join(folder, "work")
        unpacked(work, files)
        run(*argv, cwd=work)
        shutil.move(os.path.join(work, target), os.path.join(folder, target))
        shutil.rmtree(work)
        return {name: Spot(target, inner(name), 0) for name in files}
    return fill


def rpm(folder, files):
    work = os.path.join(folder, "work")
    unpacked(work + "/files", files)
    spec = ("Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n"
            "%global __os_install_post %{{nil}}\n%description\nx\n%install\nmkdir -p %{{buildroot}}/srv\n"
            "cp -a {0} %{{buildroot}}/srv/x\n%files\n/srv/x\n").format(work + "/files")
    shutil.move(packagedb.build(work, spec)[0], os.path.join(folder, "x.rpm"))
    shutil.rmtree(work)
    return {name: Spot("x.rpm", inner(name), 0) for name in files}


def nested(files):
    """Eight, one in the other."""
    ways = [zipped, tar, plant.cpio, zipped, tar, plant.cpio, zipped]
    data = tar(files)
    for number, way in enumerate(ways):
        data = way({"in%d" % number: data})
    return data


# ---- images of containers ----

def blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    layout["blobs/sha256/" + digest] = data
    return {"digest": "sha256:" + digest, "size": len(data)}


def docker_save(layers):
    """[layer as tar], the lowest first, as docker save wrote them before its version 25."""
    out, names = {}, []
    for layer in layers:
        name = hashlib.sha256(layer).hexdigest() + "/layer.tar"
        names.append(name)
        out[name] = layer
    config = json.dumps({"rootfs": {"type": "layers", "diff_ids": [
        "sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]}}).encode()
    path = hashlib.sha256(config).hexdigest() + ".json"
    out[path] = config
    out["manifest.json"] = json.dumps([{"Config": path, "RepoTags": ["x:1"], "Layers": names}]).encode()
    return tar(out)


def pack(data):
    return gzip.compress(data, mtime=0)


def oci(layers, kind="gzip", pack=pack):
    """An OCI image layout as one tar."""
    out = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    base = "application/vnd.oci.image."
    config = json.dumps({"rootfs": {"type": "layers", "diff_ids": [
        "sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]}}).encode()
    manifest = {"schemaVersion": 2, "mediaType": base + "manifest.v1+json",
                "config": dict(blob(out, config), mediaType=base + "config.v1+json"),
                "layers": [dict(blob(out, pack(layer)), mediaType=base + "layer.v1.tar+" + kind)
                           for layer in layers]}
    entry = dict(blob(out, json.dumps(manifest).encode()), mediaType=manifest["mediaType"])
    out["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    return tar(out)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, check=True, capture_output=True).stdout


# ---- one stream: a file for each ----

def each(ending, make):
    """`make` gives (bytes, and of the spot member, shift, text) of one file."""
    def fill(folder, files):
        spots = {}
        for name, data in files.items():
            out, *where = make(data)
            save(folder, name + ending, out)
            spots[name] = Spot(name + ending, *where)
        return spots
    return fill


def stream(ending, pack):
    return each(ending, lambda data: (pack(data), "content", 0))


def streams_by_tool(ending, *argv):
    def fill(folder, files):
        unpacked(folder, files)
        run(*argv, *files, cwd=folder)
        for name in files:
            os.unlink(os.path.join(folder, name))
        return {name: Spot(name + ending, "content", 0) for name in files}
    return fill


# ---- files that are looked through as bytes ----

CODE = bytes(range(256)) * 4


def bare(out, data):
    return out, None, out.index(data), False


def elf(data):
    """Code, .rodata with the text, and what names them."""
    names = b"\0.text\0.rodata\0.shstrtab\0"
    parts = [CODE, b"%s\0" + data + b"\0", names]
    at, sections = 64, [struct.pack("<IIQQQQIIQQ", *[0] * 10)]
    for part, name, kind, flags in zip(parts, (1, 7, 15), (1, 1, 3), (6, 2, 0)):
        sections.append(struct.pack("<IIQQQQIIQQ", name, kind, flags, at, at, len(part), 0, 0, 1, 0))
        at += len(part)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 64, 0, at, 0, 64, 56, 0, 64, 4, 3)
    return bare(head + b"".join(parts) + b"".join(sections), data)


def core(data):
    """One segment of memory: pointers, zeros, and a string on a heap."""
    heap = struct.pack("<8Q", *range(0x7fff00000000, 0x7fff00000008)) + bytes(512) + \
        struct.pack("<Q", len(data) + 17) + data
    heap += bytes(-len(heap) % 4096)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    load_ = struct.pack("<IIQQQQQQ", 1, 6, 4096, 0x5555000, 0, len(heap), len(heap), 4096)
    return bare((head + load_).ljust(4096, b"\0") + heap, data)


def pyc(data):
    code = compile("def connect(host):\n    return host, %r\n" % data, "app.py", "exec")
    return bare(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code), data)


def journal(data):
    """Objects as in a journal of systemd: what a field says stands in them as it is."""
    text = b"MESSAGE=" + data
    head = b"LPKSHHRH" + bytes(8) + random.randbytes(64) + bytes(176)
    entry = struct.pack("<BB6xQ", 1, 0, 64 + len(text)) + random.randbytes(8) + struct.pack("<5Q", 0, 0, 4096, 0, 1) + text
    return bare(head + bytes(64) + entry + bytes(-len(entry) % 8) + bytes(128), data)


# ---- git ----

def git(folder, *args):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.invalid"}
    return run("git", "-c", "gc.auto=0", "-c", "init.defaultBranch=main", *args, cwd=folder, env=env)


def commit(folder, text="more"):
    """All that is in the folder; the commit's first twelve digits."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", text)
    return git(folder, "rev-parse", "HEAD")[:12]


def repository(*finish):
    def fill(folder, files):
        work = os.path.join(folder, "work")
        unpacked(work, files)
        git(work, "init", "-q")
        first = commit(work)
        if finish:
            git(work, *finish)
        shutil.move(work + "/.git", os.path.join(folder, "x.git"))
        shutil.rmtree(work)
        return {name: Spot("x.git*", "%s:%s" % (first, re.escape(name)), 0) for name in files}
    return fill


# ---- SQLite ----

# A value that is no text of one byte a letter is told with its column.
ROW = "table notes row %d( column body)?"


def database(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma page_size=4096")
    db.execute("create table notes (id integer primary key, body)")
    return db


def rows(db, files, wanted):
    """{name: row}"""
    spots = {}
    for number, (name, data) in enumerate(files.items(), 3):
        db.execute("insert into notes values (?, ?)", (number, wanted(data)))
        spots[name] = number
    return spots


def table(wanted):
    def fill(folder, files):
        db = database(os.path.join(folder, "x.db"))
        spots = {name: Spot("x.db", ROW % row, None)
                 for name, row in rows(db, files, wanted).items()}
        db.close()
        return spots
    return fill


def wal(folder, files):
    """Rows that were never brought from the log into the database."""
    live = os.path.join(folder, "live.db")
    db = database(live)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma wal_autocheckpoint=0")
    spots = rows(db, files, bytes)
    for ending in ("", "-wal"):
        shutil.copy(live + ending, os.path.join(folder, "x.db" + ending))
    db.close()
    os.unlink(live)
    return {name: Spot("x.db*", ".*" + ROW % row, None) for name, row in spots.items()}


def free(folder, files):
    """Rows whose pages were given back; the bytes are still in the file. One secret is
    told once of all that lies about in a file: one for each."""
    spots = {}
    for name, data in files.items():
        save(folder, name + ".db", b"")
        path = os.path.join(folder, name + ".db")
        db = database(path)
        db.execute("pragma secure_delete=off")
        others = {"%d" % n: bytes(1500) for n in range(9)}  # so that it is never on the root page
        rows(db, {**others, name: data}, bytes)
        db.execute("delete from notes")
        db.close()
        page = load(path).index(data) // 4096 + 1
        spots[name] = Spot(name + ".db", r"page %d \(free\)[^!]*" % page, None, False)
    return spots


# One program, by the name that it has here.
ISO = shutil.which("mkisofs") and "mkisofs" or "genisoimage"
DEEP = (r"^(base64\(gzip\)|helm)$", "a container deeper than eight is told to be too deep")
WIDE = ("^(pem-)?utf-", "what a column of text holds is of one encoding")

BOXES = [
    Box("none", unpacked),
    Box("tar", archive(tar, "x.tar")),
    Box("cpio", archive(plant.cpio, "x.cpio")),
    Box("zip", archive(zipped, "x.zip")),
    Box("7z", by_tool("x.7z", "7z", "a", "-bd", "-y", "x.7z", "m"), "7z"),
    Box("rar 4", archive(rar.rar4, "x4.rar")),
    Box("rar 5", archive(rar.rar5, "x5.rar")),
    Box("ar", archive(ar, "x.a")),
    Box("deb", archive(deb, "x.deb", "data.tar.xz!")),
    Box("rpm", rpm, "rpmbuild"),
    Box("iso", by_tool("x.iso", ISO, "-quiet", "-R", "-J", "-o", "x.iso", "m"), ISO),
    Box("gzip", stream(".1.gz", gzip.compress)),
    Box("bzip2", stream(".bz2", bz2.compress)),
    Box("xz", stream(".xz", lzma.compress)),
    Box("lzma", stream(".lzma", lambda data: lzma.compress(data, lzma.FORMAT_ALONE))),
    Box("zstd", streams_by_tool(".zst", "zstd", "-q"), "zstd"),
    Box("lz4", streams_by_tool(".lz4", "lz4", "-q", "-m"), "lz4"),
    Box("tar.gz", archive(lambda files: gzip.compress(tar(files)), "x.tar.gz")),
    Box("tar.zst", archive(lambda files: zstd(tar(files)), "x.tar.zst"), "zstd"),
    Box("8 nested", archive(nested, "x.bin", "([^!]*!){7}"), closed=DEEP),
    Box("docker save", archive(lambda files: docker_save([tar(files)]), "x.tar", r"[0-9a-f]{64}[^!]*!")),
    Box("OCI gzip", archive(lambda files: oci([tar(files)]), "x.tar", r"blobs/sha256/[0-9a-f]{64}[^!]*!")),
    Box("OCI zstd", archive(lambda files: oci([tar(files)], "zstd", zstd), "x.tar",
                             r"blobs/sha256/[0-9a-f]{64}[^!]*!"), "zstd"),
    Box("git packed", repository("repack", "-adq"), "git"),
    Box("git loose", repository(), "git"),
    Box("sqlite text", table(lambda data: data.decode("latin-1")), lacks=WIDE),
    Box("sqlite blob", table(bytes)),
    Box("sqlite free", free),
    Box("sqlite wal", wal),
    Box("ELF section", each("", elf)),
    Box("core", each("", core)),
    Box("pyc", each(".pyc", pyc)),
    Box("journal", each(".journal", journal)),
]
