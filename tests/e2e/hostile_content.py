# SPDX-License-Identifier: MIT
"""What files may hold to make a scan stumble: endless lines, repositories and
databases that lie. The scan ends, in bounded memory and without losing a worker,
tells what it could not examine, and finds what lies beside it.

Bombs and damaged archives of the other kinds are in a test of their own."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import random
import sqlite3
import struct
import zlib

import check
import forms
import gitpack
import plant
import pss

TOKEN = "github-personal-token"
MOST_KB = 150 << 10
LOST = ("died", "did not end", "can not be true")
SEED = 4


def guest(t, name):
    g = plant.bare(t.dir(name))
    return g


def scan(t, g, timeout=600):
    """A whole scan that lost no worker."""
    run = t.run("scan", "--root", g.root, "--policy", plant.report_all(t), timeout=timeout)
    t.ok(run.code in (0, 1, 5) and run.report and run.report["complete"], "scan: %s" % run)
    if run.report:
        t.equal(run.report["stats"]["workers_replaced"], 0, "workers that were lost")
        t.equal([(f["path"], f["text"]) for f in run.findings("unexamined")
                 if any(word in f["text"] for word in LOST)][:5], [], "a worker was lost")
    return run


def tokens(run, path):
    return [f for f in run.findings("secret") if f["name"] == TOKEN and f["path"].startswith(path)]


def unexamined(run, path):
    return [f["text"] for f in run.findings("unexamined") if f["path"].startswith(path)]


# ---- lines without end ----

def filled(path, size, unit, parts):
    """A file of the unit over and over, with {offset: bytes} in it."""
    block = unit * ((1 << 20) // len(unit))
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(block)
        for at, data in parts.items():
            file.seek(at)
            file.write(data)


def long_lines(t):
    """One line of text, and one of base64, each with a token far inside; with the
    blanks beside it the token is as long as a number of whole groups of base64."""
    g = guest(t, "lines")
    size = (2 << 30) if t.long else (200 << 20)
    token = plant.github().encode()
    text_at, coded_at = size - 12345, size // 3 * 2 // 4 * 4
    os.makedirs(g.path("/srv"))
    filled(g.path("/srv/text.txt"), size, b"lorem ipsum dolor ", {text_at: b" " + token + b" "})
    filled(g.path("/srv/base64.txt"), size, b"Zm9v", {
        coded_at: forms.base64_of(forms.Text(b" see %s;  " % token)).data})
    g.write("/srv/beside.txt", b"see " + token + b"\n")
    run = scan(t, g)
    t.equal([(f["line"], f["offset"], f["column"]) for f in tokens(run, "/srv/text.txt")],
            [(1, text_at + 1, text_at + 2)], "a token in an endless line")
    coded = tokens(run, "/srv/base64.txt")
    t.ok(coded or unexamined(run, "/srv/base64.txt"), "a token in endless base64 is found, or it is told")
    for finding in coded:
        t.equal((finding["codings"], finding["offset"]), (["base64"], coded_at + 5 * 8 // 6), "its place")
    t.equal(len(tokens(run, "/srv/beside.txt")), 1, "the file beside it")
    seen = pss.watch([t.imgsan, "scan", "--root", g.root])
    t.note("lines of %d MB: %d kB in all processes" % (size >> 20, seen.kb))
    t.ok(seen.kb < MOST_KB, "%d kB for endless lines" % seen.kb)
    check.wipe(g.root)


# ---- repositories: each gets one, with a token in it that is like any other ----

def doubling(repo, base, size, times):
    """Each is the one before twice."""
    for step in range(times):
        base = repo.delta(base, gitpack.delta(size, size * 2, [gitpack.copy(0, size)] * 2),
                          gitpack.made_up("double %d" % step))
        size *= 2
    return base


def delta_bomb(repo):
    # A copy takes at most 16 MB: up to there doubled, then a hundred thousand of that.
    base, size, times = doubling(repo, repo.add("blob", b"x" * 65536), 65536, 7), 65536 << 7, 100000
    data = gitpack.delta(size, size * times, [gitpack.copy(0, size)] * times)
    return {"bomb": repo.delta(base, data, gitpack.made_up("bomb"))}


def false_size(repo):
    base = repo.add("blob", b"y" * 100)
    return {"a": repo.delta(base, gitpack.delta(100, 1 << 62, [gitpack.copy(0, 100)]), gitpack.made_up("a")),
            "b": repo.delta(base, gitpack.delta(1 << 62, 50, [gitpack.copy(0, 50)]), gitpack.made_up("b")),
            "c": repo.delta(base, gitpack.delta(100, 200, [gitpack.copy(1 << 31, 200)]), gitpack.made_up("c")),
            "d": repo.add("blob", b"z" * 100, gitpack.made_up("d"), size=1 << 60)}


def delta_cycle(repo):
    one, two, own = (gitpack.made_up(name) for name in ("one", "two", "own"))
    data = gitpack.delta(100, 100, [gitpack.copy(0, 100)])
    repo.delta(two, data, one)
    repo.delta(one, data, two)
    repo.delta(own, data, own)
    return {"one": one, "two": two, "own": own,
            "zero": repo.delta(None, data, gitpack.made_up("zero"), back=0),
            "before": repo.delta(None, data, gitpack.made_up("before"), back=1 << 40)}


def long_chain(repo):
    base, size = repo.add("blob", b"w" * 100), 100
    for step in range(10000):
        base = repo.delta(base, gitpack.delta(size, size + 1, [gitpack.copy(0, size), gitpack.insert(b"w")]),
                          gitpack.made_up("chain %d" % step))
        size += 1
    return {"end": base}


def zeros(megabytes):
    """So many of zero bytes, compressed; what one of them becomes is said again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check_sum = (megabytes << 20) % 65521 << 16 | 1
    return b"\x78\xda" + one * megabytes + b"\3\0" + struct.pack(">I", check_sum)


