# SPDX-License-Identifier: MIT
"""A token in every kind of container and compression is found where it is; what can
not be opened, is encrypted or grows without end is told."""
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import shutil
import struct
import sys
import tarfile
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import archives
import check
import plant
import rar

LINE = 3


def text():
    """A token on the third line."""
    return b"first\nsecond\nkey %s end\n" % plant.github().encode()


def nested(count, inner):
    """`count` containers in each other, of several kinds in turn."""
    kinds = [archives.tar, archives.zipped, archives.packers()["gz"], plant.cpio, archives.ar,
             archives.packers()["xz"], rar.rar4]
    names = []
    for at in range(count):
        make = kinds[at % len(kinds)]
        packer = make in (kinds[2], kinds[5])
        # What is packed may not be one step with its packer.
        inner = make(inner) if packer else make({"m%d" % at: inner, "no.txt": b"nothing\n"})
        names.insert(0, "content" if packer else "m%d" % at)
    return inner, "!".join(names)


class Box:
    """What was planted where, and what was told of it."""

    def __init__(self, t):
        self.t = t
        self.g = plant.bare(t.dir("guest"))
        self.found, self.troubles, self.redacted, self.offsets = {}, {}, set(), {}

    def secret(self, name, data, member, line=LINE):
        self.g.decoy("/srv/" + name, data)
        self.found.setdefault("/srv/" + name, set()).add((member, line))

    def trouble(self, name, data, words, severity="medium"):
        self.g.decoy("/srv/" + name, data)
        self.troubles["/srv/" + name] = (words, severity)

    def nothing(self, name, data):
        self.g.decoy("/srv/" + name, data)

    def check(self):
        t = self.t
        run = t.run("scan", "--root", self.g.root)
        t.equal(run.code, 5, "exit code")
        told, troubles = {}, {}
        for f in run.findings("secret"):
            told.setdefault(f["path"], set()).add((f["member"], f["line"]))
        for f in run.findings("unexamined"):
            troubles.setdefault(f["path"], []).append((f["text"], f["severity"]))
        for path in sorted(set(told) | set(self.found)):
            t.equal(told.get(path), self.found.get(path), "found in " + path)
        for path in sorted(set(troubles) | set(self.troubles)):
            words, severity = self.troubles.get(path, ("", ""))
            got = troubles.get(path, [])
            t.ok(len(got) == 1 and words and words in got[0][0] and got[0][1] == severity,
                 "%s: %r, wanted one with %r (%s)" % (path, got, words, severity))
        t.equal({s["path"] for s in run.steps()}, self.redacted, "steps")
        t.equal({f["path"]: f["offset"] for f in run.findings("secret")
                 if f["path"] in self.offsets}, self.offsets, "offsets")
        t.ok(run.report["complete"], "the scan is complete")
        t.equal(self.g.decoys_hurt(), [], "files")


def every_kind(box):
    """Each format, each filter round each format, each format in a stream."""
    makers, packers = archives.makers(), archives.packers()
    for kind, make in makers.items():
        secret = {"data.txt": text(), "no.txt": b"key none\n"}
        name = "data.tar.xz!data.txt" if kind == "deb" else "data.txt"
        one = kind[:3] == "tar" or kind[:4] == "cpio"
        box.secret("plain/" + kind, make(secret), name)
        box.secret("in-tar/" + kind, archives.tar({"in": make(secret)}), "in!" + name)
        box.secret("in-gz/" + kind, gzip.compress(make(secret)),
                   name if one else "content!" + name)
        box.nothing("nothing/" + kind, make({"no.txt": b"key none\n" * 9}))
    for name, pack in packers.items():
        box.secret("text." + name, pack(text()), "content")
        box.secret("tar." + name, pack(archives.tar({"data.txt": text()})), "data.txt")
        box.secret("in.%s.tar" % name, archives.tar({"data": pack(text())}), "data!content")
        box.secret("7-." + name, pack(rar.rar5({"data.txt": text()})), "content!data.txt")
        box.nothing("nothing." + name, pack(b"key none\n" * 9))
        box.nothing("empty." + name, pack(b""))
    box.t.note("formats: %s" % " ".join(sorted(makers)))
    box.t.note("compressions: %s" % " ".join(sorted(packers)))


