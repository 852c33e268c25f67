# SPDX-License-Identifier: MIT
"""The independent reader: where in a tree do secrets lie? Nothing of imgsan's.

    hits = reader.search(root, [b"...", ...])   # {secret: [Hit, ...]}

Looks at the bytes of every file and of what gzip, bzip2, xz and zip hold, plain,
as base64 (all three alignments), as UTF-16, as base64 of UTF-16 and in hex; at names,
link targets and extended attributes.
"""
import base64
import bisect
import bz2
import collections
import gzip
import io
import lzma
import os
import stat
import subprocess
import tempfile
import zipfile

import tree

# how: plain, base64, utf16, base64:utf16, hex, or with the way in before it: "gzip:plain", "name"
Hit = collections.namedtuple("Hit", "path offset how")
UNPACK_MOST = 64 << 20


def forms(secret):
    """{bytes as they would lie: how} of one secret."""
    found = {secret: "plain"}
    # The first and last character carry bits of their neighbours: left out.
    for pad in range(3):
        text = base64.b64encode(b"\0" * pad + secret).rstrip(b"=")
        skip = (0, 2, 3)[pad]
        end = len(text) if (len(secret) + pad) % 3 == 0 else len(text) - 1
        for form in (text[skip:end], text[skip:end].translate(bytes.maketrans(b"+/", b"-_"))):
            if len(form) >= 8:
                found.setdefault(form, "base64")
    # Without the outer zero byte this is both byte orders.
    found.setdefault(b"\0".join(bytes([c]) for c in secret), "utf16")
    for pad in (0, 1, 2):  # of its base64, too
        wide = b"".join(bytes([c, 0]) for c in secret)
        text = base64.b64encode(b"\0" * pad + wide).rstrip(b"=")
        found.setdefault(text[(0, 2, 3)[pad]:-3], "base64:utf16")
    for form in (secret.hex(), secret.hex().upper()):
        found.setdefault(form.encode(), "hex")
    return found


def unpacked(name, dir_fd):
    """Yields (how, bytes) of what a compressed file holds."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOATIME | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=dir_fd)
    except OSError:
        return
    with os.fdopen(fd, "rb") as file:
        try:
            head = file.read(6)
            file.seek(0)
            if head.startswith(b"\x1f\x8b"):
                yield "gzip", gzip.GzipFile(fileobj=file).read(UNPACK_MOST)
            elif head.startswith(b"BZh"):
                yield "bzip2", bz2.BZ2File(file).read(UNPACK_MOST)
            elif head.startswith(b"\xfd7zXZ"):
                yield "xz", lzma.LZMAFile(file).read(UNPACK_MOST)
            elif head.startswith(b"PK\x03\x04"):
                with zipfile.ZipFile(io.BytesIO(file.read(UNPACK_MOST))) as archive:
                    for member in archive.infolist():
                        with archive.open(member) as inner:
                            yield "zip", inner.read(UNPACK_MOST)
        except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, ValueError,
                RuntimeError, NotImplementedError):
            return


def _grep(place, patterns):
    """Yields (file, offset, match) as grep -F finds them below a place."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join(patterns) + b"\n")
        file.flush()
        done = subprocess.run(
            ["grep", "-r", "-F", "-a", "-o", "-b", "-H", "-Z", "-D", "skip", "-f", file.name,
             "--", place], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
            env=dict(os.environ, LC_ALL="C"))
    rest = done.stdout
    at = 0
    while at < len(rest):
        # file NUL offset ':' match newline; a match never holds a newline
        nul = rest.index(b"\0", at)
        colon = rest.index(b":", nul)
        end = rest.index(b"\n", colon)
        yield rest[at:nul], int(rest[nul + 1:colon]), rest[colon + 1:end]
        at = end + 1


def search(root, secrets):
    by_form = {}
    for secret in secrets:
        assert len(secret) >= 6 and b"\n" not in secret
        for form, how in forms(secret).items():
            by_form.setdefault(form, []).append((secret, how))
    hits = collections.defaultdict(list)

    def add(match, path, offset, way=""):
        # -o gives the longest match at a place; shorter ones may lie inside.
        for form, owners in (((match, by_form[match]),) if match in by_form else
                             ((f, o) for f, o in by_form.items() if f in match)):
            for secret, how in owners:
                hits[secret].append(Hit(path, offset, way + how))

    prefix = len(os.fsencode(os.fspath(root)).rstrip(b"/"))
    for path, offset, match in _grep(os.fspath(root), by_form):
        add(match, path[prefix:], offset)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as inner:
        for way, path, offset, match in _unpack_all(root, inner, by_form):
            add(match, path, offset, way + ":")
        for way, path, offset, match in _find_labels(root, os.path.join(inner, "labels"), by_form):
            add(match, path, offset, way + ":")
    return dict(hits)


def _unpack_all(root, inner, by_form):
    """Unpacks what is compressed into files of one directory, then one search."""
    origin = {}
    for path, name, fd in tree.walk(root):
        info = os.stat(name, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISREG(info.st_mode) and 4 < info.st_size < UNPACK_MOST:
            for way, data in unpacked(name, fd):
                place = os.fsencode(os.path.join(inner, str(len(origin))))
                origin[place] = way, path
                with open(place, "wb") as file:
                    file.write(data)
    for place, offset, match in _grep(inner, by_form):
        way, path = origin[place]
        yield way, path, offset, match


def _find_labels(root, place, by_form):
    """All of them in one file, for one search."""
    starts, origin = [], []
    with open(place, "wb") as file:
        for way, path, data in _labels(root):
            starts.append(file.tell())
            origin.append((way, path))
            file.write(data + b"\n")
    for _, offset, match in _grep(place, by_form):
        label = bisect.bisect_right(starts, offset) - 1
        yield *origin[label], offset - starts[label], match


def _labels(root):
    """Yields (what, path, bytes) of all that is not content: names, attributes, links."""
    for path, name, fd in tree.walk(root):
        yield "name", path, name
        for key, value in tree.xattrs(name, fd).items():
            yield "xattr", path, key.encode() + b"=" + value
        if stat.S_ISLNK(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
            yield "link", path, os.readlink(name, dir_fd=fd)
