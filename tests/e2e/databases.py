# SPDX-License-Identifier: MIT
"""Secrets in databases as SQLite itself makes them: rows, blobs, long values, indexes,
deleted rows, logs and journals; the same databases broken in a hundred ways; secrets
in other binary files, which are read as bytes."""
import os
import py_compile
import random
import shutil
import sqlite3
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant


class Databases:
    def __init__(self, g):
        self.g = g
        self.wanted = set()   # (path, member, rule)
        g.mkdir("/srv/db")

    def open(self, name, *pragmas):
        self.path = "/srv/db/" + name
        base = sqlite3.connect(self.g.path(self.path), isolation_level=None)
        for pragma in ("secure_delete=off",) + pragmas:
            base.execute("pragma " + pragma)
        return base

    def secret(self, text, member, rule="password-assignment", path=None):
        self.g.secret(text, path or self.path)
        self.wanted.add((path or self.path, member, rule))
        return text

    def github(self, member, path=None):
        return self.secret(plant.github(), member, "github-personal-token", path)


def rows(d):
    base = d.open("rows.db")
    base.execute("create table users(id integer primary key, name text, password text)")
    base.execute("create index by_password on users(password)")
    for i in range(2000):
        word = d.secret(plant.token(), "table users row 1500") if i == 1500 else ""
        base.execute("insert into users values(?, ?, ?)", (i, "user%d" % i, word))
    base.execute("create table settings(name text, value)")
    base.execute("insert into settings values('smtp_password', ?)",
                 (d.secret(plant.token(), "table settings row 1"),))
    base.execute("create table [odd ! name](a, b, c)")
    member = "table odd ? name row 1"
    base.execute("insert into [odd ! name] values(?, ?, ?)",
                 (7, d.github(member), bytes(range(256)) + d.github(member).encode() + b"\0" * 99))
    base.execute("create table byname(secret text, name text, primary key(name)) without rowid")
    base.execute("insert into byname values(?, 'a')",
                 (d.secret(plant.token(), "table byname page %d cell 1" % pages(base)),))
    base.execute("create table plain(a)")
    base.executemany("insert into plain values(?)", ((random.randbytes(60),) for _ in range(500)))
    base.close()


def pages(base):
    return base.execute("pragma page_count").fetchone()[0]


def long_values(d):
    """Tokens at each place round the borders of pages."""
    for size in (512, 4096, 65536):
        base = d.open("long-%d.db" % size, "page_size=%d" % size)
        base.execute("create table t(id integer primary key, note text)")
        for row in range(1, 60):
            text = "." * (20000 + 7 * row) + " %s " % d.github("table t row %d" % row)
            base.execute("insert into t values(?, ?)", (row, text + "\n." * 9000))
        base.close()


def encodings(d):
    for name in ("UTF-16le", "UTF-16be"):
        base = d.open(name + ".db", "encoding='%s'" % name, "auto_vacuum=full")
        base.execute("create table konten(id integer primary key, größe text, password text)")
        base.execute("insert into konten values(3, 'süß', ?)",
                     (d.secret(plant.token(), "table konten row 3"),))
        base.close()


def deleted(d):
    key = plant.private_key()
    base = d.open("deleted.db")
    base.execute("create table keys(id integer primary key, pem text)")
    for i in range(60):
        base.execute("insert into keys values(?, ?)", (i, key if i == 30 else "x" * 1200))
    base.execute("delete from keys where id between 10 and 50")
    free = base.execute("pragma freelist_count").fetchone()[0]
    base.close()
    d.g.secret(key.split("\n")[1], d.path)
    return d.path, free


def gap(d):
    base = d.open("gap.db")
    base.execute("create table t(id integer primary key, a text)")
    for i in range(9):
        base.execute("insert into t values(?, ?)", (i, plant.github() if i == 4 else "-" * 40))
    base.execute("delete from t where id = 4")
    base.close()
    d.wanted.add((d.path, "table t page 2 (unallocated)", "github-personal-token"))


def log(d):
    base = d.open("log.db", "journal_mode=wal", "wal_autocheckpoint=0")
    wal = d.path + "-wal"
    base.execute("create table users(id integer primary key, password text)")
    for frame in (3, 4, 5):
        word = d.secret(plant.token(), "frame %d table users row 1" % frame, path=wal)
        base.execute("insert or replace into users values(1, ?)", (word,))
    copy = d.g.path(wal) + ".kept"
    shutil.copy(d.g.path(wal), copy)
    base.close()
    os.unlink(d.g.path(d.path))
    os.rename(copy, d.g.path(wal))


def journal(d):
    base = d.open("journal.db", "journal_mode=delete")
    base.execute("create table t(id integer primary key, a text)")
    path = d.path + "-journal"
    word = d.github("record 1 table t row 1", path)
    base.execute("insert into t values(1, ?)", (word,))
    base.execute("pragma cache_size=1")
    base.execute("pragma cache_spill=1")
    base.execute("begin")
    base.execute("update t set a = ?", ("-" * len(word),))
    base.execute("create table u(a)")
    base.executemany("insert into u values(?)", (("x" * 900,) for _ in range(500)))
    copy = d.g.path(path) + ".kept"
    shutil.copy(d.g.path(path), copy)
    base.execute("rollback")
    base.close()
    os.unlink(d.g.path(d.path))
    os.rename(copy, d.g.path(path))


def decoys(g):
    g.mkdir("/srv/decoys")
    for name, encoding in (("a.db", "UTF-8"), ("b.db", "UTF-16")):
        base = sqlite3.connect(g.path("/srv/decoys/" + name), isolation_level=None)
        base.execute("pragma encoding='%s'" % encoding)
        base.execute("create table users(id integer primary key, password text, hint text)")
        for i in range(300):
            base.execute("insert into users values(?, ?, ?)",
                         (i, "changeme", "the password: ask the admin"))
        base.execute("create table blobs(a)")
        base.executemany("insert into blobs values(?)", ((random.randbytes(9000),) for _ in range(40)))
        base.execute("delete from users where id % 3")
        base.close()


