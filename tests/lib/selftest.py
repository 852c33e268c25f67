# SPDX-License-Identifier: MIT
"""The tests' own tools: the reader finds what is planted in every form, and a
snapshot notices every kind of change and none that is not there."""
import base64
import bz2
import gzip
import lzma
import os
import random
import sys
import tempfile
import urllib.parse

import check
import forms
import plant
import reader
import tree


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def check_reader(root):
    planted = {}

    def plant(name, how, make):
        secret = random.randbytes(10).hex().encode()
        planted[secret] = (b"/" + name.encode(), how)
        make(os.path.join(root, name), secret)

    plant("plain", "plain", lambda p, s: write(p, b"x" * 100000 + s + b"y"))
    plant("new\nline/plain", "plain", lambda p, s: write(p, s))
    for pad in range(3):
        plant("base64-%d" % pad, "base64", lambda p, s, n=pad: write(
            p, base64.b64encode(b"q" * n + s + b"tail")))
    plant("utf16le", "utf16", lambda p, s: write(p, s.decode().encode("utf-16-le")))
    plant("utf16be", "utf16", lambda p, s: write(p, s.decode().encode("utf-16-be")))
    for pad in range(3):
        plant("powershell-%d" % pad, "base64:utf16", lambda p, s, n=pad: write(
            p, base64.b64encode(b"q" * n + s.decode().encode("utf-16-le") + b"tail")))
    plant("hex", "hex", lambda p, s: write(p, b"x" + s.hex().encode()))
    plant("HEX", "hex", lambda p, s: write(p, s.hex().upper().encode()))
    plant("gzip.1", "gzip:plain", lambda p, s: write(p, gzip.compress(b"log " + s)))
    plant("bz2.log", "bzip2:plain", lambda p, s: write(p, bz2.compress(s)))
    plant("xz.log", "xz:plain", lambda p, s: write(p, lzma.compress(s)))
    plant("gzip.b64", "gzip:base64", lambda p, s: write(p, gzip.compress(base64.b64encode(s))))
    for secret in (random.randbytes(8).hex().encode(),):
        name = "named-" + secret.decode()
        planted[secret] = (b"/" + name.encode(), "name:plain")
        write(os.path.join(root, name), b"")
    plant("link", "link:plain", lambda p, s: os.symlink(s, p))
    try:
        plant("xattr", "xattr:plain", lambda p, s: (write(p, b""), os.setxattr(p, "user.x", s)))
    except OSError:
        planted.popitem()
    absent = random.randbytes(10).hex().encode()
    hits = reader.search(root, list(planted) + [absent])
    for secret, (path, how) in planted.items():
        got = [(h.path, h.how) for h in hits.get(secret, [])]
        assert (path, how) in got, (path, how, got)
    assert absent not in hits


def check_snapshot(root):
    deep = os.open(root, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=deep)
        new = os.open("d" * 200, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = new
    fd = os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=deep)
    os.close(fd)
    write(os.path.join(os.fsencode(root), b"odd\xff\n"), b"1")
    sparse = os.path.join(root, "sparse")
    write(sparse, b"start")
    os.truncate(sparse, 1 << 40)
    before = tree.snapshot(root, content=False)
    assert tree.differences(before, tree.snapshot(root, content=False)) == []
    assert any(path.endswith(b"/leaf") and len(path) > 4096 for path in before)
    before = tree.snapshot(root)

    def noticed(key):
        lines = tree.differences(before, tree.snapshot(root))
        return any(line.startswith(key) for line in lines)

    os.chmod(sparse, 0o600)
    assert noticed("mode")
    fd = os.open("leaf", os.O_WRONLY, dir_fd=deep)
    os.write(fd, b"x")
    os.close(fd)
    assert noticed("sha256") and noticed("size")
    os.utime(root, ns=(1, 1))
    assert noticed("mtime")
    os.unlink("leaf", dir_fd=deep)
    assert noticed("gone")
    os.close(deep)


def check_globs(_):
    try:
        import packs
    except ImportError:
        print("skipped: python3-yaml is not installed")
        return
    entry = {"paths": ["~/.x/*.log", "/var/**/c[!0-9]?", "/tmp"]}
    for path in ("~/.x/a.log", "~/.x/.log/deep", "/var/cab", "/var/a/b/cab", "/tmp/x/y"):
        assert packs.covers(entry, path), path
    for path in ("~/.x/a/b.log", "/var/c1b", "/var/a/cabs", "/tmpx", "/home/.x/a.log"):
        assert not packs.covers(entry, path), path
    text, secret, _ = packs.sample({"pattern": "gh(?<secret>.*) #"}, "key = gh" + "p_{alnum:30}{crc32b62} # {word:1}")
    assert len(secret) == 36 and secret in text and "{" not in text
    assert plant.crc32b62("") == "000000"


WAYS = {
    "base64": lambda d: base64.b64decode(b"".join(d.split()).translate(bytes.maketrans(b"-_", b"+/"))),
    "hex": lambda d: bytes.fromhex(d.decode()),
    "percent": urllib.parse.unquote_to_bytes,
    "escapes": lambda d: d.decode("unicode_escape").encode(),
    **{name: lambda d, name=name: d.decode(name[:6] + "-" + name[6:]).encode() for name in forms.WIDE},
}


def undone(form):
    """What a form holds, by other decoders than those that the product has."""
    data, codings = form.data[form.run[0]:form.run[1]], form.codings
    if codings and codings[0] in forms.WIDE and codings[1:]:
        data = WAYS[codings[0]](data).split(b"note ")[1].split(b" ")[0]
        codings = codings[1:]
    for coding in codings:
        data = WAYS[coding](data)
    return data


def check_forms(_):
    token, key = plant.github().encode(), plant.private_key().encode()
    names = [form.name for form in forms.of(token, key)]
    assert len(set(names)) == len(names) > 30
    for form in forms.of(token, key):
        canary = {"token": token}.get(form.kind, key.splitlines()[1])
        if form.codings and form.inside == "":
            assert canary in undone(form), form.name
            # From `at` on it is the canary, with no byte of what is before it.
            cut = form._replace(run=(form.at, form.run[1]))
            whole = len(form.codings) == 1 and (form.codings != ["base64"] or (form.at - form.run[0]) % 4 == 0)
            assert not whole or canary not in undone(cut)[1:], form.name
        assert (canary in form.data) == (form.name in ("plain", "pem", "pem-json")), form.name


def main():
    for look in (check_reader, check_snapshot, check_globs, check_forms):
        scratch = tempfile.mkdtemp(prefix="imgsan-test-", dir="/var/tmp")
        try:
            look(scratch)
        finally:
            check.wipe(scratch)
    print("selftest: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
