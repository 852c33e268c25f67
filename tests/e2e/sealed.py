# SPDX-License-Identifier: MIT
"""What can not be overwritten where it stands: an unchanged archive of a package is
not opened, a changed one is; by policy a file that holds such a secret goes, and only
that."""
import hashlib
import io
import os
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


def shipped(g, *paths):
    """As a package's list has them now."""
    lines = ["%s  %s\n" % (hashlib.md5(open(g.path(p), "rb").read()).hexdigest(), p[1:])
             for p in paths]
    g.write("/var/lib/dpkg/info/doc.md5sums", "".join(lines))


def test(t):
    g = plant.Guest(t.dir("guest"))
    os.chmod(g.root, 0o755)
    g.write("/etc/os-release", "ID=debian\n")
    token = plant.github().encode()
    line = b"token = " + token + b"\n"
    g.decoy("/opt/doc/same.tgz", archive(conf=line))
    g.write("/opt/doc/changed.tgz", archive(conf=b"nothing\n"))
    shipped(g, "/opt/doc/same.tgz", "/opt/doc/changed.tgz")
    g.write("/opt/doc/changed.tgz", archive(conf=line))
    g.write("/srv/backup.tgz", archive(conf=line, other=b"x"))
    g.write("/srv/program", b"\x7fELF" + bytes(4000) + b"\x01\x02" + token + bytes(4000))
    g.write("/srv/conf", b"# kept\n" + line)
    g.decoy("/srv/other.tgz", archive(conf=b"token = none\n"))
    held = ["/opt/doc/changed.tgz", "/srv/backup.tgz", "/srv/program"]

    run = t.run("clean", "--yes", "--root", g.root)
    t.equal(sorted(f["path"] for f in run.findings("secret")), held, "what stays by default")
    t.equal(run.code, 1, "it counts")
    t.equal(open(g.path("/srv/conf"), "rb").read()[:15], b"# kept\ntoken = ", "redacted in place")
    t.ok(token not in open(g.path("/srv/conf"), "rb").read(), "the text file keeps the token")

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
