# SPDX-License-Identifier: MIT
"""Seeds in the formats of other programs: made by these where they are installed."""
import gzip
import hashlib
import io
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
import zipfile

import packagedb
import plant
from plant import raw


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def all_below(top):
    for folder, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            yield read(folder, name)


# ---- packages ----

KINDS = "dpkg-status dpkg-sums sqlite ndb bdb apk pacman header".split()


def packages():
    def kind(name, data, log=None):
        log = log or b""
        size = struct.pack(">H", len(log) // 8) if name == "sqlite" else b""
        return bytes([KINDS.index(name)]) + size + data + log
    digest = "0123456789abcdef0123456789abcdef"
    yield kind("dpkg-status", b"Package: a\nConffiles:\n /etc/a %s obsolete\n /etc/b c %s\nStatus: x\n" % (
        (raw(digest),) * 2))
    yield kind("dpkg-sums", raw("%s  usr/bin/a b\n%s  usr/x\n" % (digest, digest)))
    with tempfile.TemporaryDirectory() as work:
        packagedb.make_apk(work)
        packagedb.make_pacman(work)
        yield kind("apk", read(work, "apk", "installed"))
        yield kind("pacman", read(work, "pacman", "mtree"))
        if packagedb.missing():
            return
        built = sum([packagedb.sample(os.path.join(work, "w"), n, 3, 2) for n in (8, 1)], [])
        first = os.path.join(work, "sqlite")
        os.makedirs(first)
        packagedb.rpm(first, "-i", "--justdb", "--nodeps", "--force", "--noscripts", *built)
        blobs = packagedb.blobs(first)
        for _, blob in blobs:
            yield kind("header", blob)
        for size in (512, 4096):
            for data, log in rpm_tables(os.path.join(work, str(size)), blobs, size):
                yield kind("sqlite", data, log)
        for name, convert in packagedb.FORMS[1:]:
            shutil.copytree(first, os.path.join(work, name))
            convert(os.path.join(work, name))
            yield kind(name, read(work, name, "Packages.db" if name == "ndb" else "Packages"))


def rpm_tables(path, blobs, size):
    """The one table that is read, half in the log; and all of it without one."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma page_size = %d" % size)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma wal_autocheckpoint = 0")
    db.execute("create table 'Packages' (hnum integer primary key autoincrement, blob blob not null)")
    for number, blob in enumerate(blobs):
        if number == len(blobs) // 2:
            db.execute("pragma wal_checkpoint(full)")
        db.execute("insert into Packages values (?, ?)", (number * 300 + 1, blob[1]))
    yield read(path), read(path + "-wal")
    db.close()
    yield read(path), None


# ---- stores ----

def git():
    """A form (git_fuzz.c), then: packs and loose objects as git itself writes them,
    objects to be packed there, deltas."""
    for kind, text in ((b"blob", b"token: " + raw(plant.github())), (b"commit", b"tree " + b"0" * 40 + b"\n\nx\n"),
                       (b"tree", b"100644 a.txt\0" + bytes(20) + b"40000 d\0" + bytes(20))):
        yield b"\2" + kind + b" %d\0" % len(text) + text
        yield b"\3" + b"".join(bytes([kinds, len(text), 0]) + text for kinds in (2, 6, 7, 0x86))
    yield b"\4" + bytes([64, 32, 0x91, 8, 8, 4]) + b"abcd" + bytes([0xb0, 20, 0])
    if not shutil.which("git"):
        return
    with tempfile.TemporaryDirectory() as work:
        def run(*args):
            subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.invalid", *args], cwd=work,
                           check=True, capture_output=True,
                           env={**os.environ, "HOME": work, "GIT_CONFIG_NOSYSTEM": "1"})
        run("init", "-q")
        for number in range(4):
            with open(os.path.join(work, "a.txt"), "w", encoding="utf-8") as file:
                file.write("line\n" * 60 + "token: %s\n" % plant.github() + "more %d\n" % number * 30)
            run("add", "-A")
            run("commit", "-q", "-m", "change %d" % number)
        run("tag", "-a", "-m", "a tag", "v1")
        objects = os.path.join(work, ".git", "objects")
        yield from (b"\1" + data for data in all_below(objects))
        run("repack", "-adfq", "--depth=10")
        yield from (b"\0" + data for data in all_below(os.path.join(objects, "pack")) if data[:4] == b"PACK")


def database():
    """SQLite in several forms, and what stands beside a database."""
    with tempfile.TemporaryDirectory() as work:
        for name, pragmas in (("plain", []), ("small", ["page_size = 512"]), ("wide", ["encoding = 'UTF-16le'"]),
                              ("vacuum", ["auto_vacuum = full"])):
            path = os.path.join(work, name)
            db = sqlite3.connect(path, isolation_level=None)
            for pragma in pragmas:
                db.execute("pragma " + pragma)
            fill(db)
            db.execute("delete from logins where name like 'gone%'")
            db.close()
            yield read(path)
        path = os.path.join(work, "logged")
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma wal_autocheckpoint = 0")
        fill(db)
        yield read(path + "-wal")
        yield read(path)
        db.close()


def fill(db):
    db.execute("create table logins (name text, secret text, extra blob)")
    db.execute("create index by_name on logins(name)")
    db.execute("create table words (word text primary key, n integer) without rowid")
    for number in range(40):
        name = "gone%d" % number if number % 5 == 0 else "user%d" % number
        db.execute("insert into logins values (?, ?, ?)", (name, "password=" + plant.token(12), random.randbytes(60)))
        db.execute("insert into words values (?, ?)", (name, number * 1000003))
    db.execute("insert into logins values ('long', ?, NULL)", (plant.github() + " word" * 900,))


def keystore():
    """PKCS#12 by OpenSSL; Java's own form is put together here."""
    with tempfile.TemporaryDirectory() as work:
        key, cert = os.path.join(work, "k"), os.path.join(work, "c")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", cert, "-subj", "/CN=x"], check=True, capture_output=True)
        for more in ([], ["-nokeys"], ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"],
                     ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]):
            done = subprocess.run(["openssl", "pkcs12", "-export", "-inkey", key, "-in", cert, "-name", "one", "-out",
                                   "-", "-passout", "pass:" + plant.token(8), *more], capture_output=True, check=False)
            if done.returncode == 0:
                yield done.stdout
        der = subprocess.run(["openssl", "x509", "-in", cert, "-outform", "DER"], capture_output=True, check=True).stdout
    for magic, version in ((0xfeedfeed, 2), (0xfeedfeed, 1), (0xcececece, 2)):
        yield java(magic, version, der)


