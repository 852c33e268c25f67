# SPDX-License-Identifier: MIT
"""Keys inside initial ramdisks as they are really made: an uncompressed archive with
microcode in front, zeros between, the second archive compressed by each of the
programs that builders use."""
import gzip
import lzma
import os
import random
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import archives
import check
import plant

KEY = "cryptroot/keyfiles/root.key"


def packers():
    found = {"none": lambda data: data, "gzip": gzip.compress,
             "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32)}
    for name, command in (("zstd", ("zstd", "-q", "-c")), ("lz4", ("lz4", "-l", "-c")),
                          ("bzip2", ("bzip2", "-c"))):
        if shutil.which(name):
            found[name] = archives.piped(*command)
    return found


def test(t):
    g = plant.bare(t.dir("guest"))
    secret = plant.token().encode()
    early = plant.cpio({"kernel/x86/microcode/GenuineIntel.bin": random.randbytes(4000)})
    main = {"init": b"#!/bin/sh\n", "usr/lib/modules/x.ko": random.randbytes(300000),
            KEY: random.randbytes(512), "etc/app.conf": b"password = " + secret + b"\n"}
    wanted = set()
    for name, pack in packers().items():
        path = "/boot/initrd.img-" + name
        g.decoy(path, early + bytes(1024) + pack(plant.cpio(main)), mode=0o600)
        wanted.add((path, KEY))
        g.decoy("/boot/initrd.img-clean-" + name, early + pack(plant.cpio(
            {"init": b"#!/bin/sh\n", "cryptroot/crypttab": b"root UUID=x none luks\n"})))
    # As boot loaders and "cat" put them one behind the other.
    first = plant.cpio({"init": b"x", "usr/lib/modules/x.ko": random.randbytes(200000)})
    in_front = {"plain": first}
    if "zstd" in packers():
        in_front["zstd"] = packers()["zstd"](first)
        in_front["zeros"] = in_front["zstd"] + bytes(700)
        for number, data in enumerate((b"", b"x" * 300000, random.randbytes(70000))):
            g.decoy("/srv/log-%d.zst" % number, packers()["zstd"](data))
    for name, data in in_front.items():
        g.decoy("/boot/initrd.img-behind-" + name, early + data + gzip.compress(plant.cpio(main)))
        wanted.add(("/boot/initrd.img-behind-" + name, KEY))
    run = t.run("scan", "--root", g.root)
    told = {(f["path"], f["member"]) for f in run.findings("posture")}
    t.equal(told, wanted, "keys by their names")
    inside = {f["path"] for f in run.findings("secret") if f["member"] == "etc/app.conf"}
    t.equal(inside, {path for path, _ in wanted}, "a password in another member")
    t.equal([f for f in run.findings("unexamined")], [], "what could not be examined")
    t.ok(secret not in run.out + run.err, "the password is told")
    clean = t.run("clean", "--yes", "--root", g.root)
    t.equal((clean.code, clean.steps()), (1, []), "clean leaves them to a human")
    t.equal(g.decoys_hurt(), [], "archives")
    if "zstd" in packers():
        behind = plant.github()
        g.write("/srv/tail.zst", packers()["zstd"](b"log\n" * 99) + behind.encode() + b"\n")
        g.write("/srv/cut.zst", packers()["zstd"](random.randbytes(9999))[:5000])
        run = t.run("scan", "--root", g.root)
        t.equal([f["path"] for f in run.findings("unexamined")], ["/srv/cut.zst"],
                "what is damaged")
        t.equal([f["member"] for f in run.findings("secret") if f["path"] == "/srv/tail.zst"],
                ["behind-the-end"], "what follows a stream")
    t.note("packed by: %s" % ", ".join(sorted(packers())))


check.main(test)