# ---- other binary files ----

def elf(kind, sections):
    """A 64-bit ELF file of these sections (name: bytes), or a core file of segments."""
    names = b"\0" + b"\0".join(name.encode() for name in sections) + b"\0.shstrtab\0"
    body, table, at = b"", [bytes(64)], 64
    for name, data in list(sections.items()) + [(".shstrtab", names)]:
        where = names.index(b"\0" + name.encode() + b"\0") + 1
        table.append(struct.pack("<IIQQQQIIQQ", where, 1, 2, 0, at, len(data), 0, 0, 1, 0))
        body, at = body + data, at + len(data)
    segments = b"" if kind == 2 else struct.pack("<IIQQQQQQ", 1, 4, 64, 0, 0, at - 64, at - 64, 1)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", kind, 62, 1, 0, at if segments else 0, at + len(segments), 0, 64,
        56, 1 if segments else 0, 64, len(table), len(table) - 1)
    return head + body + segments + b"".join(table)


def journald(fields):
    """The head of a journal file and DATA objects."""
    head = b"LPKSHHRH" + bytes(256)
    for field in fields:
        data = struct.pack("<BB6xQ", 1, 0, 64 + len(field)) + random.randbytes(48) + field
        head += data + bytes(-len(data) % 8)
    return head


def binaries(g):
    wanted = set()

    def secret(path):
        wanted.add(path)
        return g.secret(plant.github(), path)

    def noise():
        return random.randbytes(9000)

    for path, kind, section in (("/opt/app/server", 2, ".rodata"), ("/opt/app/tool", 2, ".debug_str"),
                                ("/var/crash/core.123", 4, "heap")):
        g.write(path, elf(kind, {".text": noise(), section: b"usage\0" + secret(path) + b"\0done\0",
                                 ".data": noise()}))
    path = "/opt/app/__pycache__/settings.pyc"
    g.write("/tmp-settings.py", b"A = 1\nTOKEN = '" + secret(path) + b"'\n")
    g.mkdir("/opt/app/__pycache__")
    py_compile.compile(g.path("/tmp-settings.py"), g.path(path), doraise=True)
    os.unlink(g.path("/tmp-settings.py"))
    path = "/var/log/journal/0/system.journal"
    g.write(path, journald([b"PRIORITY=6", b"MESSAGE=login with " + secret(path), b"_PID=1"]))
    g.write("/opt/decoy/server", elf(2, {".rodata": b"ghp_" + b"x" * 36 + b"\0password=", ".text": noise()}))
    g.write("/opt/decoy/core.1", elf(4, {"heap": noise() + b"token: changeme\0"}))
    g.write("/var/log/journal/0/user.journal", journald([b"MESSAGE=the token ghp_ was refused"]))
    return wanted


# ---- broken ones ----

def break_all(g, folder):
    rand = random.Random(4)
    whole = {}
    for name in sorted(os.listdir(g.path(folder))):
        with open(g.path(folder + "/" + name), "rb") as file:
            whole[name] = file.read(200000)
    for i in range(100):
        name = rand.choice(sorted(whole))
        data = bytearray(whole[name])
        for _ in range(rand.randint(1, 40)):
            at = rand.randrange(len(data) if rand.random() < .6 else min(len(data), 4096))
            data[at] = rand.randrange(256) if rand.random() < .8 else data[at] ^ 1 << rand.randrange(8)
        if i % 4 == 0:
            del data[rand.randrange(len(data)):]
        g.write("/srv/broken/%d-%s" % (i, name), bytes(data))


def places(run):
    return {(f["path"], f["member"], f["name"]) for f in run.findings("secret")}


def test(t):
    g = plant.bare(t.dir("guest"))
    d = Databases(g)
    for fill in (rows, long_values, encodings, gap, log, journal):
        fill(d)
    lost, free = deleted(d)
    decoys(g)
    binary = binaries(g)
    run = t.run("scan", "--root", g.root, "--only", "secrets")
    found = places(run)
    keys = [f for f in run.findings("secret") if f["name"] == "private-key"]
    t.ok(free > 3 and [f["path"] for f in keys] == [lost] and "(free)" in keys[0]["member"],
         "the deleted key: %r, %d pages are free" % ([f["member"] for f in keys], free))
    inside = {f for f in found if f[0].startswith("/srv/") and f[2] != "private-key"}
    t.equal(sorted(inside - d.wanted), [], "found where nothing is")
    t.equal(sorted(d.wanted - inside), [], "not found")
    t.equal({f[0] for f in found if not f[0].startswith("/srv/")}, binary, "in binary files")
    t.equal([f["path"] for f in run.findings("unexamined")], [], "what could not be examined")
    t.ok(all("database" in f["seen"] and "VACUUM" in f["text"] for f in run.findings("secret")
             if f["path"].startswith("/srv/")), "the remedy is told")
    t.equal([s for s in g.secrets if s in run.out + run.err], [], "secrets that are told")

    break_all(g, "/srv/db")
    run = t.run("scan", "--root", g.root, "--only", "secrets")
    said = [f for f in run.findings("unexamined")]
    t.ok(said and all(f["path"].startswith("/srv/broken/") for f in said),
         "damage is told of %d" % len(said))
    t.equal([f["text"] for f in said if "process" in f["text"]], [], "workers that were lost")
    t.ok(inside <= places(run), "the whole ones are still found")
    t.note("%d of 100 broken databases are told to be damaged" % len(said))


check.main(test)
