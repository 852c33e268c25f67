# SPDX-License-Identifier: MIT
"""A bare git repository with one pack, written byte by byte, so that it can hold
what git would never write. From git's gitformat-pack(5).

    repo = gitpack.Repository()
    blob = repo.add("blob", b"...")             # its name, 40 digits
    repo.delta(blob, result, ops, name)         # as an object called `name`
    repo.commit({"a.txt": blob})
    repo.write(folder)                          # HEAD, refs, objects
"""
import binascii
import bisect
import hashlib
import os
import struct
import zlib

from varint import varint

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
OFFSET_DELTA, NAME_DELTA = 6, 7


def name_of(kind, data):
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()


def made_up(text):
    """The name of an object that can not exist."""
    return hashlib.sha1(b"no object " + text.encode()).hexdigest()


def head(kind, size):
    """Kind and size in front of an object: four bits, then seven to the byte."""
    out, first = b"", kind << 4 | size & 15
    size >>= 4
    while size:
        out += bytes([first | 128])
        first, size = size & 127, size >> 7
    return out + bytes([first])


def packed(kind, data, base=b"", size=None):
    """An object; `base` says of what it is a delta."""
    return head(kind, len(data) if size is None else size) + base + zlib.compress(data)


def distance(value):
    """How far back the base of an offset delta lies; any number, true or not."""
    out = bytes([value & 127])
    while value > 127:
        value = (value >> 7) - 1
        out = bytes([value & 127 | 128]) + out
    return out


def copy(at, size):
    """All bytes of both numbers, needed or not."""
    return b"\xff" + struct.pack("<I", at) + struct.pack("<I", size)[:3]


def insert(data):
    assert 0 < len(data) < 128
    return bytes([len(data)]) + data


def delta(base_size, size, ops):
    return varint(base_size) + varint(size) + b"".join(ops)


def pack_of(count, objects):
    data = b"PACK" + struct.pack(">II", 2, count) + objects
    return data + hashlib.sha1(data).digest()


class Repository:
    def __init__(self):
        self.parts, self.names, self.at = [b""], {}, 12
        self.last = None

    def put(self, name, raw):
        """Bytes of an object as they shall stand in the pack; where that is."""
        where = self.at
        self.names[name] = where, binascii.crc32(raw)
        self.parts.append(raw)
        self.at += len(raw)
        return where

    def add(self, kind, data, name=None, size=None):
        """`name` and `size` only where they shall be lies."""
        name = name or name_of(kind, data)
        if name not in self.names:
            self.put(name, packed(KINDS[kind], data, size=size))
        return name

    def delta(self, base, data, name, back=None):
        """Over the object called `base`, or over what stands `back` bytes before."""
        to = bytes.fromhex(base) if back is None else distance(back)
        kind = NAME_DELTA if back is None else OFFSET_DELTA
        self.put(name, packed(kind, data, to))
        return name

    def tree(self, entries, name=None):
        """{name: blob, or (tree,)}"""
        out = b""
        for entry, target in sorted(entries.items()):
            folder = isinstance(target, tuple)
            out += b"%s %s\0" % (b"40000" if folder else b"100644", entry.encode())
            out += bytes.fromhex(target[0] if folder else target)
        return self.add("tree", out, name)

    def commit(self, entries, parents=None, name=None):
        """With the last one as its parent; a tree's name stands for itself."""
        tree = entries if isinstance(entries, str) else self.tree(entries)
        parents = ([self.last] if self.last else []) if parents is None else parents
        who = "a <a@example.invalid> 1700000000 +0000"
        text = "tree %s\n%sauthor %s\ncommitter %s\n\nmore\n" % (
            tree, "".join("parent %s\n" % p for p in parents), who, who)
        self.last = self.add("commit", text.encode(), name)
        return self.last

    def pack(self):
        return pack_of(len(self.names), b"".join(self.parts))

    def index(self, pack):
        names = sorted(self.names)
        out = b"\xfftOc" + struct.pack(">I", 2)
        for first in range(256):
            out += struct.pack(">I", bisect.bisect_left(names, "%02x" % (first + 1) if first < 255 else "g"))
        out += b"".join(map(bytes.fromhex, names))
        out += b"".join(struct.pack(">I", self.names[name][1]) for name in names)
        out += b"".join(struct.pack(">I", self.names[name][0]) for name in names)
        out += pack[-20:]
        return out + hashlib.sha1(out).digest()

    def write(self, folder):
        pack = self.pack()
        name = "objects/pack/pack-" + pack[-20:].hex()
        for path, data in (("HEAD", b"ref: refs/heads/main\n"), ("refs/heads/main", self.last.encode() + b"\n"),
                           ("config", b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
                           (name + ".pack", pack), (name + ".idx", self.index(pack))):
            place = os.path.join(folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(data)