def one_behind_the_other(box):
    """Several streams in a file are one; what is none is scanned as it is."""
    for name, pack in archives.packers().items():
        if name in ("Z", "lz4-old"):
            continue  # these have no end
        # Two of lzma are not one stream to its own program either.
        box.secret("twice." + name, pack(b"first\n") + pack(b"second\nkey %s\n" %
                                                            plant.github().encode()), "content",
                   2 if name == "lzma" else LINE)
        box.secret("behind." + name, pack(b"x\n" * 50) + bytes(100) + text(), "behind-the-end")
        box.secret("in-behind.%s.tar" % name, archives.tar({"in": pack(b"x\n" * 50) + text()}),
                   "in!behind-the-end")
        box.secret("archives." + name, pack(plant.cpio({"a": b"a"})) +
                   pack(plant.cpio({"b": text()})), "b")
    box.secret("two.tar", archives.tar({"a": b"a"}) + archives.tar({"b": text()}), "b")
    box.secret("two.tar.gz", gzip.compress(archives.tar({"a": b"a"}) +
                                           archives.tar({"b": text()})), "b")
    box.secret("many.tar", archives.tar({"a": b"a"}) * 40 + archives.tar({"b": text()}), "b")
    box.secret("script.rpm", archives.rpm({"a": b"a"}, scriptlet=b"true\n" + text()),
               "rpm-header", 4)
    box.secret("app.pyz", b"#!/usr/bin/env python3\n" + archives.zipped({"data.txt": text()}),
               "data.txt")
    bare = b"#!/bin/sh\nkey=%s\n" % plant.github().encode()
    box.secret("installer", bare + archives.zipped({"data.txt": text()}), None, 2)
    box.secret("installer", bare + archives.zipped({"data.txt": text()}), "data.txt")


def depth(box):
    whole, member = nested(8, text())
    box.secret("eight-deep", whole, member)
    whole, _ = nested(9, text())
    box.trouble("nine-deep", whole, "too deeply")
    whole, _ = nested(60, text())
    box.trouble("sixty-deep", whole, "too deeply")
    data = text()
    for _ in range(25):
        data = gzip.compress(data)
    box.trouble("gzip-25-times", data, "too deeply")
    long = "d/" * 700 + "name\nwith a line " + "x" * 200
    whole = archives.tar({long: archives.zipped({"é\x01": text()})})
    box.g.decoy("/srv/long-names.tar", whole)
    full = long + "!é\x01"
    box.found["/srv/long-names.tar"] = {(cut(full), LINE)}


def cut(name):
    """A name of which the middle is left out: 497 bytes of both ends stay."""
    name = name.encode()
    return (name[:497] + b"..." + name[-497:]).decode()


def sealed(box):
    if shutil.which("7z"):
        secret = {"data.txt": text()}
        box.trouble("sealed.zip", archives.sealed_zip()(secret), "archive is encrypted")
        box.trouble("sealed.7z", archives.sealed_7z()(secret), "archive is encrypted")
        box.trouble("sealed-names.7z", archives.sealed_7z("-mhe=on")(secret),
                    "archive is encrypted")
        box.trouble("sealed.tar", archives.tar({"in": archives.sealed_zip()(secret)}),
                    "archive is encrypted")
    box.trouble("sealed.rar", rar.rar5_sealed(), "archive is encrypted")
    for name, data in (("vault.yml", b"$ANSIBLE_VAULT;1.1;AES256\n" + b"6162" * 20 + b"\n"),
                       ("openssl.enc", b"Salted__" + random.randbytes(100)),
                       ("secrets.age", b"age-encryption.org/v1\n-> X25519 x\n" + random.randbytes(99)),
                       ("disk.luks", b"LUKS\xba\xbe\0\2" + bytes(600)),
                       ("key.gpg", b"\x84\x5e\x03" + random.randbytes(8) + b"\x12" + random.randbytes(84) +
                        b"\xd2\x4a\1" + random.randbytes(73)),
                       ("phrase.gpg", b"\x8c\x0d\4\7\3\2" + random.randbytes(8) + b"\xff\xd2\x4a\1" +
                        random.randbytes(73)),
                       ("armored.asc", b"-----BEGIN PGP MESSAGE-----\n\nhF4D\n")):
        box.trouble(name, data, "It is encrypted", "info")


