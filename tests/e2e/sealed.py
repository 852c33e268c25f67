# SPDX-License-Identifier: MIT
"""What can not be overwritten where it stands: an unchanged archive of a package is
not looked into, a changed one is, also among many others; by policy a file that holds such a secret goes, and only
that."""
import gzip
import hashlib
import io
import os
import random
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

POLICY = """policy: sealed
title: What can not be redacted goes
classes: {personal: remove, identity: remove, service: redact, trace: remove, business: report}
unredactable: remove
"""


def archive(**members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo("d/" + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def shipped(g, package, *paths):
    """As a package's list has them now."""
    lines = ["%s  %s\n" % (hashlib.md5(open(g.path(p), "rb").read()).hexdigest(), p[1:])
             for p in paths]
    g.write("/var/lib/dpkg/info/%s.md5sums" % package, "".join(lines))


def many(g, line):
    """Archives of all sizes as a package brought them, next to each other, so that one
    worker gets them together: but for two that have changed since, and what is called
    an archive and is none."""
    paths = ["/opt/man/%02d.gz" % i for i in range(24)]
    for i, path in enumerate(paths):
        size = (0, 40, 700, 3000, 9000, 60000, 300000, 1500)[i % 8]
        g.decoy(path, gzip.compress(line + random.randbytes(size), mtime=0))
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        info = tarfile.TarInfo("conf")
        info.size = len(line)
        tar.addfile(info, io.BytesIO(line))
    g.decoy("/opt/man/plain.tar", plain.getvalue())
    g.decoy("/opt/man/plain.gz", plain.getvalue())
    changed = ["/opt/man/10a.gz", "/opt/man/21a.gz"]
    for path in changed:
        g.write(path, gzip.compress(b"nothing\n", mtime=0))
    text = "/opt/man/text.gz"
    g.write(text, "only a name\n")
    lists = paths + changed + [text, "/opt/man/plain.tar", "/opt/man/plain.gz"]
    shipped(g, "man", *lists)
    g.write(changed[0], gzip.compress(line, mtime=0))
    g.write(changed[1], gzip.compress(b"x" * 5000 + b"\n" + line, mtime=0))
    g.write(text, b"# kept\n" + line)
    return changed


def test(t):
    g = plant.bare(t.dir("guest"))
    token = plant.github().encode()
    line = b"token = " + token + b"\n"
    g.decoy("/opt/doc/same.tgz", archive(conf=line))
    g.write("/opt/doc/changed.tgz", archive(conf=b"nothing\n"))
    shipped(g, "doc", "/opt/doc/same.tgz", "/opt/doc/changed.tgz")
    g.write("/opt/doc/changed.tgz", archive(conf=line))
    g.write("/srv/backup.tgz", archive(conf=line, other=b"x"))
    g.write("/srv/program", b"\x7fELF" + bytes(4000) + b"\x01\x02" + token + bytes(4000))
    g.write("/srv/conf", b"# kept\n" + line)
    g.decoy("/srv/other.tgz", archive(conf=b"token = none\n"))
    held = ["/opt/doc/changed.tgz", *many(g, line), "/srv/backup.tgz", "/srv/program"]

    run = t.run("clean", "--yes", "--root", g.root)
    t.equal(sorted(f["path"] for f in run.findings("secret")), held, "what stays by default")
    t.equal(run.code, 1, "it counts")
    t.equal(open(g.path("/srv/conf"), "rb").read()[:15], b"# kept\ntoken = ", "redacted in place")
    for path in ("/srv/conf", "/opt/man/text.gz"):
        t.ok(token not in open(g.path(path), "rb").read(), "%s keeps the token" % path)

    policy = t.path("policy.yaml")
    with open(policy, "w") as file:
        file.write(POLICY)
    run = t.run("clean", "--yes", "--policy", policy, "--root", g.root)
    t.equal(run.code, 0, "all is done: %s" % run)
    t.equal([p for p in held if os.path.exists(g.path(p))], [], "holders that stay")
    t.ok(os.path.exists(g.path("/srv/conf")), "a text file went")
    t.equal(g.decoys_hurt(), [], "decoys")
    t.equal(t.run("scan", "--policy", policy, "--root", g.root).steps(), [], "a second run")


check.main(test)