def packed_bomb(repo):
    """Two gigabytes in two megabytes, their size told and not told."""
    found = {}
    for name, size in (("told", 2 << 30), ("untold", 100)):
        found[name] = gitpack.made_up(name)
        repo.put(found[name], gitpack.head(3, size) + zeros(2048))
    return found


def many_paths(repo):
    """Ten folders in each folder, all the same: 10^12 paths to one file."""
    entry = (repo.tree({"a.txt": repo.add("blob", b"one\n")}),)
    for _ in range(11):
        entry = (repo.tree({"d%d" % n: entry for n in range(10)}),)
    return {"wide": entry}


def own_parent(repo):
    """A tree in itself, and a commit that is its own parent."""
    tree = gitpack.made_up("tree")
    repo.tree({"again": (tree,), "file": repo.add("blob", b"two\n")}, tree)
    commit = gitpack.made_up("commit")
    repo.commit({"x": (tree,)}, [commit], commit)
    repo.last = commit
    return {"x": (tree,)}


def many_commits(repo):
    for number in range(5000):
        repo.commit({"a": repo.add("blob", b"%d\n" % number)})
    return {}


def not_there(repo):
    """What a commit names is not in the repository."""
    return {"blob": gitpack.made_up("blob"), "tree": (gitpack.made_up("tree"),)}


# What can not be examined in full; the others can, or it has to be told.
REPOSITORIES = [(delta_bomb, True), (false_size, True), (delta_cycle, True), (packed_bomb, True),
                (long_chain, False), (many_paths, False), (own_parent, False), (many_commits, False),
                (not_there, False)]


def repositories(t):
    g = guest(t, "git")
    token = plant.github().encode()
    for make, _ in REPOSITORIES:
        repo = gitpack.Repository()
        entries = make(repo)
        entries["token.txt"] = repo.add("blob", b"see " + token + b"\n")
        repo.commit(entries)
        folder = "/srv/%s.git" % make.__name__
        repo.write(g.mkdir(folder))
        g.write("/srv/%s.txt" % make.__name__, b"see " + token + b"\n")
    run = scan(t, g)
    for make, never in REPOSITORIES:
        folder = "/srv/%s.git" % make.__name__
        found, told = tokens(run, folder), unexamined(run, folder)
        t.ok(found or told, "%s: its token is found, or that it is not" % make.__name__)
        t.ok(told or not never, "%s: what was not examined is told" % make.__name__)
        t.equal(len(tokens(run, "/srv/%s.txt" % make.__name__)), 1, "beside " + make.__name__)
        t.note("  %s: %d found, %s" % (make.__name__, len(found), told))


# ---- databases ----

def database(path, token):
    """Rows small and large, an index, freed pages: (bytes, rows that hold the token)."""
    db = sqlite3.connect(path, isolation_level=None)
    for line in ("pragma page_size=1024", "pragma secure_delete=off",
                 "create table notes (id integer primary key, body)", "create index other on notes (body)"):
        db.execute(line)
    for number in range(1, 301):
        size = 5000 if number % 50 == 0 else 60
        body = b"%d " % number + b"n" * size + b" " + (token if number % 10 == 0 else b"nothing")
        db.execute("insert into notes values (?, ?)", (number, body))
    db.execute("delete from notes where id between 100 and 140")
    db.close()
    with open(path, "rb") as file:
        data = file.read()
    os.unlink(path)
    return data