def closed(box):
    token = text()
    for name, data, words, severity in (
            ("a.qcow2", b"QFI\xfb\0\0\0\3", "Disk images", "medium"),
            ("a.vmdk", b"KDMV\1\0\0\0", "Disk images", "medium"),
            ("a.vhdx", b"vhdxfile", "Disk images", "medium"),
            ("a.raw", b"\0" * 510 + b"\x55\xaaEFI PART", "Disk images", "medium"),
            ("a.squashfs", b"hsqs" + bytes(24) + b"\4\0\0\0" + bytes(64), "File system", "info"),
            ("a.lrz", b"LRZI\0\6", "Archives of this kind", "medium"),
            ("a.wim", b"MSWIM\0\0\0", "Archives of this kind", "medium")):
        # What is not opened is still scanned as bytes.
        box.trouble(name, data + bytes(3000) + token, words, severity)
        box.found["/srv/" + name] = {(None, LINE)}
    for name, data in (("lzma-not", b"\x5d\0\0\x80\0text"), ("Z-not", b"\x1f\x9d\xff\0\0\0\0"),
                       ("bz-not", b"BZh9 is a word\n"), ("rpm-key", b"\x85\x02\x0c\x04" * 20),
                       ("cpio-not", b"070701 is a number\n" * 10), ("ar-not", b"!<arch>\n" * 20),
                       ("zeros", bytes(70000)), ("lha-not", b"a -lh5- b\n" * 5)):
        box.nothing(name, data)


def bad_cab(box):
    """libarchive 3.6.2 crashed when it skipped the rest of a block it could not read."""
    data = archives.cab({"a.txt": b"words\n" * 60, "b.txt": text()})
    size = 360 + len(text())
    head = struct.pack("<IHH", 0, size, size)
    bad = struct.pack("<IHH", 1, size, 0x6f73)
    box.trouble("bad.cab", data.replace(head, bad), "archive is damaged")


def bombs(box):
    block = zipfile.ZIP_DEFLATED
    data = archives.zipped({"0": bytes(50 << 20)}, block)
    for _ in range(3):
        data = archives.zipped({str(n): data for n in range(16)}, block)
    box.trouble("42.zip", data, "unpacks to more than")
    box.trouble("zeros.gz", gzip.compress(bytes(100 << 20), 1) * 100, "unpacks to more than")
    box.trouble("zeros.xz", lzma.compress(bytes(200 << 20), preset=0), "a thousand times its size")


def blob(into, data):
    digest = hashlib.sha256(data).hexdigest()
    into["blobs/sha256/" + digest] = data
    return {"digest": "sha256:" + digest, "size": len(data),
            "mediaType": "application/vnd.oci.image.layer.v1.tar"}


