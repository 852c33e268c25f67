# SPDX-License-Identifier: MIT
"""A private key that nobody sees any more: three commits back in a packed
repository, in a page that a database gave back, in a layer whose file the next layer
takes away. Each is found, and told so exactly that a human can go there; each is
proved to be that key by a plain copy, which has the same identity."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import hashlib
import re
import shutil
import sqlite3
import struct

import archives
import check
import containers
import plant


class Place:
    def __init__(self, name, path, member, line, key):
        self.name, self.path, self.member, self.line, self.key = name, path, member, line, key


def settings(lines, key, at):
    """A file that is long enough for git to keep it as a delta."""
    text = ["setting-%d = on\n" % number for number in range(lines)]
    return "".join(text[:at] + ([key] if key else []) + text[at:]).encode()


def deltas(folder):
    """Names of the objects that a pack has as deltas."""
    index = [os.path.join(folder, "objects/pack", name)
             for name in os.listdir(os.path.join(folder, "objects/pack")) if name.endswith(".idx")]
    lines = containers.git(folder, "verify-pack", "-v", *index).splitlines()
    return [line.split()[0] for line in lines if len(line.split()) == 7]


def history(t, g, key):
    """In HEAD~3 alone: the commit before does not have it, nor do those behind."""
    work = g.mkdir("/srv/project")
    containers.git(work, "init", "-q")
    commits = []
    for number, held in enumerate((None, None, key, None, None, None)):
        containers.save(work, "etc/app.conf", settings(300 + 40 * number, held, 120))
        commits.append(containers.commit(work, "change %d" % number))
    containers.git(work, "gc", "-q", "--prune=now", "--aggressive")
    blob = containers.git(work, "rev-parse", "HEAD~3:etc/app.conf")
    t.ok(blob in deltas(work + "/.git"), "the key is in a delta")
    t.equal(containers.git(work, "rev-parse", "HEAD~3")[:12], commits[2], "the commit")
    t.ok(not os.path.exists(work + "/.git/objects/" + blob[:2]), "all is packed")
    return Place("HEAD~3", "/srv/project/.git", "%s:etc/app\\.conf" % commits[2], 122, key)


def free_pages(data, size):
    """The list of them begins in the database's head; each trunk names the next and its leaves."""
    found, trunk = [], struct.unpack_from(">I", data, 32)[0]
    while trunk:
        at = (trunk - 1) * size
        following, count = struct.unpack_from(">II", data, at)
        found += [trunk, *struct.unpack_from(">%dI" % count, data, at + 8)]
        trunk = following
    return found


def free_page(t, g, key):
    path = os.path.join(g.mkdir("/srv/data"), "app.db")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma secure_delete=off")
    db.execute("create table certificates (id integer primary key, pem text)")
    for number in range(40):
        db.execute("insert into certificates values (?, ?)",
                   (number, key if number == 20 else "row %d " % number * 200))
    db.execute("delete from certificates where id between 5 and 35")
    size, = db.execute("pragma page_size").fetchone()
    left = db.execute("select count(*) from certificates where pem like '%PRIVATE%'").fetchone()
    db.close()
    t.equal(left, (0,), "rows that still have the key")
    data = containers.load(path)
    given = [page for page in free_pages(data, size) if key.encode() in data[(page - 1) * size:page * size]]
    t.equal(len(given), 1, "free pages that hold the key")
    return Place("a free page", "/srv/data/app.db", r"page %d \(free\)[^!]*" % given[0], None, key)


def layers(key):
    """The file in the first, its absence in the second."""
    first = archives.tar({"etc/app/key.pem": b"# made by the build\n" + key.encode(),
                            "etc/app/readme": b"hello\n"})
    second = archives.tar({"etc/app/.wh.key.pem": b"", "etc/app/other": b"more\n"})
    return [first, second]


def docker(g, key):
    both = layers(key)
    g.write("/srv/images/old.tar", containers.docker_save(both))
    return Place("a layer of docker save", "/srv/images/old.tar",
                 hashlib.sha256(both[0]).hexdigest() + r"/layer\.tar[^!]*!etc/app/key\.pem", 3, key)


def oci(g, key):
    both = layers(key)
    packed = containers.pack(both[0])
    g.write("/srv/images/new.tar", containers.oci(both))
    return Place("a layer of an OCI image", "/srv/images/new.tar", "blobs/sha256/%s[^!]*!etc/app/key\\.pem" %
                 hashlib.sha256(packed).hexdigest(), 3, key)


def check_place(t, run, place, same):
    found = [f for f in run.findings("secret") if f["name"] == "private-key" and f["path"].startswith(place.path)]
    told = ["%s:%s:%d %s" % (f["path"], f["member"], f["line"], f["codings"]) for f in found]
    t.note("%s: %s" % (place.name, ", ".join(told) or "not found"))
    here = [f for f in found if re.fullmatch(place.member, f["member"] or "")]
    if t.ok(here, "%s: told at %s, wanted %s" % (place.name, told, place.member)):
        t.equal({f["secret"] for f in here}, {same}, place.name + ": the key that was planted")
        t.equal({f["codings"] == [] for f in here}, {True}, place.name + ": nothing had to be decoded")
        if place.line:
            t.equal({f["line"] for f in here}, {place.line}, place.name + ": the line")
    if place.line:  # a page that a database has in use may hold another copy of what is gone
        t.equal([text for f, text in zip(found, told) if f not in here], [], place.name + ": told elsewhere as well")


def check_text(t, g, places):
    """A reader of the text is told the same."""
    text = t.run("scan", "--root", g.root, "-v", "--max-output", "0", json_report=False).out.decode()
    for place in places:
        t.ok(re.search(place.member, text), "%s: not in the text: %s" % (place.name, place.member))


def test(t):
    g = plant.bare(t.dir("guest"))
    keys = [plant.private_key(kind) for kind in ("ec", "ec", "ed25519", "ec")]
    for number, key in enumerate(keys):
        g.write("/srv/plain/%d.pem" % number, key)
    places = [free_page(t, g, keys[1]), docker(g, keys[2]), oci(g, keys[3])]
    if shutil.which("git"):
        places.insert(0, history(t, g, keys[0]))
    else:
        t.note("skipped: no git here")
    run = t.run("scan", "--root", g.root, "--policy", plant.report_all(t))
    t.ok(run.code in (1, 5), "scan: %s" % run)
    same = {keys[int(f["path"][11])]: f["secret"] for f in run.findings("secret")
            if f["path"].startswith("/srv/plain/")}
    t.equal(len(same), len(keys), "the plain copies")
    for place in places:
        check_place(t, run, place, same.get(place.key))
    t.equal([(f["path"], f["text"]) for f in run.findings("unexamined")], [], "not examined")
    check_text(t, g, places)


check.main(test)