def pages_of(data, kind):
    """Numbers of the pages that are b-tree pages of that kind."""
    return [at // 1024 + 1 for at in range(1024, len(data), 1024) if data[at] == kind]


def patched(data, at, more):
    return data[:at] + more + data[at + len(more):]


def lies(data):
    """{name: database that leads in circles or claims what is not so}"""
    leaf, inner = pages_of(data, 13)[0], pages_of(data, 5)[0]
    start = (inner - 1) * 1024
    self_, root = struct.pack(">I", inner), struct.pack(">I", 1)
    first = struct.unpack(">H", data[start + 12:start + 14])[0]
    trunk = struct.unpack(">I", data[32:36])[0]
    large = next(at for at in range(1024, len(data), 1024) if data[at] == 0 and b"nnnnnnnnnnnn" in data[at:at + 99])
    return {
        "child": patched(data, start + first, self_),
        "right": patched(data, start + 8, self_),
        "root": patched(data, start + 8, root),
        "cells": patched(data, (leaf - 1) * 1024 + 3, b"\xff\xff"),
        "pointers": patched(data, (leaf - 1) * 1024 + 8, b"\xff\xff\0\0\4\0" * 20),
        "payload": patched(data, (leaf - 1) * 1024 + 512, b"\xff" * 512),
        "overflow": patched(data, large, struct.pack(">I", large // 1024 + 1)),
        "free": patched(data, (trunk - 1) * 1024, struct.pack(">II", trunk, 0xffffffff)),
        "count": patched(data, 36, b"\xff" * 4),
        "page-size": patched(data, 16, b"\0\1"),
        "page-512": patched(data, 16, b"\2\0"),
        "page-0": patched(data, 16, b"\0\0"),
        "reserved": patched(data, 20, b"\xff"),
        "encoding": patched(data, 56, b"\xff" * 4),
        "schema": patched(data, 100 + 8, b"\xff" * 40),
        "head": data[:100],
        "page-1": data[:1024],
        "nothing": data[:16] + bytes(len(data) - 16),
        "noise": data[:100] + random.Random(SEED).randbytes(len(data) - 100),
    }


def damaged(data, chance):
    """Bits turned over, pages exchanged, pieces cut off or written over."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 4, 64, 1024))):
        out[chance.randrange(16, len(out))] ^= 1 << chance.randrange(8)
    how = chance.randrange(5)
    if how == 0:
        return bytes(out[:chance.randrange(16, len(out))])
    if how == 1:
        one, two = (1024 * chance.randrange(1, len(out) // 1024) for _ in range(2))
        out[one:one + 1024], out[two:two + 1024] = out[two:two + 1024], out[one:one + 1024]
    if how == 2:
        at = chance.randrange(16, len(out) - 64)
        out[at:at + 64] = chance.choice((b"\0", b"\xff")) * 64
    return bytes(out)


def databases(t):
    g = guest(t, "sqlite")
    token = plant.github().encode()
    data = database(t.path("whole.db"), token)
    whole = {"whole": data}
    whole.update(lies(data))
    chance = random.Random(SEED)
    for number in range(3000 if t.long else 300):
        whole["d%04d" % number] = damaged(data, chance)
    for name, content in whole.items():
        g.write("/srv/%s.db" % name, content)
    g.write("/srv/beside.txt", b"see " + token + b"\n")
    run = scan(t, g)
    t.equal(len(tokens(run, "/srv/beside.txt")), 1, "the file beside them")
    rows = {f["member"] for f in tokens(run, "/srv/whole.db")}
    missing = {"table notes row %d" % n for n in range(10, 301, 10) if not 100 <= n <= 140} - rows
    t.equal(sorted(missing), [], "rows of the database that is whole")
    t.equal(unexamined(run, "/srv/whole.db"), [], "the whole one is examined")
    silent = [name for name in lies(data) if not tokens(run, "/srv/%s.db" % name)
              and not unexamined(run, "/srv/%s.db" % name) and token in whole[name]]
    t.equal(silent, [], "neither found in nor told of")
    known = {f["path"] for f in run.findings("secret", "unexamined")}
    lost = [name for name in whole if token in whole[name] and "/srv/%s.db" % name not in known]
    t.equal(lost[:5], [], "%d damaged ones of which nothing is said" % len(lost))
    t.note("%d databases, of %d nothing is said" % (len(whole), len(whole) + 1 - len(known)))


PARTS = {"lines": long_lines, "git": repositories, "sqlite": databases}


def test(t):
    for name in t.only.split(",") if t.only else PARTS:
        PARTS[name](t)


check.main(test)