def images(box):
    """A later layer hides a file and a whole folder; both are still in the image."""
    lower = {"app/.env": text(), "app/data/key.txt": text(), "bin/sh": b"x"}
    upper = {"app/.wh..env": b"", "app/data/.wh..wh..opq": b"", "app/ok": b"ok\n"}
    history = json.dumps({"config": {"Env": ["PATH=/bin", "GITHUB_TOKEN=" + plant.github()]},
                          "rootfs": {"type": "layers"}}).encode()
    save = {"1/layer.tar": archives.tar(lower), "2/layer.tar": archives.tar(upper),
            "c.json": history, "manifest.json": json.dumps(
                [{"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar"]}]).encode()}
    for member, line in (("1/layer.tar!app/.env", LINE), ("1/layer.tar!app/data/key.txt", LINE),
                         ("c.json", 1)):
        box.secret("docker-save.tar", archives.tar(save), member, line)
    for name, pack in archives.packers().items():
        if name not in ("gz", "zst"):
            continue
        files = {}
        layers = [blob(files, pack(archives.tar(layer))) for layer in (lower, upper)]
        config = blob(files, history)
        index = blob(files, json.dumps({"config": config, "layers": layers}).encode())
        files["index.json"] = json.dumps({"manifests": [index]}).encode()
        files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        first = layers[0]["digest"].replace("sha256:", "blobs/sha256/")
        own = config["digest"].replace("sha256:", "blobs/sha256/")
        for member, line in ((first + "!app/.env", LINE), (first + "!app/data/key.txt", LINE),
                             (own, 1)):
            box.secret("oci-%s.tar" % name, archives.tar(files), member, line)
        # The same as a folder.
        for path, data in files.items():
            box.nothing("oci-%s/%s" % (name, path), data)
        box.found["/srv/oci-%s/%s" % (name, first)] = {("app/.env", LINE),
                                                       ("app/data/key.txt", LINE)}
        box.redacted.add("/srv/oci-%s/%s" % (name, own))


def oddities(box):
    """Holes, links, names of nothing: what tar can say and nobody expects."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "hard"),
                           (tarfile.FIFOTYPE, "fifo"), (tarfile.DIRTYPE, "folder"),
                           (tarfile.REGTYPE, "")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "../../etc/passwd"
            archive.addfile(info)
        data = text()
        info = tarfile.TarInfo("../../data.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    box.secret("odd.tar", out.getvalue(), "../../data.txt")
    data = bytes(1 << 20) + b"\n\n" + text().split(b"\n", 2)[2]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("sparse.bin")
        part = data[1 << 20:]
        info.size = len(part)
        info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1",
                            "GNU.sparse.name": "sparse.bin", "GNU.sparse.size": str(len(data)),
                            "GNU.sparse.numblocks": "1",
                            "GNU.sparse.map": "%d,%d" % (1 << 20, len(part))}
        archive.addfile(info, io.BytesIO(part))
    box.secret("sparse.tar", out.getvalue(), "sparse.bin")
    box.offsets["/srv/sparse.tar"] = data.index(b"gh" + b"p_")
    empty = {"zip": b"PK\5\6" + bytes(18), "cpio": plant.cpio({})}
    if shutil.which("bsdtar"):
        empty["7z"] = archives.in_folder(["bsdtar", "-cf", "../out.bin", "--format", "7zip",
                                          "-T", "/dev/null"])({})
    for kind, data in empty.items():
        box.nothing("empty." + kind, data)
        box.nothing("empty.%s.tar" % kind, archives.tar({"in": data, "no.txt": b"key none\n"}))
        box.nothing("empty.%s.gz" % kind, gzip.compress(data))
    box.nothing("empty.tar", bytes(10240))


def keys_elsewhere(t):
    """What is encrypted for somebody is told, and keeps nobody from a good exit code."""
    g = plant.bare(t.dir("sealed"))
    g.write("/srv/vault.yml", b"$ANSIBLE_VAULT;1.1;AES256\n" + b"6162" * 20 + b"\n")
    run = t.run("scan", "--root", g.root)
    t.equal((run.code, len(run.findings("unexamined"))), (0, 1), "a vault")


def test(t):
    keys_elsewhere(t)
    box = Box(t)
    for part in (every_kind, one_behind_the_other, depth, sealed, closed, bad_cab, bombs, images,
                 oddities):
        part(box)
    box.check()


check.main(test)