def java(magic, version, der):
    def text(value):
        return struct.pack(">H", len(value)) + raw(value)
    cert = (text("X.509") if version == 2 else b"") + struct.pack(">I", len(der)) + der
    sealed = random.randbytes(150)
    entries = struct.pack(">I", 1) + text("mykey") + struct.pack(">QI", 1700000000000, len(sealed)) + sealed
    entries += struct.pack(">I", 1) + cert
    entries += struct.pack(">I", 2) + text("ca") + struct.pack(">Q", 1700000000000) + cert
    body = struct.pack(">III", magic, version, 2) + entries
    return body + hashlib.sha1(body).digest()


def container():
    """Each read like a file and like a stream (container_fuzz.c)."""
    for archive in archives():
        yield b"\0" + archive
        yield b"\1" + archive


def archives():
    """Small archives of every kind that Python can write, one in another, and ramdisks."""
    members = {"etc/shadow": "root:%s:1:\n" % plant.hash_of_password(), "a/notes.txt": "token: " + plant.github() + "\n",
               "empty": ""}
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            out.addfile(info, io.BytesIO(raw(text)))
    tar = tar.getvalue()
    yield tar
    for how in ("gz", "bz2", "xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:" + how) as out:
            info = tarfile.TarInfo("inner.tar")
            info.size = len(tar)
            out.addfile(info, io.BytesIO(tar))
        yield packed.getvalue()
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", how) as out:
            for name, text in members.items():
                out.writestr(name, text)
            out.writestr("inner.tar", tar)
        yield packed.getvalue()
    yield gzip.compress(raw(members["a/notes.txt"]))
    cpio = plant.cpio({name: raw(text) for name, text in members.items()})
    yield cpio
    yield cpio + gzip.compress(plant.cpio({"kernel/x/key": b"k" * 40}))
    yield b"!<arch>\n" + b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (b"a.txt/", 0, 0, 0, b"100644", 4) + b"text"
    for tool, args in (("zstd", ["-qc"]), ("lz4", ["-qc"])):
        if shutil.which(tool):
            yield subprocess.run([tool, *args], input=cpio, capture_output=True, check=True).stdout
